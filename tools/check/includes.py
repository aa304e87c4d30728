#!/usr/bin/env python3
"""The include rule: which room may include which, and which room owns which dependency.

Scans the #include lines of src/ and include/; prints each violation and exits 1 if there is one.
"""
import pathlib
import re
import sys

ROOMS = {
    "core": set(),
    "io": {"core"},
    "tokenizer": {"core", "io"},
    "kernels": {"core"},
    "ops": {"core", "kernels", "model"},  # model/ops.h is the concept that they implement
    "model": {"core"},
    "infer": {"core", "io", "model", "ops"},
    "tasks": {"core", "io", "tokenizer", "infer"},
    "metrics": {"core", "tokenizer"},  # tokenizer/unicode.h: SQuAD's rule lowers and cuts as Python's str does
    "data": {"core", "io"},
    "wordvec": {"core", "io", "kernels", "metrics"},
    "corpus": {"core", "io", "tokenizer"},
    "report": {"core", "io"},
    # torch is loaded at run time: cli includes the headers of train that do not know it
    "cli": {"core", "io", "tokenizer", "infer", "tasks", "metrics", "data", "corpus", "wordvec", "report", "train"},
    "train": {"core", "io", "tokenizer", "kernels", "model", "ops", "infer", "metrics", "data", "corpus", "report"},
}
# Rooms that implement or use the public headers; core's errors are public.
PUBLIC_USERS = {"core", "tasks", "cli"}
# Dependencies that one room owns: a pattern of the header and the rooms that may include it.
OWNERS = [
    (r"(torch|ATen|c10)/", {"train"}),
    (r"hwy/", {"kernels"}),
    (r"simdjson", {"io"}),
    (r"zlib\.h", {"io"}),
    (r"pcre2", {"tokenizer"}),
    (r"sentencepiece", {"corpus"}),
    (r"omp\.h", {"core"}),
    (r"(sys|fcntl|unistd)\b", {"core", "io", "cli"}),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def check_room(room, quote, header):
    """What is wrong with an #include of `header` in src/ROOM, or None."""
    if header.startswith("berta/"):
        return None if room in PUBLIC_USERS else f"room {room} may not include public headers"
    if quote == '"':
        target = header.split("/")[0]
        if "/" not in header or target not in ROOMS:
            return f'"{header}" is not written as "room/file.h"'
        allowed = ROOMS[room] | {room}
        return None if target in allowed else f"room {room} may include {sorted(allowed)}, not {target}"
    for pattern, rooms in OWNERS:
        if re.match(pattern, header) and room not in rooms:
            return f"<{header}> belongs to {sorted(rooms)}"
    return None


def check_public(header):
    """Public headers show the standard library and each other, nothing else."""
    if header.startswith("berta/") or re.fullmatch(r"[a-z_]+", header):
        return None
    return f"public headers may include only the standard library and berta/, not {header}"


def violations(root):
    for path in sorted([*root.glob("src/**/*"), *root.glob("include/**/*")]):
        if path.suffix not in {".cc", ".h"}:
            continue
        parts = path.relative_to(root).parts
        if parts[0] == "src" and parts[1] not in ROOMS:
            yield f"{path}: src/{parts[1]} is not a room; add it to ROOMS with what it may include"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            quote, header = found.groups()
            wrong = check_public(header) if parts[0] == "include" else check_room(parts[1], quote, header)
            if wrong:
                yield f"{path.relative_to(root)}:{number}: {wrong}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    found = list(violations(root))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
