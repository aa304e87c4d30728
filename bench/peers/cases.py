"""What is run: fixed lengths, and the lengths of real texts with random ids."""

import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
FIXED = ("1x16", "1x32", "1x64", "1x128", "1x256", "1x512", "1x2048", "8x32", "8x128")
REAL = tuple(sorted(path.stem for path in (HERE / "lengths").glob("*.txt")))
PADDED = 16  # sequences in a padded batch
PACKED = 2048  # tokens in a packed batch: Berta's default
SPECIAL = 3  # ids below are special tokens


def draw(length, vocabulary, rng):
    """Random ids between [CLS] (1) and [SEP] (2)."""
    return [1] + [rng.randrange(SPECIAL, vocabulary) for _ in range(max(0, length - 2))] + [2]


class Case:
    """Sequences, and the batches in which an engine takes them."""

    def __init__(self, name, vocabulary, tokens=0):
        self.name = name
        self.real = name in REAL
        rng = random.Random(name)
        self.sequences = [draw(length, vocabulary, rng) for length in lengths_of(name, tokens)]
        self.tokens = sum(map(len, self.sequences))

    def variants(self, engine):
        """Name -> batches; the driver keeps an engine's fastest."""
        if not self.real:
            return {"": [self.sequences]}
        ordered = sorted(self.sequences, key=len, reverse=True)
        if engine.startswith("berta"):
            return {"packed": packed(ordered)}
        return {"padded": [ordered[at:at + PADDED] for at in range(0, len(ordered), PADDED)],
                "single": [[sequence] for sequence in ordered]}


def lengths_of(name, tokens):
    """Lengths of a case's sequences. Of a real distribution: about `tokens` in all (0: the whole), in a multiple of
    PADDED sequences, evenly out of the sorted ones."""
    if name not in REAL:
        batch, length = map(int, name.split("x"))
        return [length] * batch
    lines = (HERE / "lengths" / (name + ".txt")).read_text().splitlines()
    lengths = sorted(int(word) for line in lines if not line.startswith("#") for word in line.split())
    count = PADDED * max(1, round(tokens * len(lengths) / sum(lengths) / PADDED))
    if not tokens or count >= len(lengths):
        return lengths
    return [lengths[(2 * i + 1) * len(lengths) // (2 * count)] for i in range(count)]


def packed(ordered):
    """Batches of at most PACKED tokens."""
    batches, room = [], 0
    for sequence in ordered:
        if len(sequence) > room:
            batches.append([])
            room = PACKED
        batches[-1].append(sequence)
        room -= len(sequence)
    return batches
