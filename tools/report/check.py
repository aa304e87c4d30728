#!/usr/bin/env python3
"""Check the pages, cards and logs of `report_sample` (or of a real run) with other programs' readers.

usage: check.py FOLDER

Each *.html must be well-formed XML, fetch nothing and run nothing; README.md's front matter must be YAML in which huggingface_hub
(if installed) finds the results; metrics.jsonl must be JSON lines in the order of steps.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import yaml

FORBIDDEN = {"script", "link", "img", "iframe", "object", "embed", "base", "form"}


def page_faults(path):
    """What is wrong with a page."""
    try:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    except ElementTree.ParseError as error:
        yield "not well-formed: %s" % error
        return
    for element in root.iter():
        name = element.tag.rpartition("}")[2].lower()
        if name in FORBIDDEN:
            yield "an element <%s>" % name
        for key in element.keys():
            if key.lower().startswith("on") or key.lower() in {"src", "href"}:
                yield "an attribute %s of <%s>" % (key, name)
        for key in ("x", "y", "cx", "cy", "d"):
            if "nan" in element.get(key, "") or "inf" in element.get(key, ""):
                yield "a coordinate %s" % element.get(key)
    charts = [element for element in root.iter() if element.get("class") == "chart"]
    print("%s: %d charts" % (path.name, len(charts)))


def card_faults(path):
    """What is wrong with a model card."""
    text = path.read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    print("README.md: %s" % ", ".join(front))
    for key in ("language", "tags", "datasets", "metrics"):
        if not all(isinstance(value, str) for value in front.get(key, [])):
            yield "a %s that is no string: %s" % (key, front[key])
    try:
        from huggingface_hub import ModelCard
    except ImportError:
        print("huggingface_hub is not installed: the model-index is not checked")
        return
    for result in ModelCard(text, ignore_metadata_errors=False).data.eval_results:
        print("  %s on %s: %s" % (result.metric_type, result.dataset_name, result.metric_value))
        if not isinstance(result.metric_value, float):
            yield "a metric that is no number: %s" % result.metric_value


def log_faults(path):
    """What is wrong with a metrics log."""
    steps = [json.loads(line)["step"] for line in path.read_text(encoding="utf-8").splitlines()]
    print("metrics.jsonl: %d lines" % len(steps))
    if steps != sorted(steps):
        yield "its steps are not in order"


def main():
    """Check all files of the folder."""
    folder = pathlib.Path(sys.argv[1])
    found = [(path, page_faults) for path in sorted(folder.glob("*.html"))]
    found += [(folder / name, check) for name, check in (("README.md", card_faults), ("metrics.jsonl", log_faults))
              if (folder / name).is_file()]
    faults = ["%s: %s" % (path.name, fault) for path, check in found for fault in check(path)]
    if not found:
        faults = ["%s: nothing to check" % folder]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
