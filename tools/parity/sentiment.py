#!/usr/bin/env python3
"""Label every review of SST-2's dev part with `berta classify` and with transformers, and compare each label.

usage: sentiment.py --data sst2/dev.tsv.gz [--berta build/berta] [--model models/sentiment] [--max-length 128]

Data: lines of label (0 negative, 1 positive), tab, text. Exits 1 if one label differs.
"""

import argparse
import gzip
import sys

import command  # sets HF_HUB_OFFLINE before transformers is imported
import torch
from transformers import pipeline

NAMES = ["negative", "positive"]


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--berta", default="build/berta")
    parser.add_argument("--model", default="models/sentiment")
    parser.add_argument("--max-length", type=int, default=128)
    return parser.parse_args()


def main():
    """Compare labels and scores; print both accuracies."""
    arguments = parse()
    with gzip.open(arguments.data, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t", 1) for line in file]
    texts = [text for _, text in rows]
    right = [NAMES[int(label)] for label, _ in rows]
    ours = [result[0] for result in command.ask(arguments.berta, "classify", arguments.model, texts,
                                                "--max-length", str(arguments.max_length))]
    pipe = pipeline("text-classification", model=arguments.model, dtype=torch.float32, device="cpu")
    theirs = pipe(texts, truncation=True, max_length=arguments.max_length, batch_size=32)
    differing = [i for i, (a, b) in enumerate(zip(ours, theirs)) if a["label"] != b["label"]]
    worst = max(abs(a["score"] - b["score"]) for a, b in zip(ours, theirs))
    for name, results in (("berta", ours), ("transformers", theirs)):
        hits = sum(result["label"] == label for result, label in zip(results, right))
        print("%-12s %d of %d right (%.2f%%)" % (name, hits, len(rows), 100 * hits / len(rows)))
    print("%d labels differ; worst difference of scores %.2g" % (len(differing), worst))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
