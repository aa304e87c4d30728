#!/usr/bin/env python3
"""Write docs/benchmarks.md and its plots from bench/results/peers-*.json.

usage: report.py [--results DIR] [--docs DIR]
"""

import argparse
import json
import pathlib

import plots
import tables

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORDER = ("base", "xsmall", "small", "large")

INTRODUCTION = """# Benchmarks

Berta against PyTorch (eager), ONNX Runtime and OpenVINO, each in its best form, on one machine in one run. This page is
written by `bench/peers/report.py`; do not edit it. To measure again, on any machine:

```
make bench                                            # the base model: 1 and 2 threads, all cases
bench/peers/run.sh --size xsmall                      # another size
bench/peers/run.sh --threads 2 --cases 1x128,snli --engines berta-int8,openvino-int8 --rounds 9
bench/peers/run.sh --help
build/bench/kernels --threads 1                       # the kernels alone, as a table
```

The first run makes a virtual environment in `build/peers-venv` from PyPI (`bench/peers/requirements.txt`; `--venv DIR` takes one
that is there) and the peers' files under `build/peers`. PyPI's torch for Linux is the CUDA build, which is large; pip takes a
CPU build of the same version where it knows one. Results go to `bench/results/peers-NAME.json`, every round in it.

How it is measured:

* DeBERTa-v3 with random weights of realistic spread, 128,100-row vocabulary, 3-class head. Speed does not depend on the values.
* Every engine is a process of its own; they take turns (A B C ..., the next round begins with B), each while the others are idle,
  on the same ids and number of threads. A round that warms up is dropped; each turn has a warm-up run. Shown: the median of the
  rounds' medians.
* PyTorch: `transformers` in eager mode; f32 and bf16. ONNX Runtime: TorchScript export (opset 17), all graph optimisations; int8 is its
  dynamic quantisation, a scale a channel. OpenVINO: converted from the torch module, latency mode; bf16 by the precision
  hint; int8 by NNCF (transformer preset), the rest bf16. A branch of the export that equal lengths never take was removed for both.
* Real lengths (`bench/peers/lengths`) with random ids, evenly out of the sorted ones (`--tokens`). Peers pad: sorted by length in batches of 16, or one
  by one (marked *), whichever is faster. Berta packs up to 2,048 tokens. "From text" includes the tokenizer (peers: the fast one).
* Limit: the arithmetic at the measured peak of the type, or reading the weights once from memory, whichever takes longer. Arithmetic:
  2 rows weights + 4 layers hidden length (length + reachable relative rows), of which the second part is bf16 where weights are int8.
"""


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", default=ROOT / "bench" / "results", type=pathlib.Path)
    parser.add_argument("--docs", default=ROOT / "docs", type=pathlib.Path)
    return parser.parse_args()


def machine(result):
    """One paragraph on where and with what."""
    facts = result["machine"]
    versions = ", ".join("%s %s" % item for item in result["versions"].items())
    return ["%s, family %s model %s, microcode %s, %d cores, %.0f GB; %s. %s." % (
        facts["cpu"], facts["family"], facts["model"], facts["microcode"], facts["cores"],
        facts["memory_bytes"] / 1e9, ", ".join(facts["features"]), facts["system"]), "",
        versions + ".", "",
        *["* %(date)s, commit %(commit)s: `%(command)s`" % run for run in result["runs"]]]


def speed_section(result, threads, folder):
    """Tables and plots of one number of threads."""
    speeds = tables.Speeds(result, threads)
    name = "%s-%d" % (result["name"], threads)
    kinds = [kind for kind in tables.KINDS if speeds.ratio(speeds.cases[0], kind)]
    labels = [tables.REAL.get(case, case).split(" ")[0] for case in speeds.cases]
    ratios = {kind: [speeds.ratio(case, kind) for case in speeds.cases] for kind in kinds}
    (folder / (name + "-ratio.svg")).write_text(plots.grouped_bars(
        "%s, %d threads: time of the best peer of the type over Berta's" % (result["name"], threads), labels, ratios, 1))
    out = ["", "### %d thread%s" % (threads, "" if threads == 1 else "s"), "",
           "Berta's time, the best peer's time over it, and Berta's share of the limit:", "", *speeds.comparison(), "",
           "![ratios](benchmarks/%s-ratio.svg)" % name, ""]
    if speeds.fixed():
        out += ["All engines, milliseconds:", "", *speeds.medians(), ""]
    if speeds.real():
        rates = {tables.title_of(engine): [rate(speeds.rows[case, engine]) for case in speeds.real()]
                 for engine in speeds.engines}
        (folder / (name + "-real.svg")).write_text(plots.grouped_bars(
            "%s, %d threads: sequences a second" % (result["name"], threads),
            [tables.REAL[case].split(",")[0] for case in speeds.real()], rates))
        out += ["All engines on real lengths, sequences a second:", "", *speeds.rates(), "",
                "![real lengths](benchmarks/%s-real.svg)" % name, ""]
    return out + ["Median distance between the quartiles of the rounds: %.1f%%. Other programs used at most %.1f cores "
                  "during the turns of a row." % (100 * speeds.spread(), speeds.foreign())]


def rate(row):
    """Sequences a second."""
    return 1e3 * (row.get("sequences") or len(row["lengths"])) / row["median_ms"]


def section(result, folder):
    """All of one model."""
    out = ["", "## DeBERTa-v3-%s" % result["name"], "", *machine(result)]
    for threads in sorted({row["threads"] for row in result.get("speeds", [])}, reverse=True):
        out += speed_section(result, threads, folder)
    if "starts" in result:
        out += ["", "### Start and memory", "", "Load: the model alone, libraries imported. First answer: from the "
                "start of the process to the logits of 32 tokens, files in the cache. Peak: resident, after 1x128; "
                "mapped files count. Prepared: a folder that `berta quantize` wrote, as the peers' exported files.", "", *tables.starts(result)]
    if "quality" in result:
        out += ["", "### Quality", "", "Against PyTorch f32: the random model above on fixed and SNLI lengths, and "
                "`models/sentiment` on `%s`." % result["quality"]["texts"], "", *tables.quality(result)]
    return out


def main():
    """Read, write."""
    arguments = parse()
    results = [json.loads(path.read_text()) for path in arguments.results.glob("peers-*.json")]
    results.sort(key=lambda result: ORDER.index(result["name"]) if result["name"] in ORDER else len(ORDER))
    if not results:
        raise SystemExit("no peers-*.json in %s" % arguments.results)
    folder = arguments.docs / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    text = [INTRODUCTION.rstrip()]
    for result in results:
        text += section(result, folder)
    if "kernels" in results[0]:
        text += ["", "## Kernels", "", "`build/bench/kernels` on the shapes of base: share of the limit. Weights in cache, "
                 "but for \"all products\", which reads those of all twelve layers in order.",
                 *tables.kernels(results[0]["kernels"])]
    (arguments.docs / "benchmarks.md").write_text("\n".join(text) + "\n")
    print("written: %s" % (arguments.docs / "benchmarks.md"))


if __name__ == "__main__":
    main()
