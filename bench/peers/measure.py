#!/usr/bin/env python3
"""Measure Berta and its peers in turns, and write what was measured as JSON.

Run it through run.sh, which makes what it needs.
"""

import argparse
import json
import pathlib
import time

import cases
import engines
import export
import facts
import model_folder
import rounds

ROOT = model_folder.ROOT
# Seconds of one turn on a fixed length; a run takes from milliseconds to seconds.
TURN = 0.15
WARM = 1


def words(text):
    """A comma-separated list."""
    return [word for word in text.split(",") if word]


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench/peers/run.sh", description=__doc__)
    parser.add_argument("--size", default="base", choices=model_folder.SIZES, help="of the random model")
    parser.add_argument("--model", type=pathlib.Path, help="a DeBERTa-v3 classifier's folder instead")
    parser.add_argument("--threads", default="1,2", type=words, help="numbers of threads")
    parser.add_argument("--rounds", default=5, type=int, help="turns of each engine that count")
    parser.add_argument("--engines", default=list(engines.BERTA + engines.PEERS), type=words)
    parser.add_argument("--cases", default=list(cases.FIXED + cases.REAL), type=words,
                        help="BATCHxLENGTH, or a name in lengths/")
    parser.add_argument("--tokens", default=2048, type=int, help="about as many of a real distribution; 0: all")
    parser.add_argument("--output", default=None, type=pathlib.Path)
    parser.add_argument("--build", default=ROOT / "build", type=pathlib.Path, help="Berta's build folder")
    return parser.parse_args()


class Plan:
    """The arguments, and what follows from them."""

    def __init__(self, arguments):
        self.arguments = arguments
        name = arguments.model.name if arguments.model else arguments.size
        self.cache = arguments.build / "peers" / name
        self.model = arguments.model or self.cache / "model"
        self.berta = arguments.build / "bench" / "berta_worker"
        self.cache.mkdir(parents=True, exist_ok=True)
        self.log = open(self.cache / "workers.log", "w", encoding="utf-8")
        self.output = arguments.output or ROOT / "bench" / "results" / ("peers-%s.json" % name)
        self.name = name

    def config(self):
        """The model's config.json."""
        return json.loads((self.model / "config.json").read_text())


def requests_of(case, workers):
    """{engine: {variant: request}} of a case."""
    settings = {} if case.real else {"warm": WARM, "seconds": TURN}
    return {worker.name: {variant: {"run": batches, **settings}
                          for variant, batches in case.variants(worker.name).items()} for worker in workers}


def speeds(plan, threads):
    """Rows of all cases for one number of threads."""
    arguments = plan.arguments
    workers = rounds.start(arguments.engines, plan, threads)
    vocabulary = plan.config()["vocab_size"]
    for name in arguments.cases:
        case = cases.Case(name, vocabulary, arguments.tokens)
        start = time.perf_counter()
        results = rounds.compare(workers, requests_of(case, workers), arguments.rounds)
        print("%d threads, %s: %.0f s" % (threads, name, time.perf_counter() - start), flush=True)
        for engine, (variant, sample) in results.items():
            print("  %-18s %-7s %10.2f ms" % (engine, variant, sample.median()), flush=True)
            yield {"threads": threads, "case": name, "engine": engine, "variant": variant,
                   "sequences": len(case.sequences), "tokens": case.tokens, **sample.summary()}
    for worker in workers:
        worker.close()


def main():
    """Prepare, measure, write."""
    arguments = parse()
    plan = Plan(arguments)
    if not arguments.model:
        model_folder.make(arguments.size, plan.model)
    export.prepare(plan.model, plan.cache, arguments.engines)
    result = facts.of_machine()
    result.update({"model": plan.name, "config": plan.config(), "speeds": []})
    for threads in map(int, arguments.threads):
        result["speeds"] += speeds(plan, threads)
    plan.output.parent.mkdir(parents=True, exist_ok=True)
    plan.output.write_text(json.dumps(result, indent=1) + "\n")
    print("written: %s" % plan.output)


if __name__ == "__main__":
    main()
