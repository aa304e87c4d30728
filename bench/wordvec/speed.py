#!/usr/bin/env python3
"""Measure how fast Berta, koan and word2vec.c train word vectors, in turns, and what memory they take.

Run it through run.sh, which makes what it needs. A turn that is in the results file already is not run again.
"""

import argparse
import json
import pathlib

import process
import trainers
from trainers import words

import facts  # of bench/peers, as results
import results_file

ROOT = process.ROOT
PARTS = ("speeds", "memory")
EPOCHS = "cbow=3,skipgram=1"


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench/wordvec/run.sh", description=__doc__)
    parser.add_argument("--threads", default="1,2", type=words(), help="numbers of threads")
    parser.add_argument("--models", default="cbow,skipgram", type=words(trainers.RATES))
    parser.add_argument("--engines", default="berta,koan,word2vec", type=words(trainers.RUN),
                        help="of %s" % ", ".join(trainers.RUN))
    parser.add_argument("--rounds", default=3, type=int, help="turns of each engine")
    parser.add_argument("--epochs", default=EPOCHS, help="the same for all engines")
    parser.add_argument("--parts", default=list(PARTS), type=words(PARTS), help="of the measurement: %s" % ", ".join(PARTS))
    parser.add_argument("--documents", default=0, type=int, help="only so many of the corpus, to try out; 0: all")
    parser.add_argument("--again", action="store_true", help="forget the turns in the results file")
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--work", default=ROOT / "build" / "peers-wordvec", type=pathlib.Path,
                        help="folder of the corpus and of the peers")
    parser.add_argument("--berta", default=ROOT / "build" / "berta", type=pathlib.Path, help="the program")
    arguments = parser.parse_args()
    arguments.work, arguments.berta = arguments.work.resolve(), arguments.berta.resolve()
    arguments.epochs = {model: int(number) for model, number in
                        (word.split("=") for word in arguments.epochs.split(","))}
    if not arguments.output:
        folder = arguments.work if arguments.documents else ROOT / "bench" / "results"
        arguments.output = folder / ("wordvec-%d.json" % arguments.documents if arguments.documents else "wordvec.json")
    return arguments


def row_of(rows, **keys):
    """The row with these values, a new one if need be."""
    for row in rows:
        if all(row[key] == value for key, value in keys.items()):
            return row
    rows.append({**keys, "turns": []})
    return rows[-1]


def tell(engine, job, turn, tokens):
    """One line of progress."""
    busy = turn["foreign_cores"]
    print("%s, %s, %d threads: %.3f M raw tokens/s, %.1f s in all, %.0f MB%s" % (
        job.model, trainers.NAMES[engine], job.threads, 1e-6 * tokens * job.epochs / turn["seconds_training"],
        turn["seconds"], 1e-6 * turn["peak_bytes"],
        "  (others used %.1f cores)" % busy if busy > process.FOREIGN else ""), flush=True)


class Measurement:
    """Turns of the engines, written to the results file as they come."""

    def __init__(self, arguments, corpus, result):
        self.arguments = arguments
        self.corpus = corpus
        self.result = result

    def turn(self, engine, job):
        """One training: facts without what a program tells of itself."""
        program = trainers.program_of(engine, self.arguments.work, self.arguments.berta)
        turn = process.calm(lambda: trainers.RUN[engine](job, program))
        turn.pop("told", None)
        return turn

    def save(self):
        """Write the file."""
        self.arguments.output.parent.mkdir(parents=True, exist_ok=True)
        self.arguments.output.write_text(results_file.compact(self.result) + "\n")

    def speeds(self, model, threads):
        """All engines on one model and number of threads: A B C, B C A, ..."""
        job = trainers.Job(self.arguments.work, self.corpus["file"], model, threads, self.arguments.epochs[model])
        engines = self.arguments.engines
        for number in range(self.arguments.rounds):
            first = number % len(engines)
            for engine in engines[first:] + engines[:first]:
                row = row_of(self.result.setdefault("speeds", []), model=model, threads=threads, engine=engine,
                             epochs=job.epochs, tokens=self.corpus["tokens"])
                if len(row["turns"]) > number:
                    continue
                row["turns"].append(self.turn(engine, job))
                tell(engine, job, row["turns"][-1], self.corpus["tokens"])
                self.save()

    def memory(self):
        """The least that the engines take: on 600 lines."""
        small = json.loads((self.arguments.work / "corpus.json").read_text())["small"]
        for engine in self.arguments.engines:
            row = row_of(self.result.setdefault("memory", []), engine=engine, documents=small["documents"],
                         tokens=small["tokens"])
            if not row["turns"]:
                job = trainers.Job(self.arguments.work, small["file"], "cbow", 2, 1)
                row["turns"].append(self.turn(engine, job))
                print("%s, %d documents: %.1f MB" % (trainers.NAMES[engine], small["documents"],
                                                     1e-6 * row["turns"][-1]["peak_bytes"]), flush=True)
                self.save()


def main():
    """Measure, write."""
    arguments = parse()
    corpus = trainers.corpus_of(arguments.work, arguments.documents)
    (arguments.work / corpus["file"]).read_bytes()  # into the file cache
    old = arguments.output.exists() and not arguments.again
    result = json.loads(arguments.output.read_text()) if old else {}
    run = facts.of_run("bench/wordvec/run.sh")
    result.update({"machine": facts.machine(), "versions": json.loads((arguments.work / "versions.json").read_text()),
                   "corpus": corpus, "settings": trainers.SETTINGS, "runs": [*result.get("runs", []), run]})
    measurement = Measurement(arguments, corpus, result)
    if "memory" in arguments.parts:
        measurement.memory()
    if "speeds" in arguments.parts:
        for threads in map(int, arguments.threads):
            for model in arguments.models:
                measurement.speeds(model, threads)
    measurement.save()
    print("written: %s" % arguments.output)


if __name__ == "__main__":
    main()
