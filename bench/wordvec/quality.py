#!/usr/bin/env python3
"""Train word vectors by both CBOW updates and skip-gram at several learning rates, and see what the vectors are good for.

Run it through quality.sh, which makes what it needs. A row that is in the results file already is not run again;
the vectors stay in WORK/vectors. Parts:

grid   each rate once, at equal epochs
equal  CBOW for as long as skip-gram took in the grid
seeds  the best rate of each three times, with other random numbers, and the probe on SST-2; of "equal" rows the probe, too
"""

import argparse
import json
import pathlib
import statistics
import subprocess

import process
import trainers
from trainers import words

import facts  # of bench/peers, as results_file
import results_file

ROOT = process.ROOT
PARTS = ("grid", "equal", "seeds")
RATES = {"classic": (0.025, 0.05, 0.075, 0.1, 0.15), "corrected": (0.05, 0.075, 0.1, 0.15, 0.25),
         "skipgram": (0.025, 0.05, 0.1)}
RATES_ALL = sorted({str(lr) for rates in RATES.values() for lr in rates})
EQUAL = (("classic", 0.05), ("corrected", 0.1), ("corrected", 0.15))
SIMILARITY = {"ws353": "EN-WS-353-ALL.txt", "ws353_sim": "EN-WS-353-SIM.txt", "ws353_rel": "EN-WS-353-REL.txt",
              "men": "EN-MEN-TR-3k.txt", "simlex": "EN-SIMLEX-999.txt"}
ANALOGIES = "questions-words.txt"
MOST_FREQUENT = 30000
BEST_BY = ("ws353", "men", "simlex", "analogies")  # the mean of these decides which rate is best


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench/wordvec/quality.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=list(RATES), type=words(RATES), help="of %s" % ", ".join(RATES))
    parser.add_argument("--rates", default=[], type=words(RATES_ALL), help="only these; none named: all")
    parser.add_argument("--parts", default=list(PARTS), type=words(PARTS), help="of %s" % ", ".join(PARTS))
    parser.add_argument("--epochs", default=3, type=int)
    parser.add_argument("--threads", default=2, type=int)
    parser.add_argument("--seeds", default=3, type=int, help="for the best rates")
    parser.add_argument("--documents", default=0, type=int, help="only so many of the corpus, to try out; 0: all")
    parser.add_argument("--evaluate-again", action="store_true", help="all rows whose vectors are still there, and end")
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, help="folder of word-similarity and sst2")
    parser.add_argument("--work", default=ROOT / "build" / "peers-wordvec", type=pathlib.Path)
    parser.add_argument("--berta", default=ROOT / "build" / "berta", type=pathlib.Path, help="the program")
    arguments = parser.parse_args()
    arguments.work, arguments.berta = arguments.work.resolve(), arguments.berta.resolve()
    if not arguments.data or not (arguments.data / "word-similarity").is_dir():
        parser.error("--data DIR: the folder that holds imdb, word-similarity and sst2")
    arguments.data = arguments.data.resolve()
    if not arguments.output:
        folder = arguments.work if arguments.documents else ROOT / "bench" / "results"
        arguments.output = folder / ("wordvec-quality%s.json" % ("-%d" % arguments.documents if arguments.documents else ""))
    return arguments


class Evaluator:
    """`berta wordvec eval` and `probe` on files of vectors."""

    def __init__(self, berta, data):
        self.berta = berta
        self.data = data

    def ask(self, *arguments):
        """Berta's answer as JSON."""
        done = subprocess.run([self.berta, "wordvec", *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)

    def evaluate(self, vectors):
        """Rank correlations and shares of analogies that are right, and of how many."""
        folder = self.data / "word-similarity"
        similarity = [word for name in SIMILARITY.values() for word in ("--similarity", folder / name)]
        told = self.ask("eval", vectors, *similarity, "--analogies", folder / ANALOGIES, "--most-frequent", MOST_FREQUENT,
                        "--json")
        scores, counts = {}, {}
        for name, row in zip(SIMILARITY, told["similarity"]):
            scores[name], counts[name] = round(row["spearman"] or 0, 4), row["covered"]
        for name, key in (("semantic", "semantic"), ("syntactic", "syntactic"), ("analogies", "total")):
            row = told["analogies"][key]
            scores[name], counts[name] = round(row["correct"] / max(1, row["asked"]), 4), row["asked"]
        return {"scores": scores, "counts": counts}

    def probe(self, vectors):
        """Share of SST-2's sentences that a linear classifier on mean vectors gets right."""
        task = self.data / "sst2"
        told = self.ask("probe", vectors, "--task", task / "train.tsv.gz", "--dev", task / "dev.tsv.gz", "--lowercase")
        return round(told["dev"]["accuracy"], 4)


class Grid:
    """Rows, written to the results file as they come."""

    def __init__(self, arguments, corpus, result):
        self.arguments = arguments
        self.corpus = corpus
        self.result = result
        self.rows = result.setdefault("rows", [])
        self.evaluator = Evaluator(arguments.berta, arguments.data)
        (arguments.work / "vectors").mkdir(exist_ok=True)

    def save(self):
        """Write the file."""
        self.arguments.output.parent.mkdir(parents=True, exist_ok=True)
        self.arguments.output.write_text(results_file.compact(self.result) + "\n")

    def vectors(self, row):
        """Name of the vectors' file in the work folder."""
        return "vectors/%(kind)s-%(lr)s-%(epochs)d-%(seed)d" % row + "-%d.bin" % self.corpus["documents"]

    def train(self, row):
        """Make the vectors of a row."""
        model = "skipgram" if row["kind"] == "skipgram" else "cbow"
        update = "corrected" if row["kind"] == "skipgram" else row["kind"]
        job = trainers.Job(self.arguments.work, self.corpus["file"], model, self.arguments.threads, row["epochs"],
                           self.vectors(row), row["lr"], update, row["seed"])
        took = trainers.berta(job, self.arguments.berta)
        told = took.pop("told")
        row["training"] = {**took, "loss": told.get("loss"), "vocabulary": told.get("vocabulary")}

    def row(self, part, kind, lr, epochs, seed=1):
        """A row: the one that is there, or a new one."""
        keys = {"kind": kind, "lr": lr, "epochs": epochs, "seed": seed, "threads": self.arguments.threads}
        for row in self.rows:
            if all(row[key] == value for key, value in keys.items()):
                return row
        row = {"part": part, **keys}
        self.train(row)
        row.update(self.evaluator.evaluate(self.arguments.work / self.vectors(row)))
        self.rows.append(row)
        self.save()
        print("%s %s, %d epochs, seed %d, %.1f s: " % (kind, lr, epochs, seed, row["training"]["seconds_training"])
              + ", ".join("%s %.3f" % item for item in row["scores"].items()), flush=True)
        return row

    def probe(self, row):
        """Add the probe to a row, whose vectors are made again if they are gone."""
        if "probe" in row:
            return
        if not (self.arguments.work / self.vectors(row)).exists():
            self.train(row)
        row["probe"] = self.evaluator.probe(self.arguments.work / self.vectors(row))
        self.save()
        print("%(kind)s %(lr)s, %(epochs)d epochs, seed %(seed)d: probe %(probe).4f" % row, flush=True)

    def again(self):
        """Evaluate all rows whose vectors are there."""
        for row in self.rows:
            path = self.arguments.work / self.vectors(row)
            if path.exists():
                row.update(self.evaluator.evaluate(path))
                if row.pop("probe", None) is not None:
                    self.probe(row)
                self.save()

    def wanted(self, kind, lr):
        """Whether the command line asks for it."""
        return kind in self.arguments.rows and (not self.arguments.rates or str(lr) in self.arguments.rates)

    def grid(self):
        """Equal epochs."""
        for kind, rates in RATES.items():
            for lr in rates:
                if self.wanted(kind, lr):
                    self.row("grid", kind, lr, self.arguments.epochs)

    def epoch_seconds(self, kind):
        """Median over the grid's rows."""
        rows = of_kind(self.rows, kind)
        if not rows:
            raise SystemExit("equal time needs the grid's rows of %s first" % kind)
        return statistics.median(row["training"]["seconds_training"] / row["epochs"] for row in rows)

    def equal(self):
        """As many epochs of CBOW as fit in skip-gram's time."""
        for kind, lr in EQUAL:
            if not self.wanted(kind, lr):
                continue
            there = [row for row in self.rows if row["part"] == "equal" and (row["kind"], row["lr"]) == (kind, lr)]
            if not there:
                epochs = int(self.arguments.epochs * self.epoch_seconds("skipgram") / self.epoch_seconds(kind))
                self.row("equal", kind, lr, max(epochs, self.arguments.epochs + 1))

    def seeds(self):
        """The best rate of each kind with other seeds, and the probe."""
        for kind in self.arguments.rows:
            if not of_kind(self.rows, kind):
                raise SystemExit("seeds need the grid's rows of %s first" % kind)
            best = best_of(of_kind(self.rows, kind))
            for seed in range(1, self.arguments.seeds + 1):
                self.probe(self.row("seeds", kind, best["lr"], best["epochs"], seed))
        for row in self.rows:
            if row["part"] == "equal" and self.wanted(row["kind"], row["lr"]):
                self.probe(row)


def of_kind(rows, kind):
    """Rows of the grid of one kind."""
    return [row for row in rows if row["part"] == "grid" and row["kind"] == kind]


def best_of(rows):
    """The row with the best mean of the measures that count."""
    return max(rows, key=lambda row: statistics.mean(row["scores"][name] for name in BEST_BY))


def main():
    """Train, evaluate, write."""
    arguments = parse()
    corpus = trainers.corpus_of(arguments.work, arguments.documents)
    result = json.loads(arguments.output.read_text()) if arguments.output.exists() else {}
    result.update({"machine": facts.machine(), "corpus": corpus, "settings": trainers.SETTINGS,
                   "most_frequent": MOST_FREQUENT,
                   "runs": [*result.get("runs", []), facts.of_run("bench/wordvec/quality.sh")]})
    grid = Grid(arguments, corpus, result)
    if arguments.evaluate_again:
        grid.again()
    else:
        for part in arguments.parts:
            {"grid": grid.grid, "equal": grid.equal, "seeds": grid.seeds}[part]()
    grid.save()
    print("written: %s" % arguments.output)


if __name__ == "__main__":
    main()
