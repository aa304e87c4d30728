#!/usr/bin/env python3
"""What models/sentiment is fine-tuned on, without any sentence that it is judged by.

MR and SST-2 are cut from the same reviews: of the 1,821 sentences of SST-2's dev part 1,093 stand in MR's train part, written
slightly otherwise. A training sentence whose letters and digits are those of a dev sentence of SST-2 or of
models/demo/reviews.tsv is left out.

Usage: tools/train/sentiment_data.py DATA OUTPUT     DATA: a folder with sst2, mr and imdb
Writes OUTPUT/{sentences,reviews}.tsv as label<TAB>text, and with a header and the labels' names, as `berta classify` counts them,
dev.tsv and clean.tsv: the dev part of SST-2, and those of its sentences that MR's train part lacks.
"""
import gzip
import pathlib
import re
import sys


def rows(path):
    """(label, text) of a packed or plain TSV; a header has no label."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            label, _, text = line.rstrip("\n").partition("\t")
            if label in {"0", "1", "negative", "positive"}:
                yield {"negative": "0", "positive": "1"}.get(label, label), text


def letters(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def write(path, pairs):
    path.write_text("".join(f"{label}\t{text}\n" for label, text in pairs), encoding="utf-8")
    print(f"{path.name}: {len(pairs)} rows")


def write_judged(path, pairs):
    names = {"0": "negative", "1": "positive"}
    write(path, [("label", "text"), *((names[label], text) for label, text in pairs)])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data, output = map(pathlib.Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    root = pathlib.Path(__file__).resolve().parents[2]
    dev = list(rows(data / "sst2/dev.tsv.gz"))
    judged = {letters(text) for source in (dev, rows(root / "models/demo/reviews.tsv")) for _, text in source}
    mr = list(rows(data / "mr/train.tsv.gz"))
    sentences = [*rows(data / "sst2/train.tsv.gz"), *mr]
    kept = {letters(text): (label, text) for label, text in sentences if letters(text) not in judged}
    print(f"left out: {sum(letters(text) in judged for _, text in sentences)} rows; the same sentence twice counts once")
    write(output / "sentences.tsv", list(kept.values()))
    write(output / "reviews.tsv", list(rows(data / "imdb/train.tsv.gz")))
    write_judged(output / "dev.tsv", dev)
    in_mr = {letters(text) for _, text in mr}
    write_judged(output / "clean.tsv", [(label, text) for label, text in dev if letters(text) not in in_mr])


main()
