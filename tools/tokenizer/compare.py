#!/usr/bin/env python3
"""Compares tokenize_lines with the reference library, line by line: ids, offsets and types must be equal.

    cmake --build build --target tokenize_lines
    python tools/tokenizer/compare.py --folder FOLDER --mode hf4 --data DATA --lines 200000

Run it with a Python that has the mode's library (oracle.py): hf5 needs an environment of its own. For every
tokenizer of zoo.py: `zoo.py ZOO; compare.py --mode json --folder ZOO/*`. --data is a folder with imdb/, eltec/, multi30k/, ... (gzip-compressed text); without it only made lines
are used. Speed: `tokenize_lines FOLDER MODE --bench FILE`.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import lines as line_makers  # noqa: E402
import oracle as oracles  # noqa: E402

BATCH = 20000


def run(program, folder, mode, items):
    text = "".join(json.dumps(item) + "\n" for item in items)
    done = subprocess.run([program, folder, mode], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode().split("\n") if line]


def equal(found, expected):
    if isinstance(expected, dict) and "error" in expected:
        return isinstance(found, dict) and "error" in found
    return found == expected


def report(items, found, expected, shown):
    bad = [i for i in range(len(items)) if not equal(found[i], expected[i])]
    for i in bad[:max(0, shown)]:
        print(f"DIFFERENT {items[i]!r:.400}\n  found    {found[i]!r:.600}\n  expected {expected[i]!r:.600}")
    return len(bad)


def check_texts(args, oracle, texts):
    total, bad, batch = 0, 0, []

    def flush():
        nonlocal total, bad
        items = [{"text": t} for t in batch]
        bad += report(items, run(args.program, args.folder, args.mode, items), oracle.batch(batch), args.show - bad)
        total += len(batch)
        batch.clear()

    for text in texts:
        batch.append(text)
        if len(batch) == BATCH:
            flush()
    if batch:
        flush()
    return total, bad


def option_items(texts, mode, r):
    """Pairs, truncation, windows and decoding on a sample of texts."""
    others = [t for t in texts if t]  # `transformers` takes an empty second text as none
    for text in texts:
        other = r.choice(others)
        if mode != "spm":
            yield {"text": text, "pair": other}
            yield {"text": text, "specials": False}
            how = r.choice(["longest_first", "head", "tail", "only_first", "only_second"])
            pair = {"pair": other} if how == "only_second" or r.random() < 0.6 else {}
            yield {"text": text, "max_length": r.randrange(4, 60), "truncation": how, **pair}
            yield {"text": text, "max_length": r.choice([8, 16, 32]), "stride": r.randrange(0, 5)}
            yield {"text": text[:20], "pair": other, "max_length": 40, "stride": r.randrange(0, 5)}


def decode_items(encodings, size, mode, r):
    for encoding in encodings:
        yield {"ids": encoding["ids"], "skip": r.random() < 0.5}
        yield {"ids": [r.randrange(size + (0 if mode == "spm" else 40)) for _ in range(r.randrange(12))],
               "skip": r.random() < 0.5}


def check_items(args, oracle, items):
    found = run(args.program, args.folder, args.mode, items)
    expected = [oracle.answer(item) for item in items]
    return len(items), report(items, found, expected, args.show)


def compare(args):
    """Number of inputs of one folder that differ."""
    oracle = oracles.make_oracle(args.mode, args.folder)
    counts = {}
    if args.data:
        counts["real"] = check_texts(args, oracle, line_makers.real_lines(args.data, args.lines))
    counts["made"] = check_texts(args, oracle, line_makers.made_lines(args.lines, args.seed))
    r = random.Random(args.seed)
    texts = [t for t in line_makers.made_lines(args.options, args.seed + 1)]
    if args.data:
        texts += [t[:600] for t in line_makers.real_lines(args.data, args.options)]
    counts["options"] = check_items(args, oracle, list(option_items(texts, args.mode, r)))
    size = oracle.library.get_piece_size() if args.mode == "spm" else len(oracle.tokenizer)
    encodings = oracle.batch(texts)
    counts["decode"] = check_items(args, oracle, list(decode_items(encodings, size, args.mode, r)))
    failed = sum(bad for _, bad in counts.values())
    print(args.mode, args.folder, " ".join(f"{k}: {n} lines, {bad} different;" for k, (n, bad) in counts.items()))
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True, nargs="+")
    parser.add_argument("--mode", required=True, choices=list(oracles.VERSIONS))
    parser.add_argument("--data")
    parser.add_argument("--lines", type=int, default=20000, help="real lines and, again, made lines")
    parser.add_argument("--options", type=int, default=1000, help="texts for pairs, truncation, windows, decode")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--program", default="build/tools/tokenizer/tokenize_lines")
    args = parser.parse_args()
    failed = 0
    for folder in args.folder:
        args.folder = folder
        failed += compare(args)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
