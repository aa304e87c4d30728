#!/usr/bin/env python3
"""The table of tools/train/study.sh: mean and standard deviation over the seeds of each task's figure, by pretraining.

Usage: tools/train/study_table.py WORK     prints Markdown; runs that are not there are left out, and counted
"""
import json
import pathlib
import statistics
import sys

TASKS = {"sst2": ("SST-2", "accuracy"), "cola": ("CoLA", "matthews_correlation"), "mrpc": ("MRPC", "f1"),
         "stsb": ("STS-B", "spearmanr"), "wikiann": ("WikiANN", "f1")}
MODELS = {"none": "none", "mlm": "MLM", "emd": "MLM + EMD", "es": "RTD, ES", "gdes": "RTD, GDES"}


def main():
    results = pathlib.Path(sys.argv[1]) / "results"
    print("| pretraining | " + " | ".join(f"{title}, {figure}" for title, figure in TASKS.values()) + " |")
    print("|---|" + "---|" * len(TASKS))
    for model, title in MODELS.items():
        cells = []
        for task, (_, figure) in TASKS.items():
            values = [100 * json.loads(path.read_text())[figure]
                      for path in sorted(results.glob(f"{model}-{task}-*/eval_results.json"))]
            if not values:
                cells.append("-")
            elif len(values) == 1:
                cells.append(f"{values[0]:.1f} (1 seed)")
            else:
                spread = f"{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f}"
                cells.append(spread + ("" if len(values) == 3 else f" ({len(values)} seeds)"))
        print(f"| {title} | " + " | ".join(cells) + " |")


main()
