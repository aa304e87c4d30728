"""The results of one model as tables in Markdown."""

import limits

KINDS = ("f32", "bf16", "int8")
NAMES = {"berta": "Berta", "prepared": "Berta, prepared", "torch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
REAL = {"snli": "SNLI pairs", "sst2": "SST-2 sentences", "squad": "SQuAD passages", "texts": "reviews, from text"}


def title_of(engine):
    """"berta-f32" -> "Berta f32"."""
    name, kind = engine.split("-")
    return "%s %s" % (NAMES[name], kind)


def table(head, rows):
    """Lines of a table; all columns but the first to the right."""
    lines = ["| %s |" % " | ".join(head), "|---|%s" % ("---:|" * (len(head) - 1))]
    return lines + ["| %s |" % " | ".join(row) for row in rows]


def number(value):
    """Three digits."""
    return "%.0f" % value if value >= 100 else "%.1f" % value if value >= 10 else "%.2f" % value


class Speeds:
    """The speed rows of one model and number of threads."""

    def __init__(self, result, threads):
        self.config = result["config"]
        self.kernels = next((entry for entry in result.get("kernels", []) if entry["threads"] == threads), None)
        self.rows = {(row["case"], row["engine"]): row for row in result["speeds"] if row["threads"] == threads}
        self.cases = list(dict.fromkeys(case for case, _ in self.rows))
        self.engines = list(dict.fromkeys(engine for _, engine in self.rows))

    def median(self, case, engine):
        """Milliseconds, or None."""
        row = self.rows.get((case, engine))
        return row and row["median_ms"]

    def ratio(self, case, kind):
        """Time of the best peer of a type over Berta's, or None."""
        peers = [self.median(case, engine) for engine in self.engines
                 if engine.endswith(kind) and not engine.startswith("berta")]
        ours = self.median(case, "berta-" + kind)
        return min(peers) / ours if peers and ours else None

    def share(self, case, kind):
        """The limit over Berta's time, or None."""
        row = self.rows.get((case, "berta-" + kind))
        if not row or "lengths" not in row or not self.kernels:
            return None
        return limits.least_ms(self.config, row["lengths"], kind, self.kernels) / row["median_ms"]

    def fixed(self):
        """Cases of one length."""
        return [case for case in self.cases if case not in REAL]

    def real(self):
        """Cases of real lengths."""
        return [case for case in self.cases if case in REAL]

    def label(self, case):
        """A case, and of real lengths how many sequences and tokens."""
        if case not in REAL:
            return case
        row = self.rows[case, self.engines[0]]
        if "lengths" not in row:
            return "%d %s" % (row["sequences"], REAL[case])
        return "%d %s (%s tokens)" % (len(row["lengths"]), REAL[case], "{:,}".format(sum(row["lengths"])))

    def comparison(self):
        """Berta's times, with the ratio to the best peer of the type and the share of the limit."""
        head = ["batch x length"] + [cell for kind in KINDS for cell in ("%s ms" % kind, "best peer", "of limit")]
        rows = []
        for case in self.cases:
            cells = [self.label(case)]
            for kind in KINDS:
                ours, ratio, share = self.median(case, "berta-" + kind), self.ratio(case, kind), self.share(case, kind)
                cells += [number(ours) if ours else "", "%.2fx" % ratio if ratio else "",
                          "%.0f%%" % (100 * share) if share else ""]
            rows.append(cells)
        return table(head, rows)

    def medians(self):
        """All engines' milliseconds."""
        rows = [[case] + [number(self.median(case, engine)) for engine in self.engines] for case in self.fixed()]
        return table(["ms"] + [title_of(engine) for engine in self.engines], rows)

    def rates(self):
        """All engines' sequences a second on real lengths."""
        rows = []
        for case in self.real():
            cells = [self.label(case)]
            for engine in self.engines:
                row = self.rows[case, engine]
                count = row.get("sequences") or len(row["lengths"])
                cells.append(number(1e3 * count / row["median_ms"]) + {"single": " *"}.get(row["variant"], ""))
            rows.append(cells)
        return table(["sequences/s"] + [title_of(engine) for engine in self.engines], rows)

    def spread(self):
        """Median over rows of (third - first quartile) / median."""
        spreads = sorted((row["q3_ms"] - row["q1_ms"]) / row["median_ms"] for row in self.rows.values())
        return spreads[len(spreads) // 2] if spreads else 0


    def foreign(self):
        """Cores that other programs used, at the worst."""
        return max((row.get("foreign_cores", 0) for row in self.rows.values()), default=0)


def starts(result):
    """Load, first answer and memory."""
    rows = [[title_of(row["engine"]), number(row["load_ms"]), number(row["first_answer_ms"]),
             number(row["peak_bytes"] / 1e6), number(row["long_peak_bytes"] / 1e6)] for row in result["starts"]]
    return table(["", "load ms", "process to first answer ms", "peak MB at 1x128", "peak MB at 1x2048"], rows)


def quality(result):
    """Differences of logits and decisions."""
    real = {row["engine"]: row for row in result["quality"]["sentiment"]}
    rows = []
    for row in result["quality"]["random"]:
        other = real[row["engine"]]
        rows.append([title_of(row["engine"]), "%.2g" % row["largest_difference"],
                     "%d of %d" % (row["other_labels"], row["sequences"]), "%.2g" % other["largest_difference"],
                     "%d of %d" % (other["other_labels"], other["sequences"])])
    return table(["", "random model: logits differ by", "other label", "sentiment model: logits differ by",
                  "other label"], rows)


def kernels(entries):
    """The kernels' share of the limit, by rows, for each number of threads."""
    out = []
    for entry in entries:
        rows = {}
        for result in entry["results"]:
            if result["operations"]:
                key = "%s %s" % (result["what"], result["format"])
                rows.setdefault(key, {})[result["rows"]] = "%.0f%%" % (100 * result["share_of_limit"])
        columns = sorted({count for shares in rows.values() for count in shares})
        peaks = ", ".join("%s %.0f" % (kind, peak / 1e9) for kind, peak in entry["peaks"].items())
        out += ["", "%d threads, measured: %s G operations/s, %.1f GB/s read." % (
            entry["threads"], peaks, entry["read_bytes_per_second"] / 1e9), ""]
        out += table(["rows"] + [str(count) for count in columns],
                     [[key] + [shares.get(count, "") for count in columns] for key, shares in rows.items()])
    return out
