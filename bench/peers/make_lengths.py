#!/usr/bin/env python3
"""Write lengths/NAME.txt: how many tokens real texts have, specials included.

usage: make_lengths.py --tokenizer FOLDER --data FOLDER

The tokenizer is DeBERTa-v3's. Data, as in a folder of public sets: sst2/dev.tsv.gz (label, tab, sentence),
snli/test.tsv.gz (premise, hypothesis; a head line) and squad2.0/*.json.gz in the official form. The texts are not part of
the project; the numbers are.
"""

import argparse
import gzip
import json
import pathlib
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
PAIRS = 1000
PASSAGES = 400


def lines(path):
    """Fields of the lines of a compressed table."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def passages(path):
    """The paragraphs of a SQuAD file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    return [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]


def write(name, what, sequences):
    """One file of lengths, in the order of the texts."""
    numbers = " ".join(str(len(ids)) for ids in sequences)
    head = "# Tokens (DeBERTa-v3 tokenizer, specials included) of %s.\n" % what
    (HERE / "lengths" / (name + ".txt")).write_text(head + textwrap.fill(numbers, 118) + "\n")


def main():
    """Tokenise and count."""
    from transformers import AutoTokenizer
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(arguments.tokenizer, use_fast=True)
    (HERE / "lengths").mkdir(exist_ok=True)
    sentences = [row[1] for row in lines(arguments.data / "sst2" / "dev.tsv.gz")]
    write("sst2", "the sentences of SST-2's development part (Socher et al. 2013)", tokenizer(sentences)["input_ids"])
    pairs = [row[:2] for row in lines(arguments.data / "snli" / "test.tsv.gz")[1:PAIRS + 1]]
    write("snli", "the first 1,000 pairs of SNLI's test part (Bowman et al. 2015, CC BY-SA 4.0)",
          tokenizer([a for a, _ in pairs], [b for _, b in pairs])["input_ids"])
    texts = passages(next((arguments.data / "squad2.0").glob("*.json.gz")))
    step = max(1, len(texts) // PASSAGES)
    write("squad", "400 passages of SQuAD 2.0, spread over the file (Rajpurkar et al. 2018, CC BY-SA 4.0)",
          tokenizer(texts[::step][:PASSAGES])["input_ids"])


if __name__ == "__main__":
    main()
