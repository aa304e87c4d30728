"""How far each engine's logits are from those of PyTorch in f32, and how many decisions differ."""

import gzip
import pathlib

import cases
import rounds

REFERENCE = "torch-f32"
LENGTHS = (16, 32, 64, 128, 256, 512)
REAL = "snli"
TOKENS = 2048


def sample(vocabulary):
    """Sequences of fixed and of real lengths, each a batch of its own."""
    rng = cases.random.Random("quality")
    fixed = [cases.draw(length, vocabulary, rng) for length in LENGTHS]
    return [[sequence] for sequence in fixed + cases.Case(REAL, vocabulary, TOKENS).sequences]


def read_texts(path):
    """Texts of lines `label<TAB>text`, compressed or not; a head line is skipped."""
    path = pathlib.Path(path)
    open_it = gzip.open if path.suffix == ".gz" else open
    with open_it(path, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t", 1) for line in file]
    return [row[1] for row in rows if len(row) == 2 and row[0] != "label"]


def compare(names, plan, request, tokenizer=None):
    """One row an engine: the largest difference of logits, and how many sequences get another label."""
    logits = {}
    for name in dict.fromkeys([REFERENCE, *names]):
        worker, = rounds.start([name], plan, 2, tokenizer)
        logits[name] = worker.ask({**request, "logits": True})["logits"]
        worker.close()
    right = logits[REFERENCE]
    spread = max(abs(value) for row in right for value in row)
    rows = []
    for name in names:
        pairs = list(zip(right, logits[name]))
        worst = max(abs(a - b) for one, other in pairs for a, b in zip(one, other))
        flips = sum(one.index(max(one)) != other.index(max(other)) for one, other in pairs)
        rows.append({"engine": name, "largest_difference": float("%.3g" % worst), "other_labels": flips,
                     "sequences": len(pairs), "largest_logit": float("%.3g" % spread)})
    return rows
