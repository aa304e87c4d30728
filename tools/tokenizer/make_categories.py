#!/usr/bin/env python3
"""Writes categories_data.inc and scripts_data.inc: the general category of each code point, and the ranges of
common scripts, as the regular expressions of `tokenizers` 0.22.2 see them (Unicode 16.0), asked of the library itself.

Usage: make_categories.py src/tokenizer    (needs tokenizers==0.22.2)
"""
import pathlib
import sys
import textwrap

from tokenizers import Regex, pre_tokenizers

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs".split()
SCRIPTS = ("Arabic Armenian Bengali Bopomofo Common Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han "
           "Hangul Hebrew Hiragana Kannada Katakana Khmer Lao Latin Malayalam Mongolian Myanmar Sinhala Tamil Telugu Thai "
           "Tibetan").split()
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, CODE_POINTS))


def matched(pattern):
    """Code points that the regular expression matches."""
    rest = set(CODE_POINTS)
    for _, (begin, end) in pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str(TEXT):
        rest.difference_update(CODE_POINTS[begin:end])
    return rest


def ranges(code_points):
    """C++ pairs of the first and last of each run."""
    runs = []
    for c in sorted(code_points):
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return ", ".join(f"{{{begin}, {end}}}" for begin, end in runs)


def main():
    value = [CATEGORIES.index("Cs")] * 0x110000
    for index, name in enumerate(CATEGORIES[:-1]):
        for c in matched(r"\p{%s}" % name):
            value[c] = index
    runs = []
    for v in value:
        if runs and runs[-1][0] == v:
            runs[-1][1] += 1
        else:
            runs.append([v, 1])
    head = "// Written by tools/tokenizer/make_categories.py; do not edit.\n// clang-format off\n"
    numbers = ", ".join(str(length * 32 + v) for v, length in runs)
    folder = pathlib.Path(sys.argv[1])
    (folder / "categories_data.inc").write_text(head + textwrap.fill(numbers, 108) + "\n")
    scripts = ['{"%s", {%s}},' % (name.lower(), ranges(matched(r"\p{%s}" % name))) for name in SCRIPTS]
    (folder / "scripts_data.inc").write_text(head + "\n".join(textwrap.fill(s, 108) for s in scripts) + "\n")


if __name__ == "__main__":
    main()
