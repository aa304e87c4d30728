#!/usr/bin/env python3
"""Make the goldens of the metrics: random and degenerate cases, and what scikit-learn, scipy, seqeval and the
rules of SQuAD (squad_rule.py) say of them.

usage: make_metric_goldens.py --output tests/goldens/metrics/cases.json
Needs numpy, scikit-learn 1.9.1, scipy 1.17.1 and seqeval 1.2.2.
"""

import argparse
import json
import pathlib
import random
import warnings

import numpy
import scipy.stats
import seqeval.metrics.sequence_labeling as seqeval
import sklearn.metrics

import squad_rule

AVERAGES = ("micro", "macro", "weighted")


def single_label(rng):
    """Class ids."""
    shapes = [(40, 2), (60, 2), (50, 3), (80, 7), (5, 9), (1, 2), (1, 3)]
    lists = [(rng.integers(0, c, n).tolist(), rng.integers(0, c, n).tolist(), c) for n, c in shapes]
    lists += [([1] * 6, [1] * 6, 2), ([0] * 6, [0] * 6, 2), ([0] * 6, [1] * 6, 2), ([0, 1, 0, 1], [1, 0, 1, 0], 2),
              ([0, 1, 2, 0], [1, 2, 0, 1], 3), ([0, 1, 2, 2], [0, 1, 2, 2], 3), ([2, 2, 2], [0, 1, 2], 4)]
    for expected, predicted, classes in lists:
        case = {"expected": expected, "predicted": predicted, "classes": classes,
                "accuracy": sklearn.metrics.accuracy_score(expected, predicted),
                "matthews": sklearn.metrics.matthews_corrcoef(expected, predicted),
                "confusion": sklearn.metrics.confusion_matrix(
                    expected, predicted, labels=range(classes)).ravel().tolist()}
        for average in AVERAGES:
            case[average] = sklearn.metrics.precision_recall_fscore_support(
                expected, predicted, average=average, zero_division=0)[:3]
        case["classwise"] = numpy.array(sklearn.metrics.precision_recall_fscore_support(
            expected, predicted, labels=range(classes), zero_division=0)).T.tolist()
        yield case


def multi_label(rng):
    """Sets of labels."""
    tables = [(rng.random((n, c)) < p, rng.random((n, c)) < q)
              for n, c, p, q in [(30, 4, 0.5, 0.5), (20, 7, 0.2, 0.4), (10, 3, 0.0, 0.3), (10, 3, 0.3, 0.0),
                                 (6, 2, 0.0, 0.0), (1, 5, 0.5, 0.5)]]
    tables.append((tables[0][0], tables[0][0]))
    for expected, predicted in tables:
        case = {"labels": expected.shape[1], "expected": expected.astype(int).ravel().tolist(),
                "predicted": predicted.astype(int).ravel().tolist(),
                "subset_accuracy": sklearn.metrics.accuracy_score(expected, predicted)}
        for average in AVERAGES:
            case[average] = sklearn.metrics.precision_recall_fscore_support(
                expected, predicted, average=average, zero_division=0)[:3]
        yield case


def regression(rng):
    """Numbers, with ties, of very different sizes, constant."""
    x = rng.normal(size=25)
    pairs = [(x, x + rng.normal(size=25)), (rng.integers(0, 5, 40), rng.integers(0, 5, 40)), (x, -x), (x, 3 * x + 2),
             (x * 1e200, x ** 2), (x * 1e-200, rng.normal(size=25)), (1e9 + x, rng.normal(size=25)),
             (numpy.ones(5), numpy.arange(5)), (numpy.arange(5), numpy.full(5, 0.1)), (numpy.ones(3), numpy.ones(3)),
             (numpy.array([1.0, 2.0]), numpy.array([7.0, 3.0])), (numpy.array([1, 2, numpy.nan]), numpy.arange(3))]
    for a, b in pairs:
        a, b = a.astype(float), b.astype(float)
        yield {"a": a.tolist(), "b": b.tolist(), "pearson": float(scipy.stats.pearsonr(a, b).statistic),
               "spearman": float(scipy.stats.spearmanr(a, b).statistic), "mse": float(numpy.mean((a - b) ** 2))}


def tag_sentence(rng, tags, words):
    """Random tags: mostly quirks."""
    return [rng.choice(tags) for _ in range(words)]


def entities(rng):
    """Sentences of tags in several schemes, wellformed or not."""
    types = ("PER", "LOC", "MISC-x")
    schemes = {"iob": "BI", "iobes": "BIES", "i-only": "I"}
    lists = []
    for prefixes in schemes.values():
        tags = ["O"] * 2 + [p + "-" + t for p in prefixes for t in types[:2 if len(prefixes) > 1 else 3]]
        for sentences in (4, 12):
            expected = [tag_sentence(rng, tags, rng.randint(1, 9)) for _ in range(sentences)]
            predicted = [[tag if rng.random() < 0.7 else rng.choice(tags) for tag in one] for one in expected]
            lists.append((expected, predicted))
    odd = ["B", "I", "O", "E", "S", "PER", ".", "B-", "-", "X-PER", "I-MISC-x", "O-PER", "\u00e9-PER"]
    for _ in range(6):
        expected = [tag_sentence(rng, odd, 8) for _ in range(3)]
        lists.append((expected, [tag_sentence(rng, odd, 8) for _ in range(3)]))
    lists += [([["O", "O"]], [["O", "O"]]), ([["B-A", "O"]], [["O", "O"]]), ([["O"]], [["B-A"]]),
              ([["B-A", "I-A"], ["I-A", "O"]], [["B-A", "I-A"], ["I-A", "O"]])]
    for expected, predicted in lists:
        found = [[(kind, begin, end + 1) for kind, begin, end in seqeval.get_entities(one)]
                 for one in expected]
        case = {"expected": expected, "predicted": predicted, "found": found,
                "accuracy": seqeval.accuracy_score(expected, predicted)}
        kinds = {kind for one in expected + predicted
                 for kind, _, _ in seqeval.get_entities(one)}
        for average in AVERAGES if kinds else AVERAGES[:1]:
            case[average] = [float(value) for value in seqeval.precision_recall_fscore_support(
                expected, predicted, average=average, zero_division=0)[:3]] if kinds else [0, 0, 0]
        case["types"] = {}
        if kinds:
            columns = seqeval.precision_recall_fscore_support(
                expected, predicted, average=None, zero_division=0)
            case["types"] = {kind: [float(column[i]) for column in columns] for i, kind in enumerate(sorted(kinds))}
        yield case


def answers(rng):
    """Questions of random words with punctuation, articles and other scripts."""
    words = ["the", "The", "a", "an", "An", "cat", "Cat", "cat's", "U.S.", "1,000", "\u00c9cole", "\u00e9cole",
             "the\u2014end", "\u0130stanbul", "\u4e2d\u6587", "a\u0301", "\u00a0", "\u2003", "x\u001cy", "--", "$12",
             "an_the", "\u00df", "\u1e9e", "\u01c5", "co-op", "\u00bd", "\u2160", "l'a", "\u2019the\u2019"]
    text = lambda most: " ".join(rng.choice(words) for _ in range(rng.randint(0, most)))
    for count, empty in [(40, 0.0), (40, 0.4), (1, 0.0), (1, 1.0), (12, 1.0)]:
        questions = []
        for _ in range(count):
            golds = [] if rng.random() < empty else [text(4) for _ in range(rng.randint(1, 3))]
            if rng.random() < 0.3 and golds:
                said = golds[-1].upper() + "."
            else:
                said = "" if rng.random() < 0.2 else text(4)
            # Steps of 1/8: there are ties, and the numbers are exact.
            questions.append({"answers": golds, "predicted": said, "no_answer": rng.randint(-8, 16) / 8})
        case = {"questions": questions, "threshold": rng.choice([0.5, 1.0]),
                "normalised": [squad_rule.normalised(question["predicted"]) for question in questions]}
        case["v2"] = squad_rule.metrics_v2(questions, case["threshold"])
        if all(question["answers"] for question in questions):
            case["v1"] = squad_rule.metrics_v1(questions)
        yield case


def rankings(rng):
    """Queries with graded relevance; scores without and with ties."""
    for count, steps in [(2, None), (10, None), (25, None), (10, 4), (25, 3), (6, 1)]:
        scores = rng.normal(size=count) if steps is None else rng.integers(0, steps, count).astype(float)
        for relevance in (rng.integers(0, 4, count), rng.integers(0, 2, count), numpy.zeros(count, int)):
            relevant = relevance > 0
            best = scores[relevant].max() if relevant.any() else numpy.inf
            rank = 1 + int((scores[~relevant] >= best).sum())
            yield {"scores": scores.tolist(), "relevance": relevance.tolist(),
                   "ndcg": {str(k): float(sklearn.metrics.ndcg_score([relevance], [scores], k=k)) for k in (1, 5, 10)},
                   "average_precision": float(sklearn.metrics.average_precision_score(relevant, scores)),
                   "reciprocal_rank": 1 / rank if relevant.any() and rank <= 10 else 0}


def main():
    """Write all cases to one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    output = parser.parse_args().output
    warnings.simplefilter("ignore")
    plain, numbers = random.Random(7), numpy.random.default_rng(7)
    cases = {"single_label": list(single_label(numbers)), "multi_label": list(multi_label(numbers)),
             "regression": list(regression(numbers)), "entities": list(entities(plain)),
             "answers": list(answers(plain)), "rankings": list(rankings(numbers))}
    lines = [json.dumps(key) + ": [\n" + ",\n".join(json.dumps(case) for case in value) + "\n]"
             for key, value in cases.items()]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
