#!/usr/bin/env python3
"""Make the goldens of the tasks: tiny models, and what the pipelines of transformers 4.57.1 and of
sentence-transformers 5.1.2 say with them.

usage: make_task_goldens.py --output tests/goldens/tasks --embedded models/sentiment
"""

import argparse
import pathlib
import shutil
import tempfile

import folder
import task_cases
import task_models
import task_oracle


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--embedded", type=pathlib.Path, required=True, help="a folder with an spm.model")
    return parser.parse_args()


def main():
    """Write the models, then a line a case."""
    arguments = parse()
    shutil.rmtree(arguments.output, ignore_errors=True)
    task_models.write_models(arguments.output)
    lines = []
    for case in task_cases.all_cases():
        with tempfile.TemporaryDirectory() as name:
            target = pathlib.Path(name) / case["model"]
            task_models.assemble(arguments.output, arguments.embedded, case, target)
            case["expected"] = task_oracle.run(case, target)
        lines.append(case)
        print("%-10s %-9s %s" % (case["task"], case["model"], case["id"]), flush=True)
    folder.write_lines(arguments.output / "cases.jsonl", lines)


if __name__ == "__main__":
    main()
