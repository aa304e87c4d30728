#!/usr/bin/env python3
"""Make the model goldens: tiny models, inputs and the outputs that the reference implementations give.

usage: make_model_goldens.py --output tests/goldens/model [--microsoft PATH] [--only NAME...]

--microsoft is a checkout of microsoft/DeBERTa at 4d7fe0b; without it only the goldens of transformers are made.
"""

import argparse
import pathlib

import configurations
import transformers_oracle


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--microsoft", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", help="make only these folders")
    return parser.parse_args()


def size_of(path):
    """The bytes of a folder's files."""
    return sum(file.stat().st_size for file in path.iterdir())


def main():
    """Make every folder and report one line for each."""
    arguments = parse()
    makers = [(case, transformers_oracle.write) for case in configurations.CASES]
    if arguments.microsoft:
        import microsoft_oracle  # needs the checkout on the path first
        oracle = microsoft_oracle.Oracle(arguments.microsoft)
        makers += [(case, oracle.write) for case in microsoft_oracle.CASES]
    total = 0
    for case, make in makers:
        if arguments.only and case.name not in arguments.only:
            continue
        report = make(case, arguments.output)
        size = size_of(arguments.output / case.name)
        total += size
        print("%-26s %4d KB  %s" % (case.name, size // 1024, report), flush=True)
    print("%d KB in all" % (total // 1024))


if __name__ == "__main__":
    main()
