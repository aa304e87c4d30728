#!/usr/bin/env python3
"""Goldens of masking: histograms of what Microsoft's own NGramMaskGenerator (microsoft/DeBERTa 4d7fe0b) marks.

Its class is taken out of a checkout's DeBERTa/apps/tasks/mlm_task.py and run over sequences that the test makes
by the same formula. Usage: make_masking_goldens.py CHECKOUT > tests/goldens/corpus/masking.json
"""
import argparse
import ast
import json
import math
import pathlib
import random
from bisect import bisect

import numpy as np

SOURCE = "microsoft/DeBERTa 4d7fe0b"
SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
PIECES = 1000  # with the specials; [MASK] comes behind
LENGTH = 128
SEQUENCES = 20000
REPEATS = 4  # each sequence, with other random numbers
CASES = {
    "mlm": dict(max_gram=3),
    "mlm_unigram": dict(max_gram=1),
    "mlm_capped": dict(max_gram=3, max_seq_len=50),
    "rtd": dict(max_gram=1, keep_prob=0, mask_prob=1),
}


class Tokenizer:
    """A vocabulary in which each third piece continues a word."""

    def __init__(self):
        names = SPECIALS + [("" if i % 3 == 0 else "\u2581") + f"p{i}" for i in range(len(SPECIALS), PIECES)]
        self.vocab = {name: i for i, name in enumerate(names + ["[MASK]"])}
        self.names = list(self.vocab)

    def part_of_whole_word(self, token):
        return token not in SPECIALS and not token.startswith("\u2581")


def mixed(number):
    """32 bits that look random; the test has the same."""
    x = (number + 1) * 2654435761 % 2**32
    x = (x ^ x >> 15) * 2246822519 % 2**32
    return x ^ x >> 13


def sequence(tokenizer, index):
    tokens = ["[CLS]"]
    for place in range(LENGTH - 2):
        drawn = mixed(index * (LENGTH - 2) + place)
        tokens.append("[UNK]" if drawn % 97 == 0 else tokenizer.names[len(SPECIALS) + drawn % (PIECES - 4)])
    return tokens + ["[SEP]"]


def load_generator(checkout):
    """The class alone: the module around it imports a whole training stack."""
    path = pathlib.Path(checkout) / "DeBERTa/apps/tasks/mlm_task.py"
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "NGramMaskGenerator"]
    scope = {"np": np, "math": math, "bisect": bisect}
    exec(compile(tree, str(path), "exec"), scope)
    return scope["NGramMaskGenerator"]


def add(histogram, key, count=1):
    histogram[key] = histogram.get(key, 0) + count


def runs(tokenizer, tokens, predicted, by_word):
    """Lengths in units of the runs of units that are predicted."""
    length, started = 0, False
    for token, hit in zip(tokens, predicted):
        if token in SPECIALS:
            continue
        if started and by_word and tokenizer.part_of_whole_word(token):
            continue
        started = True
        if hit:
            length += 1
        elif length:
            yield length
            length = 0
    if length:
        yield length


def histograms(generator, tokenizer):
    out = {"runs": {}, "predicted": {}, "kinds": {}, "first": {}, "last": {}}
    for seed in range(REPEATS * SEQUENCES):
        tokens = sequence(tokenizer, seed % SEQUENCES)
        corrupted, labels = generator.mask_tokens(list(tokens), random.Random(seed))
        predicted = [label != 0 for label in labels]
        for length in runs(tokenizer, tokens, predicted, generator.max_gram > 1):
            add(out["runs"], length)
        add(out["predicted"], sum(predicted))
        places = [place for place, hit in enumerate(predicted) if hit]
        add(out["first"], places[0])
        add(out["last"], places[-1] // 4)
        for old, new, hit in zip(tokens, corrupted, predicted):
            if hit:
                add(out["kinds"], "masked" if new == "[MASK]" else "kept" if new == old else "random")
    return {name: {str(key): histogram[key] for key in sorted(histogram)} for name, histogram in out.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout")
    checkout = parser.parse_args().checkout
    tokenizer = Tokenizer()
    generator = load_generator(checkout)
    goldens = {"source": SOURCE, "sequences": SEQUENCES, "length": LENGTH, "pieces": PIECES}
    goldens["cases"] = {name: histograms(generator(tokenizer, **options), tokenizer)
                        for name, options in CASES.items()}
    print(json.dumps(goldens, indent=1))


if __name__ == "__main__":
    main()
