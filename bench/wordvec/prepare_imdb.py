#!/usr/bin/env python3
"""The corpus of the word-vector benchmarks: the 100,000 reviews of IMDB, one a line, in lower case, tokens joined by blanks.

usage: prepare_imdb.py DATA WORK

DATA holds train.tsv.gz and test.tsv.gz (label<TAB>text, first a head line) and unlabelled.txt.gz (a review a line).
Writes WORK/corpus.txt (23.39 M tokens, 127 MB), WORK/small.txt (its first 600 lines), and at last WORK/corpus.json, what
is in the two. Does nothing where that is there.
"""

import gzip
import hashlib
import json
import pathlib
import re
import sys

TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+")
PARTS = ("train.tsv.gz", "test.tsv.gz", "unlabelled.txt.gz")
SMALL = 600  # lines


def texts(path):
    """The reviews of one file."""
    labelled = ".tsv" in path.name
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file):
            if not labelled:
                yield line
            elif number > 0:
                yield line.split("\t", 1)[1]


class Corpus:
    """A file of documents, and what is in it."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "w", encoding="ascii", newline="\n")
        self.hash = hashlib.sha256()
        self.documents = self.tokens = self.bytes = 0

    def add(self, tokens):
        """One document."""
        line = " ".join(tokens) + "\n"
        self.file.write(line)
        self.hash.update(line.encode())
        self.documents += 1
        self.tokens += len(tokens)
        self.bytes += len(line)

    def close(self):
        """Facts of the whole."""
        self.file.close()
        return {"file": self.path.name, "documents": self.documents, "tokens": self.tokens, "bytes": self.bytes,
                "sha256": self.hash.hexdigest()}


def prepare(data, work):
    """Write both files."""
    whole, small = Corpus(work / "corpus.txt"), Corpus(work / "small.txt")
    for part in PARTS:
        for text in texts(data / part):
            tokens = TOKEN.findall(text.lower())
            if tokens:
                whole.add(tokens)
            if tokens and small.documents < SMALL:
                small.add(tokens)
    facts = {"corpus": whole.close(), "small": small.close()}
    (work / "corpus.json").write_text(json.dumps(facts, indent=1) + "\n")
    return facts


def main():
    """Read, write."""
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    data, work = map(pathlib.Path, sys.argv[1:])
    if (work / "corpus.json").exists():
        return
    missing = [part for part in PARTS if not (data / part).exists()]
    if missing:
        raise SystemExit("not in %s: %s" % (data, ", ".join(missing)))
    work.mkdir(parents=True, exist_ok=True)
    corpus = prepare(data, work)["corpus"]
    print("corpus: %(documents)d documents, %(tokens)d tokens, %(bytes)d bytes" % corpus)


if __name__ == "__main__":
    main()
