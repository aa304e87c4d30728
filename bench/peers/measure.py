#!/usr/bin/env python3
"""Measure Berta and its peers in turns, and write what was measured as JSON.

Run it through run.sh, which makes what it needs.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import time

import cases
import engines
import export
import facts
import model_folder
import quality
import results_file
import rounds
import starts

ROOT = model_folder.ROOT
# Seconds of one turn on a fixed length; a run takes from milliseconds to seconds.
TURN = 0.15
WARM = 1
STARTS = 3  # processes of each engine
KERNEL_TRIES = 2
PARTS = ("speeds", "texts", "starts", "quality", "kernels")
SENTIMENT = ROOT / "models" / "sentiment"
SHIPPED_TEXTS = ROOT / "models" / "demo" / "reviews.tsv"


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
    parser.add_argument("--parts", default=list(PARTS), type=words, help="of the measurement: %s" % ", ".join(PARTS))
    parser.add_argument("--add", action="store_true", help="to the results file instead of writing it anew")
    parser.add_argument("--texts", default=SHIPPED_TEXTS, type=pathlib.Path,
                        help="label<TAB>text a line, for the quality of the sentiment model")
    parser.add_argument("--output", default=None, type=pathlib.Path)
    parser.add_argument("--build", default=ROOT / "build", type=pathlib.Path, help="Berta's build folder")
    return parser.parse_args()


class Plan:
    """A model, the forms of it, and the programs that run it."""

    def __init__(self, build, name, model=None):
        self.name = name
        self.cache = build / "peers" / name
        self.model = model or self.cache / "model"
        self.berta = build / "bench" / "berta_worker"
        self.cache.mkdir(parents=True, exist_ok=True)
        self.log = open(self.cache / "workers.log", "w", encoding="utf-8")

    def config(self):
        """The model's config.json."""
        return json.loads((self.model / "config.json").read_text())


def requests_of(case, workers):
    """{engine: {variant: request}} of a case."""
    settings = {} if case.real else {"warm": WARM, "seconds": TURN}
    return {worker.name: {variant: {"run": batches, **settings}
                          for variant, batches in case.variants(worker.name).items()} for worker in workers}


def text_requests(workers):
    """{engine: {variant: request}} of the shipped reviews, tokenising included."""
    texts = quality.read_texts(SHIPPED_TEXTS)
    sizes = {"padded": cases.PADDED, "single": 1}
    return {worker.name: {variant: {"texts": texts, "batch": size} for variant, size in (
        {"packed": 0} if worker.name.startswith("berta") else sizes).items()} for worker in workers}


def rows_of(results, start, **facts):
    """Lines of the results file; also tells what came out."""
    print("%(threads)d threads, %(case)s:" % facts, "%.0f s" % (time.perf_counter() - start), flush=True)
    for engine, (variant, sample) in results.items():
        busy = statistics.mean(sample.foreign)
        warning = "  (others used %.1f cores)" % busy if busy > rounds.FOREIGN else ""
        print("  %-18s %-7s %10.2f ms%s" % (engine, variant, sample.median(), warning), flush=True)
        yield {**facts, "engine": engine, "variant": variant, **sample.summary()}


def speeds(plan, arguments, threads):
    """Rows of all cases for one number of threads."""
    workers = rounds.start(arguments.engines, plan, threads, SENTIMENT)
    vocabulary = plan.config()["vocab_size"]
    if "speeds" in arguments.parts:
        for name in arguments.cases:
            case = cases.Case(name, vocabulary, arguments.tokens)
            start = time.perf_counter()
            results = rounds.compare(workers, requests_of(case, workers), arguments.rounds)
            yield from rows_of(results, start, threads=threads, case=name,
                               lengths=[len(sequence) for sequence in case.sequences])
    if "texts" in arguments.parts:
        start = time.perf_counter()
        results = rounds.compare(workers, text_requests(workers), arguments.rounds)
        yield from rows_of(results, start, threads=threads, case="texts",
                           sequences=len(quality.read_texts(SHIPPED_TEXTS)))
    for worker in workers:
        worker.close()


def qualities(plan, arguments):
    """Differences of logits: of the random model, and of the shipped sentiment model on real texts."""
    sentiment = Plan(arguments.build, "sentiment", SENTIMENT)
    export.prepare(SENTIMENT, sentiment.cache, arguments.engines, quality.read_texts(SHIPPED_TEXTS))
    random = {"run": quality.sample(plan.config()["vocab_size"])}
    texts = {"texts": quality.read_texts(arguments.texts), "batch": 1}
    return {"random": quality.compare(arguments.engines, plan, random),
            "sentiment": quality.compare(arguments.engines, sentiment, texts, SENTIMENT),
            "texts": arguments.texts.name}


def kernels(build, threads):
    """What the machine can do, and the kernels' share of it: the try in which nobody else took the cores."""
    tries = []
    for _ in range(KERNEL_TRIES):
        done = subprocess.run([build / "bench" / "kernels", "--json", "--threads", str(threads)], check=True,
                              capture_output=True, text=True)
        tries.append(json.loads(done.stdout))
    return max(tries, key=lambda run: sum(run["peaks"].values()))


def prepared(plan, arguments):
    """Makes Berta's prepared folders; their names as engines."""
    names = [engine.replace("berta", "prepared") for engine in arguments.engines if engine.startswith("berta")]
    for name in names:
        export.make_berta(arguments.build / "berta", plan.model, name.split("-")[1], plan.cache / name)
    return names


def measure(plan, arguments, result):
    """All parts that were asked for, into `result`."""
    threads = [int(number) for number in arguments.threads]
    run = facts.of_run()
    result.update({**facts.of_machine(), "name": plan.name, "config": plan.config(),
                   "runs": [*result.get("runs", []), run]})
    if "kernels" in arguments.parts:
        shares = [kernels(arguments.build, number) for number in threads]
        result["kernels"] = results_file.merged(result.get("kernels", []), shares, "threads")
    if {"speeds", "texts"} & set(arguments.parts):
        rows = [row for number in threads for row in speeds(plan, arguments, number)]
        result["speeds"] = results_file.merged(result.get("speeds", []), rows, "threads", "case", "engine")
    if "starts" in arguments.parts:
        names = [*prepared(plan, arguments), *arguments.engines]
        rows = starts.measure(names, plan, max(threads), plan.config()["vocab_size"], STARTS)
        result["starts"] = results_file.merged(result.get("starts", []), rows, "engine")
    if "quality" in arguments.parts:
        result["quality"] = qualities(plan, arguments)


def main():
    """Prepare, measure, write."""
    arguments = parse()
    plan = Plan(arguments.build, arguments.model.name if arguments.model else arguments.size, arguments.model)
    if not arguments.model:
        model_folder.make(arguments.size, plan.model)
    export.prepare(plan.model, plan.cache, arguments.engines)
    output = arguments.output or ROOT / "bench" / "results" / ("peers-%s.json" % plan.name)
    result = json.loads(output.read_text()) if arguments.add and output.exists() else {}
    measure(plan, arguments, result)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(results_file.compact(result) + "\n")
    print("written: %s" % output)


if __name__ == "__main__":
    main()
