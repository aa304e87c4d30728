#!/usr/bin/env python3
"""The tables of tools/train/study.sh: mean and standard deviation over the seeds of each task's figure.

Usage: tools/train/study_table.py WORK     prints Markdown; of a figure with other than three seeds it says how many
"""
import json
import pathlib
import statistics
import sys

TASKS = {"sst2": ("SST-2", "accuracy"), "cola": ("CoLA", "matthews_correlation"), "mrpc": ("MRPC", "f1"),
         "stsb": ("STS-B", "spearmanr"), "wikiann": ("WikiANN", "f1")}
MODELS = {"none": "none", "mlm": "MLM", "emd": "MLM + EMD", "es": "RTD, ES", "gdes": "RTD, GDES"}


def cell(results, model, task, figure):
    values = [100 * json.loads(path.read_text())[figure]
              for path in sorted(results.glob(f"{model}-{task}-[0-9]*/eval_results.json"))]
    if len(values) < 2:
        return f"{values[0]:.1f} (1 seed)" if values else "-"
    spread = f"{statistics.mean(values):.1f} +- {statistics.stdev(values):.1f}"
    return spread + ("" if len(values) == 3 else f" ({len(values)} seeds)")


def table(first, titles, rows):
    print("| " + " | ".join([first, *titles]) + " |")
    print("|---" * (len(titles) + 1) + "|")
    for title, cells in rows:
        print("| " + " | ".join([title, *cells]) + " |")
    print()


def pretraining(work):
    """(name, last figures of the held-out part) of each pretraining."""
    for model, title in MODELS.items():
        path = work / model / "metrics.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        steps = max((line["step"] for line in lines), default=0)
        dev = [line for line in lines if any(key.startswith("dev/") for key in line)]
        figures = {key[4:]: value for key, value in dev[-1].items() if key.startswith("dev/")} if dev else {}
        yield title, [str(steps), ", ".join(f"{key} {value:.3f}" for key, value in figures.items())]


def main():
    work = pathlib.Path(sys.argv[1])
    results = work / "results"
    table("pretraining", ["steps", "held-out part"], pretraining(work))
    table("pretraining", [f"{title}, {figure}" for title, figure in TASKS.values()],
          [(title, [cell(results, model, task, figure) for task, (_, figure) in TASKS.items()])
           for model, title in MODELS.items()])
    table("MLM + EMD, then", ["SST-2, accuracy", "MRPC, f1"],
          [(title, [cell(results, "emd", task + suffix, TASKS[task][1]) for task in ("sst2", "mrpc")])
           for title, suffix in (("without SiFT", ""), ("with SiFT", "-sift"))])
    squad = results / "squad/eval_results.json"
    if squad.exists():
        print("SQuAD:", json.dumps(json.loads(squad.read_text())))


main()
