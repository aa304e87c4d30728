"""From nothing to an answer: load time, time to the first answer and memory of fresh processes."""

import statistics
import time

import cases
import client

FIRST = 32  # tokens of the first answer
SECOND = 128  # tokens of the run whose memory counts
LONG = 2048  # tokens of the run whose memory counts, too: once, for it takes seconds


def one(name, plan, threads, vocabulary, with_long):
    """Figures of one fresh process."""
    rng = cases.random.Random("starts")
    first, second, long = (cases.draw(length, vocabulary, rng) for length in (FIRST, SECOND, LONG))
    worker = client.Worker(name, plan, threads)
    worker.ask({"run": [[first]]})
    seconds = time.perf_counter() - worker.started
    worker.ask({"run": [[second]]})
    figures = {"load_ms": worker.load_ms, "first_answer_ms": 1e3 * seconds, "peak_bytes": worker.peak_bytes()}
    if with_long:
        worker.ask({"run": [[long]]})
        figures["long_peak_bytes"] = worker.peak_bytes()
    worker.close()
    return figures


def measure(names, plan, threads, vocabulary, rounds):
    """One row an engine: medians over processes started in turns; a first round fills the file cache."""
    found = {name: [] for name in names}
    for number in range(rounds + 1):
        for name in names:
            figures = one(name, plan, threads, vocabulary, with_long=number == 1)
            if number > 0:
                found[name].append(figures)
    rows = []
    for name, processes in found.items():
        row = {key: statistics.median(figures[key] for figures in processes if key in figures)
               for key in processes[0]}
        rows.append({"engine": name, "threads": threads, **{key: round(value, 2) for key, value in row.items()}})
    return rows
