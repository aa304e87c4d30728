#!/usr/bin/env python3
"""Writes tests/corpus: files that must be refused (fail/KIND/FILE) and odd ones that must be read (pass/KIND/FILE).

fail/expected.json says for each file what its error must contain; pass/expected.json which tensors must be found.
The same run gives the same bytes. Usage: python3 tools/corpus/make_malformed.py [tests/corpus]
"""
import json
import pathlib
import shutil
import sys

import cases_index
import cases_json
import cases_legacy
import cases_pass
import cases_pickle
import cases_safetensors
import cases_zip


def write(root, kind, cases):
    expected = {}
    for file_name, (content, want) in cases.items():
        path = root / kind / file_name
        if isinstance(content, dict):  # a folder
            for inner, data in content.items():
                (path / inner).parent.mkdir(parents=True, exist_ok=True)
                (path / inner).write_bytes(data)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        expected[f"{kind}/{file_name}"] = want
    return expected


def main():
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/corpus")
    kinds = {
        "safetensors": cases_safetensors.CASES,
        "torch-zip": cases_zip.CASES,
        "torch-legacy": cases_legacy.CASES,
        "pickle": cases_pickle.CASES,
        "index": cases_index.CASES,
        "json": cases_json.CASES,
    }
    for side, sources in (("fail", kinds), ("pass", cases_pass.KINDS)):
        root = target / side
        expected = {}
        for kind, cases in sources.items():
            shutil.rmtree(root / kind, ignore_errors=True)
            expected |= write(root, kind, cases)
        text = json.dumps(expected, indent=1, ensure_ascii=True, sort_keys=True)
        (root / "expected.json").write_text(text + "\n")
        print(side, len(expected), "files")


if __name__ == "__main__":
    main()
