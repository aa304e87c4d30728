#!/usr/bin/env python3
"""A peer in a process of its own. JSON lines: first {"load_ms"}, then an answer to each request.

usage: worker.py ENGINE-TYPE CACHE MODEL THREADS [TOKENIZER]

{"run": [batch...], "warm"?, "seconds"?, "logits"?}, a batch being lists of ids: runs all batches `warm` times without
    and then again and again with a clock for that many seconds, at least once. Ragged batches are padded.
{"texts": [...], "batch": N, ...}: the same of texts: tokenised, sorted by length, padded in batches of N.
Answer: {"ms": [of each run], "logits"?: [one row for each sequence, in order]}.
"""

import json
import sys
import time


def pad(batch):
    """Lists of ids -> ids and mask, int64 [batch, longest]."""
    import numpy as np
    longest = max(map(len, batch))
    ids = np.zeros((len(batch), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(batch):
        ids[row, :len(sequence)] = sequence
        mask[row, :len(sequence)] = 1
    return ids, mask


class Worker:
    """An engine and the two kinds of request."""

    def __init__(self, name, cache, folder, threads, tokenizer=None):
        import engines
        engine, kind = name.split("-")
        import_time(engine)
        start = time.perf_counter()
        self.engine = engines.CLASSES[engine](cache, folder, kind, threads)
        self.load_ms = 1e3 * (time.perf_counter() - start)
        self.tokenizer = None
        if tokenizer:
            from transformers import AutoTokenizer
            self.tokenizer = AutoTokenizer.from_pretrained(tokenizer, use_fast=True, local_files_only=True)

    def run_padded(self, batches):
        """Logits of padded batches, one row a sequence."""
        return [row for ids, mask in batches for row in self.engine.run(ids, mask)]

    def run_texts(self, texts, size):
        """Texts -> logits in their order."""
        encoded = self.tokenizer(texts, truncation=True, max_length=512)["input_ids"]
        order = sorted(range(len(texts)), key=lambda i: -len(encoded[i]))
        batches = [pad([encoded[i] for i in order[at:at + size]]) for at in range(0, len(order), size)]
        rows = self.run_padded(batches)
        return [row for _, row in sorted(zip(order, rows), key=lambda pair: pair[0])]

    def answer(self, request):
        """One request."""
        if "texts" in request:
            def body():
                return self.run_texts(request["texts"], request.get("batch", 16))
        else:
            batches = [pad(batch) for batch in request["run"]]

            def body():
                return self.run_padded(batches)
        for _ in range(request.get("warm", 0)):
            body()
        times = []
        until = time.perf_counter() + request.get("seconds", 0)
        while not times or time.perf_counter() < until:
            start = time.perf_counter()
            rows = body()
            times.append(1e3 * (time.perf_counter() - start))
        answer = {"ms": times}
        if request.get("logits"):
            answer["logits"] = [[float(value) for value in row] for row in rows]
        return answer


def import_time(engine):
    """Import the library, so that load times are those of the model alone."""
    if engine == "torch":
        import torch  # noqa: F401
        import transformers.models.deberta_v2.modeling_deberta_v2  # noqa: F401
    else:
        __import__(engine)


def main():
    """Serve until standard input ends."""
    name, cache, folder, threads = sys.argv[1:5]
    worker = Worker(name, cache, folder, int(threads), *sys.argv[5:6])
    print(json.dumps({"load_ms": worker.load_ms}), flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
