#!/usr/bin/env python3
"""Compares our safetensors reader with the official library over mutated files.

Both must accept or refuse alike, and see the same tensors. The differences that we mean to have are those that
`reason()` names; all make us stricter. Needs: pip install safetensors. Prints one line; status 1 on a disagreement.
Usage: python3 tools/corpus/compare_safetensors.py [--count 40000] [--seed 1] [--judge build/tests/corpus_judge]
"""
import argparse
import collections
import json
import random
import re
import struct
import subprocess

import safetensors

import cases_pass
import cases_safetensors
from containers import entry

NUMBERS = ["0", "1", "2", "3", "4", "7", "8", "12", "16", "-1", "-0", "1.0", "0.5", "1e2", "4e0", "255", "65536", "4294967295",
           "4294967296", "4611686018427387904", "9223372036854775807", "9223372036854775808",
           "18446744073709551615", "18446744073709551616", "1e400", "null", "true", '"4"', "[]", "{}", "[1]"]
WORDS = ['"dtype"', '"shape"', '"data_offsets"', '"__metadata__"', '"F32"', '"BOOL"', '"F4"', '"F8_E4M3"', '"a"', '""',
         '"\\u0061"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\udc00x"', "null", "{}", "[]", ",", ":", " ", "\n", "NaN", "//",
         "\x00", "\x1f", "\ufeff"]
DTYPES = ["F64", "F32", "F16", "BF16", "I64", "I8", "U8", "BOOL", "U16", "C64", "F8_E5M2", "F6_E3M2", "F4", "X", "f32"]


def seeds():
    files = [content for content, _ in cases_pass.SAFETENSORS.values()]
    files += [content for content, _ in cases_safetensors.CASES.values() if len(content) < 1000]
    many = {f"t{i}": entry([2, 3], 24 * i, 24 * i + 24) for i in range(6)}
    header = json.dumps({"__metadata__": {"format": "pt", "x": "\u00e9"}} | many).encode()
    files.append(struct.pack("<Q", len(header)) + header + bytes(144))
    return files


def split(content):
    length = struct.unpack("<Q", content[:8])[0] if len(content) >= 8 else 0
    return content[8 : 8 + length], content[8 + length :]


def mutate_bytes(rng, header):
    data = bytearray(header)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = rng.choice([rng.randrange(256), data[at] ^ (1 << rng.randrange(8))])
        elif kind == 1:
            data[at:at] = rng.choice(WORDS).encode()
        elif kind == 2:
            del data[at : at + rng.choice([1, 1, 2, 5, 20])]
        else:
            start = rng.randrange(len(data) + 1)
            data[at:at] = data[start : start + rng.randrange(40)]
    return bytes(data)


def mutate_token(rng, header):
    text = header.decode("utf-8", "surrogateescape")
    kind = rng.randrange(3)
    pattern, choices = [(r"-?\d+", NUMBERS), (r'"[^"]*"', WORDS + [f'"{t}"' for t in DTYPES]), (r"[\[\]{},:]", list("[]{},: "))][kind]
    places = list(re.finditer(pattern, text))
    if places:
        place = rng.choice(places)
        text = text[: place.start()] + rng.choice(choices) + text[place.end() :]
    return text.encode("utf-8", "surrogateescape")


def mutate_structure(rng, header):
    """Makes a new header of consistent or nearly consistent tensors."""
    del header
    position, tensors = 0, []
    for i in range(rng.randrange(5)):
        dtype = rng.choice(DTYPES)
        shape = [rng.choice([0, 1, 1, 2, 3, 8]) for _ in range(rng.randrange(4))]
        bits = {"6": 64, "3": 32, "1": 16, "8": 8}.get(re.sub(r"\D", "", dtype)[:1] or "8", 8)
        if dtype.startswith("F6_"):
            bits = 6
        if dtype == "F4":
            bits = 4
        size = bits
        for extent in shape:
            size *= extent
        end = position + size // 8 + rng.choice([0] * 12 + [1, -1])
        tensors.append((rng.choice(["a", "b", f"t{i}", f"t{i}", f"t{i}"]), entry(shape, position, end, dtype)))
        position = end
    rng.shuffle(tensors)
    return ("{" + ",".join(f'"{k}":{json.dumps(v)}' for k, v in tensors) + "}").encode(), bytes(max(position, 0))


def make_case(rng, files):
    header, payload = split(rng.choice(files))
    kind = rng.randrange(10)
    if kind < 4:
        header = mutate_bytes(rng, header)
    elif kind < 8:
        for _ in range(rng.choice([1, 1, 2, 3])):
            header = mutate_token(rng, header)
    else:
        header, payload = mutate_structure(rng, header)
    length = len(header) + (0 if rng.random() < 0.95 else rng.choice([1, -1, 8, 2**63, 100_000_001 - len(header)]))
    if rng.random() < 0.05:
        payload += b"\0"
    return struct.pack("<Q", max(length, 0)) + header + payload


def official(content):
    try:
        return sorted((n, t["dtype"], t["shape"], bytes(t["data"]).hex()) for n, t in safetensors.deserialize(content))
    except safetensors.SafetensorError:
        return None


class Twice(Exception):
    pass


def no_twice(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise Twice
    return dict(pairs)


def large(shape):
    product = 1
    for extent in shape:
        product *= extent
        if product > 2**63 - 1 or extent > 2**63 - 1:
            return True
    return False


def reason(content):
    """Why we refuse what the official library takes; None where there is no good reason."""
    header, _ = split(content)
    if not header.startswith(b"{"):
        return "blanks before the header (the format says that it begins with '{')"
    try:
        parsed = json.loads(header, object_pairs_hook=no_twice)
    except Twice:
        return "a key twice (the format forbids it)"
    for key, info in parsed.items():
        if key == "__metadata__":
            continue
        if isinstance(info, list) or not isinstance(info["dtype"], str):
            return "an entry in serde's other spellings, which no writer uses"
        if large(info["shape"]) or max(info["data_offsets"]) > 2**63 - 1:
            return "sizes beyond 2^63-1"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--judge", default="build/tests/corpus_judge")
    options = parser.parse_args()
    rng, files = random.Random(options.seed), seeds()
    cases = files + [make_case(rng, files) for _ in range(options.count)]
    stream = b"".join(struct.pack("<I", len(case)) + case for case in cases)
    lines = subprocess.run([options.judge, "--safetensors"], input=stream, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    assert len(lines) == len(cases)
    accepted, stricter, wrong = 0, collections.Counter(), 0
    for case, line in zip(cases, lines):
        answer = json.loads(line)
        ours = sorted(tuple(t) for t in answer["tensors"]) if "tensors" in answer else None
        theirs = official(case)
        accepted += theirs is not None
        if ours == theirs:
            continue
        why = reason(case) if ours is None else None
        if why:
            stricter[why] += 1
        else:
            wrong += 1
            print("DISAGREE", case, "official:", theirs, "ours:", answer)
    print(f"safetensors {safetensors.__version__}: cases {len(cases)}, accepted by it {accepted}, disagreements {wrong}, stricter "
          f"on purpose {dict(stricter)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
