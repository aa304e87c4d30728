"""The programs that train word vectors: their command lines at the same settings, and when they train."""

import argparse
import dataclasses
import json
import pathlib

import process

SETTINGS = {"dim": 100, "window": 5, "negatives": 5, "downsample": "1e-3", "min_count": 5, "ns_exponent": 0.75,
            "min_lr": "1e-4"}
# Speed does not depend on the rate; these are the usual ones.
RATES = {"cbow": 0.05, "skipgram": 0.025}
NAMES = {"berta": "Berta", "koan": "koan", "koan-streaming": "koan, streaming", "word2vec": "word2vec.c"}


@dataclasses.dataclass
class Job:
    """One training. All files lie in the folder `work`, and go by their names: word2vec.c takes 99 bytes."""

    work: pathlib.Path
    corpus: str
    model: str  # cbow or skipgram
    threads: int
    epochs: int
    output: str = "speed.txt"
    lr: float = None
    update: str = "corrected"
    seed: int = 1

    def rate(self):
        """The first learning rate."""
        return RATES[self.model] if self.lr is None else self.lr


def words(known=None):
    """A reader of comma-separated lists of words that are known, for the command line."""
    def read(text):
        found = [word for word in text.split(",") if word]
        strange = [word for word in found if known and word not in known]
        if strange:
            raise argparse.ArgumentTypeError("%s: expected of %s" % (", ".join(strange), ", ".join(known)))
        return found
    return read


def corpus_of(work, documents):
    """Facts of the corpus, or of its first documents, which get a file of their own."""
    whole = json.loads((work / "corpus.json").read_text())["corpus"]
    if not documents:
        return whole
    name = "corpus-%d.txt" % documents
    with open(work / whole["file"], encoding="ascii") as file:
        lines = [line for _, line in zip(range(documents), file)]
    (work / name).write_text("".join(lines))
    return {"file": name, "documents": len(lines), "tokens": sum(len(line.split()) for line in lines),
            "bytes": sum(map(len, lines))}


def berta(job, program):
    """Berta tells in a report how long it counted and trained."""
    report = job.output + ".json"
    command = [program, "wordvec", "train", "--input", job.corpus, "--output", job.output, "--model", job.model,
               "--loss", "ns", "--lr", job.rate(), "--epochs", job.epochs, "--threads", job.threads, "--seed", job.seed,
               "--quiet", "--report", report]
    if job.model == "cbow":
        command += ["--cbow-update", job.update]
    for name, value in SETTINGS.items():
        command += ["--" + name.replace("_", "-"), value]
    facts = process.run(command, job.work)
    told = json.loads((job.work / report).read_text())
    del facts["output"]
    return {**facts, "seconds_training": told["seconds_training"], "seconds_before": told["seconds_counting"],
            "told": told}


def timed(command, job, begin, end):
    """A program that says when training begins and ends; nothing before the first or behind the last counts."""
    marks = [process.Mark(begin), process.Mark(end)]
    facts = process.run(command, job.work, marks)
    output = facts.pop("output")
    if marks[0].first is None or marks[1].last is None:
        raise SystemExit("%s did not say \"%s\" and \"%s\":\n%s" % (command[0], begin, end, output[-2000:]))
    return {**facts, "seconds_training": round(marks[1].last - marks[0].first, 3),
            "seconds_before": round(marks[0].first, 3)}


def koan(job, program, *more):
    """koan prints "Epoch 0" where its own clock starts, which reads and trains, and "Took" where it stops."""
    command = [program, "-f", job.corpus, "-p", job.output, "-b", "true" if job.model == "cbow" else "false",
               "-u", "true" if job.update == "classic" else "false", "-l", job.rate(), "-e", job.epochs,
               "-t", job.threads, "-d", SETTINGS["dim"], "-c", SETTINGS["window"], "-n", SETTINGS["negatives"],
               "-o", SETTINGS["downsample"], "-k", SETTINGS["min_count"], "-x", SETTINGS["ns_exponent"],
               "-m", SETTINGS["min_lr"], "-P", *more]
    return timed(command, job, "Epoch 0", "Took ")


def koan_streaming(job, program):
    """koan as it reads corpora that are larger than its buffer (of lines)."""
    return koan(job, program, "-B", 10000)


def word2vec(job, program):
    """word2vec.c prints a line that begins with "Alpha:" each 10,000 words of a thread."""
    command = [program, "-train", job.corpus, "-output", job.output, "-cbow", int(job.model == "cbow"),
               "-alpha", job.rate(), "-iter", job.epochs, "-threads", job.threads, "-size", SETTINGS["dim"],
               "-window", SETTINGS["window"], "-negative", SETTINGS["negatives"], "-sample", SETTINGS["downsample"],
               "-min-count", SETTINGS["min_count"], "-hs", 0, "-binary", 0]
    return timed(command, job, "Alpha:", "Alpha:")


RUN = {"berta": berta, "koan": koan, "koan-streaming": koan_streaming, "word2vec": word2vec}


def program_of(engine, work, berta_program):
    """The executable."""
    return berta_program if engine == "berta" else work / "bin" / engine.split("-")[0]
