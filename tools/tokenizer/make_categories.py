#!/usr/bin/env python3
"""Writes src/tokenizer/categories_data.inc: the general category of each code point as the regular expressions
of `tokenizers` 0.22.2 see it (Unicode 16.0), asked of the library itself.

Usage: make_categories.py > src/tokenizer/categories_data.inc    (needs tokenizers==0.22.2)
"""
import textwrap

from tokenizers import Regex, pre_tokenizers

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs".split()
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, CODE_POINTS))


def matched(pattern):
    """Code points that the regular expression matches."""
    rest = set(CODE_POINTS)
    for _, (begin, end) in pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str(TEXT):
        rest.difference_update(CODE_POINTS[begin:end])
    return rest


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
    numbers = ", ".join(str(length * 32 + v) for v, length in runs)
    print("// Written by tools/tokenizer/make_categories.py; do not edit.\n// clang-format off")
    print(textwrap.fill(numbers, 108))


if __name__ == "__main__":
    main()
