#!/usr/bin/env python3
"""Write the tables of docs/wordvec.md from bench/results/wordvec.json and wordvec-quality.json.

usage: report.py [--results DIR] [--page FILE]

Each table stands between "<!-- NAME: written by bench/wordvec/report.py -->" and "<!-- end of NAME -->"; all else on the
page is left as it is, and so is a table whose results are not there.
"""

import argparse
import json
import pathlib
import re
import statistics

import process
import quality
import trainers

import tables  # of bench/peers

ROOT = process.ROOT
HERE = pathlib.Path(__file__).resolve().parent
MODELS = {"cbow": "CBOW", "skipgram": "skip-gram"}
KINDS = {"classic": "CBOW classic", "corrected": "CBOW corrected", "skipgram": "skip-gram"}
MEASURES = {"ws353": "WS-353", "ws353_sim": "sim", "ws353_rel": "rel", "men": "MEN", "simlex": "SimLex", "semantic": "sem.",
            "syntactic": "syn.", "analogies": "analogies"}
SHARES = ("semantic", "syntactic", "analogies")  # in percent
EMPTY = "Not measured yet."


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", default=ROOT / "bench" / "results", type=pathlib.Path)
    parser.add_argument("--page", default=ROOT / "docs" / "wordvec.md", type=pathlib.Path)
    return parser.parse_args()


def machine(result):
    """One paragraph on where and with what."""
    facts = result["machine"]
    versions = ", ".join("%s %s" % item for item in result.get("versions", {}).items())
    corpus = result["corpus"]
    return ["%s, family %s model %s, microcode %s, %d cores, %.0f GB; %s. %s.%s %s documents, %s tokens." % (
        facts["cpu"], facts["family"], facts["model"], facts["microcode"], facts["cores"], facts["memory_bytes"] / 1e9,
        ", ".join(facts["features"]), facts["system"], " %s." % versions if versions else "",
        "{:,}".format(corpus["documents"]), "{:,}".format(corpus["tokens"]))]


def runs(result):
    """What was run when."""
    lines = ["* %(date)s, commit %(commit)s: `%(command)s`" % run for run in result["runs"]]
    return list(dict.fromkeys(lines))


def spread(values, write):
    """Median, and behind it the least and the largest of several."""
    middle = write(statistics.median(values))
    return "%s (%s-%s)" % (middle, write(min(values)), write(max(values))) if len(values) > 1 else middle


def counted(number, what):
    """"1 epoch", "2 epochs"."""
    return "%d %s%s" % (number, what, "" if number == 1 else "s")


class Speeds:
    """Rows of wordvec.json."""

    def __init__(self, result):
        self.rows = {(row["model"], row["threads"], row["engine"]): row for row in result.get("speeds", []) if row["turns"]}
        self.engines = [engine for engine in trainers.NAMES if any(key[2] == engine for key in self.rows)]
        self.cases = sorted({key[:2] for key in self.rows})

    def rates(self, case, engine):
        """Millions of raw tokens a second, a number a turn."""
        row = self.rows.get((*case, engine))
        return row and [1e-6 * row["tokens"] * row["epochs"] / turn["seconds_training"] for turn in row["turns"]]

    def wholes(self, case, engine):
        """Seconds of the whole process, a number a turn."""
        row = self.rows.get((*case, engine))
        return row and [turn["seconds"] for turn in row["turns"]]

    def name(self, case):
        """"CBOW, 2 threads, 3 epochs"."""
        model, threads = case
        epochs = next(row["epochs"] for key, row in self.rows.items() if key[:2] == case)
        return "%s, %s, %s" % (MODELS[model], counted(threads, "thread"), counted(epochs, "epoch"))

    def table(self, numbers, write, better):
        """A column an engine, and Berta against each of the others; better(ours, theirs) is the ratio."""
        others = [engine for engine in self.engines if engine != "berta"] if "berta" in self.engines else []
        head = [""] + [trainers.NAMES[engine] for engine in self.engines] + [
            "Berta / " + trainers.NAMES[engine] for engine in others]
        rows = []
        for case in self.cases:
            found = {engine: numbers(case, engine) for engine in self.engines}
            cells = [spread(found[engine], write) if found[engine] else "" for engine in self.engines]
            for other in others:
                both = found["berta"] and found[other]
                ratio = better(statistics.median(found["berta"]), statistics.median(found[other])) if both else 0
                cells.append("%.2fx" % ratio if both else "")
            rows.append([self.name(case), *cells])
        return tables.table(head, rows)

    def foreign(self):
        """Cores that other programs used, at the worst."""
        return max(turn["foreign_cores"] for row in self.rows.values() for turn in row["turns"])


def speed_lines(result):
    """Speed while training, and of whole processes."""
    speeds = Speeds(result)
    if not speeds.rows:
        return [EMPTY]
    turns = max(len(row["turns"]) for row in speeds.rows.values())
    return [*machine(result), "", *runs(result), "",
            "Millions of raw tokens a second while training; median (least-largest) of up to %d rounds:" % turns, "",
            *speeds.table(speeds.rates, "{:.2f}".format, lambda ours, theirs: ours / theirs), "",
            "Seconds of the whole process, with counting the words and writing the vectors as text:", "",
            *speeds.table(speeds.wholes, "{:.1f}".format, lambda ours, theirs: theirs / ours), "",
            "Other programs used at most %.2f cores during a turn." % speeds.foreign()]


def memory_lines(result):
    """Peak memory."""
    small = {row["engine"]: row for row in result.get("memory", []) if row["turns"]}
    whole = {}
    for row in result.get("speeds", []):
        for turn in row["turns"]:
            whole[row["engine"]] = max(whole.get(row["engine"], 0), turn["peak_bytes"])
    rows = [[trainers.NAMES[engine]] + ["%.0f" % (1e-6 * peak) if peak else "" for peak in (
        small[engine]["turns"][0]["peak_bytes"] if engine in small else 0, whole.get(engine, 0))]
            for engine in trainers.NAMES if engine in small or engine in whole]
    if not rows:
        return [EMPTY]
    documents = next((row["documents"] for row in small.values()), 0)
    return tables.table(["peak MB, resident", "%d lines" % documents, "the corpus"], rows)


def cells_of(scores):
    """Scores as they are printed."""
    return ["%.1f%%" % (100 * scores[name]) if name in SHARES else ("%.3f" % scores[name]).replace("0.", ".", 1)
            for name in MEASURES]


def label(kind, lr, engine="berta"):
    """"CBOW corrected, 0.1", with the program if it is not Berta."""
    name = "%s, %g" % (KINDS[kind], lr)
    return name if engine == "berta" else "*%s: %s*" % (trainers.NAMES[engine], name)


def grid_table(rows, baselines):
    """Our rows, and below each what the peers had at the same settings."""
    lines = []
    for row in rows:
        probe = "%.1f%%" % (100 * row["probe"]) if "probe" in row else ""
        lines.append([label(row["kind"], row["lr"]), str(row["epochs"]), *cells_of(row["scores"]), probe,
                      "%.0f" % row["training"]["seconds"]])
        for other in baselines:
            if (other["kind"], other["lr"]) == (row["kind"], row["lr"]):
                lines.append([label(other["kind"], other["lr"], other["engine"]), str(other["epochs"]),
                              *cells_of(other["scores"]), "", "%.0f" % other["wall_seconds"]])
    return tables.table(["update, first rate", "epochs", *MEASURES.values(), "SST-2", "s"], lines)


def of_part(result, part):
    """Rows of a part, in the order of the grid."""
    order = list(KINDS)
    return sorted((row for row in result["rows"] if row["part"] == part), key=lambda row: (order.index(row["kind"]), row["lr"]))


def counts_line(result):
    """How many pairs and questions."""
    counts = result["rows"][0]["counts"]
    named = ", ".join("%s %s" % (MEASURES[name], "{:,}".format(counts[name])) for name in MEASURES if name not in SHARES)
    return "Pairs: %s. Analogies: %s questions among the %s most frequent words." % (
        named, "{:,}".format(counts["analogies"]), "{:,}".format(result["most_frequent"]))


def grid_lines(result, baselines):
    """Equal epochs."""
    rows = of_part(result, "grid")
    if not rows:
        return [EMPTY]
    short = [row for row in baselines["rows"] if row["epochs"] == rows[0]["epochs"]]
    return [*machine(result), "", *runs(result), "", counts_line(result), "", *grid_table(rows, short)]


def equal_lines(result, baselines):
    """Equal time: the best skip-gram, then CBOW for as long."""
    rows, skipgram = of_part(result, "equal"), quality.of_kind(result["rows"], "skipgram")
    if not rows or not skipgram:
        return [EMPTY]
    best = quality.best_of(skipgram)
    others = [row for row in baselines["rows"] if row["epochs"] > best["epochs"] or (
        row["engine"] == "koan" and (row["kind"], row["lr"]) == (best["kind"], best["lr"]))]
    return grid_table([best, *rows], others)


def seeds_lines(result):
    """Mean, least and largest over the seeds of the best rates."""
    lines = []
    for kind in KINDS:
        grid = quality.of_kind(result["rows"], kind)
        best = quality.best_of(grid) if grid else None
        rows = [row for row in result["rows"] if best and "probe" in row and all(
            row[key] == best[key] for key in ("kind", "lr", "epochs"))]
        if len(rows) > 1:
            scores = {name: statistics.mean(row["scores"][name] for row in rows) for name in MEASURES}
            half = {name: max(row["scores"][name] for row in rows) - min(row["scores"][name] for row in rows)
                    for name in MEASURES}
            probes = [100 * row["probe"] for row in rows]
            lines.append([label(kind, best["lr"]), str(len(rows)),
                          *["%s (%s)" % pair for pair in zip(cells_of(scores), cells_of(half))],
                          "%.1f%% (%.1f%%)" % (statistics.mean(probes), max(probes) - min(probes))])
    if not lines:
        return [EMPTY]
    return tables.table(["update, first rate", "seeds", *MEASURES.values(), "SST-2"], lines)


def put(page, name, lines):
    """The page with the lines of one table."""
    begin, end = "<!-- %s: written by bench/wordvec/report.py -->" % name, "<!-- end of %s -->" % name
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise SystemExit("the page has no place for the table \"%s\"" % name)
    return pattern.sub(lambda _: "\n".join([begin, "", *lines, "", end]), page)


def main():
    """Read, write."""
    arguments = parse()
    baselines = json.loads((HERE / "baselines.json").read_text())
    page = arguments.page.read_text()
    speed, grid = (arguments.results / name for name in ("wordvec.json", "wordvec-quality.json"))
    if speed.exists():
        result = json.loads(speed.read_text())
        page = put(put(page, "speed", speed_lines(result)), "memory", memory_lines(result))
    if grid.exists() and json.loads(grid.read_text())["rows"]:
        result = json.loads(grid.read_text())
        page = put(page, "grid", grid_lines(result, baselines))
        page = put(page, "equal", equal_lines(result, baselines))
        page = put(page, "seeds", seeds_lines(result))
    arguments.page.write_text(page)
    print("written: %s" % arguments.page)


if __name__ == "__main__":
    main()
