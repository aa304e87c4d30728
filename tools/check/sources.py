#!/usr/bin/env python3
"""Checks of the sources that no compiler makes: ASCII, lengths, and a few habits.

Prints each finding and exits 1 if there is one.
"""
import pathlib
import re
import subprocess
import sys

MAX_FILE = 400
MAX_FUNCTION = 45  # lines of code in the body; blank lines and comments are free
CPP = {".cc", ".h"}
TEXT = CPP | {".py", ".sh", ".cmake", ".txt", ".yml"}
FOLDERS = ("src/", "include/", "tests/", "fuzz/", "bench/", "tools/", "cmake/", "examples/", ".ci/")
NOT_A_FUNCTION = re.compile(
    r"^(if|else|for|while|switch|do|try|catch|namespace|class|struct|enum|union|extern|return|}|\[|#|//)")
HABITS = [
    (re.compile(r"^\s*rc::check\("), CPP, "rc::check only returns its verdict: write EXPECT_TRUE(rc::check(...))"),
    (re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b"), TEXT, "unfinished work belongs in an issue"),
    (re.compile(r"^using namespace "), {".h"}, "no `using namespace` in headers"),
    (re.compile(r"\b(std::exit|std::abort|std::terminate|exit|abort)\("), {".h", ".cc"}, "throw, never exit"),
    (re.compile(r"\bstd::(cout|cerr|clog)\b|\bprintf\("), {".h", ".cc"}, "library code prints nothing"),
]
# Habits that programs, unlike the library, may have.
PROGRAMS = ("src/cli/", "tests/", "fuzz/", "bench/", "tools/", "examples/")
LIBRARY_ONLY = {"throw, never exit", "library code prints nothing"}


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=root, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        path = root / name
        if name.startswith(FOLDERS) or "/" not in name:
            if path.suffix in TEXT or path.name in {"Makefile", "run"}:
                if path.is_file() and not name.startswith("tests/data/"):
                    yield name, path


def function_lengths(lines):
    """(line number, body lines) of each function, by layout: a header that ends in `{`, then the next `}` at
    the header's own indentation."""
    for start, line in enumerate(lines):
        text = line.strip()
        if not text.endswith("{") or text.endswith("= {") or NOT_A_FUNCTION.match(text):
            continue
        first = start
        while first > 0 and not re.search(r"([;{}:]|^\s*(//|#).*)$|^\s*$", lines[first - 1]):
            first -= 1
        header = " ".join(lines[first:start + 1])
        indent = re.match(r" *", lines[first]).group()
        if "(" not in header or NOT_A_FUNCTION.match(header.strip()):
            continue
        body = 0
        for later in lines[start + 1:]:
            if later.startswith(indent + "}"):
                yield first + 1, body
                break
            body += bool(later.strip()) and not later.strip().startswith("//")


def findings(name, path):
    data = path.read_bytes()
    for number, raw in enumerate(data.split(b"\n"), 1):
        if not raw.isascii():
            yield f"{name}:{number}: not ASCII"
    lines = data.decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        for pattern, suffixes, message in HABITS:
            if path.suffix in suffixes and pattern.search(line):
                if not (message in LIBRARY_ONLY and name.startswith(PROGRAMS)):
                    yield f"{name}:{number}: {message}"
    if path.suffix in CPP:
        if len(lines) > MAX_FILE:
            yield f"{name}: {len(lines)} lines, at most {MAX_FILE}"
        # "-inl.h": Highway compiles them once per instruction set, with a guard that toggles.
        if path.suffix == ".h" and not path.name.endswith("-inl.h") and "#pragma once" not in lines:
            yield f"{name}: no #pragma once"
        for number, length in function_lengths(lines):
            if length > MAX_FUNCTION:
                yield f"{name}:{number}: a function of {length} lines, at most {MAX_FUNCTION}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    found = [finding for name, path in tracked(root) for finding in findings(name, path)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
