"""Times of many engines, taken in turns: each round gives each engine one turn, and starts with another one."""

import statistics
import time

import client

FOREIGN = 0.2  # cores that others may use during a turn that counts at once
TRIES = 3  # of a turn; the calmest counts


class Sample:
    """Times of one engine and variant on one case."""

    def __init__(self):
        self.rounds = []  # the median of each turn
        self.least = float("inf")
        self.foreign = []

    def add(self, times, foreign):
        """The times of one turn, and how many cores others used meanwhile."""
        self.foreign.append(foreign)
        self.rounds.append(statistics.median(times))
        self.least = min(self.least, *times)

    def median(self):
        """Median of the rounds' medians."""
        return statistics.median(self.rounds)

    def summary(self):
        """Median, spread and the rounds themselves, for the results file."""
        quarters = statistics.quantiles(self.rounds, n=4, method="inclusive") if len(self.rounds) > 1 else [
            self.rounds[0]] * 3
        return {"median_ms": round(self.median(), 4), "min_ms": round(self.least, 4),
                "q1_ms": round(quarters[0], 4), "q3_ms": round(quarters[2], 4),
                "rounds_ms": [round(value, 4) for value in self.rounds],
                "foreign_cores": round(statistics.mean(self.foreign), 2)}


def take_turn(worker, request, last):
    """One engine's times, while the one before is idle, and the cores that other programs used."""
    if last and not last.settle():
        print("warning: %s does not come to rest" % last.name, flush=True)
    tries = []
    while not tries or (tries[-1][0] > FOREIGN and len(tries) < TRIES):
        before, ours, start = client.machine_busy(), worker.busy(), time.perf_counter()
        times = worker.ask(request)["ms"]
        others = (client.machine_busy() - before) - (worker.busy() - ours)
        tries.append((max(0.0, others) / (time.perf_counter() - start), times))
    foreign, times = min(tries, key=lambda one: one[0])
    return times, foreign


def compare(workers, requests, rounds):
    """Sample of each engine: {name: (variant, Sample)}.   requests: {name: {variant: request}}

    A first round warms up and is dropped. Of an engine's variants the faster in the first round that counts stays.
    """
    samples = {name: {variant: Sample() for variant in variants} for name, variants in requests.items()}
    last = None
    for number in range(rounds + 1):
        first = number % len(workers)
        for worker in workers[first:] + workers[:first]:
            for variant in list(samples[worker.name]):
                turn = take_turn(worker, requests[worker.name][variant], last)
                last = worker
                if number > 0:
                    samples[worker.name][variant].add(*turn)
            if number == 1:
                keep_best(samples[worker.name])
    return {name: next(iter(variants.items())) for name, variants in samples.items()}


def keep_best(variants):
    """Drop all variants but the fastest."""
    best = min(variants, key=lambda name: variants[name].median())
    for name in list(variants):
        if name != best:
            del variants[name]


def start(names, plan, threads, tokenizer=None):
    """A worker for each engine."""
    return [client.Worker(name, plan, threads, tokenizer) for name in names]
