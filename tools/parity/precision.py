#!/usr/bin/env python3
"""Count the decisions that bf16 and int8 change: the best label of each text, against f32.

usage: precision.py --data FILE... [--limit N] [--model models/sentiment] [--berta build/berta]

Data: lines of label, tab, text (a first line "label<TAB>text" is a header); .gz is read. --limit: texts of each
file. Exits 1 if bf16 changes more than 0.2% of the decisions, or int8 more than 1%.
"""

import argparse
import gzip
import sys

import command

BOUNDS = {"bf16": 0.002, "int8": 0.01}


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, nargs="+")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--berta", default="build/berta")
    parser.add_argument("--model", default="models/sentiment")
    parser.add_argument("--max-length", default="512")
    return parser.parse_args()


def read(path, limit):
    """The texts of a table."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        texts = [line.rstrip("\n").split("\t", 1)[1] for line in file]
    return texts[texts[:1] == ["text"]:][:limit]


def logits(arguments, texts, dtype):
    """Of each text, label -> logit."""
    results = command.ask(arguments.berta, "classify", arguments.model, texts, "--dtype", dtype, "--top-k", "0",
                          "--function", "none", "--max-length", arguments.max_length)
    return [{label["label"]: label["score"] for label in result} for result in results]


def best(scores):
    """The label with the largest logit."""
    return max(scores, key=scores.get)


def main():
    """Compare each type with f32 and print what differs."""
    arguments = parse()
    texts = [text for path in arguments.data for text in read(path, arguments.limit)]
    exact = logits(arguments, texts, "f32")
    failed = False
    for dtype, bound in BOUNDS.items():
        found = logits(arguments, texts, dtype)
        changed = sum(best(a) != best(b) for a, b in zip(exact, found))
        differences = sorted(abs(a[label] - b[label]) for a, b in zip(exact, found) for label in a)
        print("%-5s %d of %d decisions changed (%.2f%%, at most %.1f%%); logits differ by %.4f at the median, %.3f at most"
              % (dtype, changed, len(texts), 100 * changed / len(texts), 100 * bound,
                 differences[len(differences) // 2], differences[-1]))
        failed |= changed > bound * len(texts)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
