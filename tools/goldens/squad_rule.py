"""The evaluation of SQuAD 1.1 and 2.0, written from its published definition: the papers (Rajpurkar et al. 2016,
section 6; 2018, section 5) and the rule of normalisation that they state."""

import collections
import re
import string


def normalised(answer):
    """Lower case without punctuation, articles and superfluous blanks."""
    kept = "".join(c for c in answer.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(?:the|an|a)\b", " ", kept).split())


def overlap(predicted, gold):
    """F1 of two bags of words; 0 if nothing is common."""
    shared = sum((collections.Counter(predicted) & collections.Counter(gold)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(gold)
    return 2 * precision * recall / (precision + recall)


def score_v1(predicted, answers):
    """Best exact match and best F1 over the gold answers."""
    said = normalised(predicted)
    golds = [normalised(answer) for answer in answers]
    return float(said in golds), max(overlap(said.split(), gold.split()) for gold in golds)


def score_v2(predicted, answers):
    """The same, with the empty answer for a question without (usable) answers."""
    said = normalised(predicted)
    golds = [gold for gold in map(normalised, answers) if gold] or [""]
    best = 0.0
    for gold in golds:
        alone = not said or not gold
        best = max(best, float(said == gold) if alone else overlap(said.split(), gold.split()))
    return float(said in golds), best


def percent(values):
    """Mean in percent."""
    return 100.0 * sum(values) / len(values)


def best_threshold(questions, scores):
    """The highest total, over the prefixes of the questions by ascending no_answer."""
    total = sum(not question["answers"] for question in questions)
    best, threshold = total, 0.0
    for question, score in sorted(zip(questions, scores), key=lambda pair: pair[0]["no_answer"]):
        if question["answers"]:
            total += score
        elif question["predicted"]:
            total -= 1
        if total > best:
            best, threshold = total, question["no_answer"]
    return 100.0 * best / len(questions), threshold


def metrics_v1(questions):
    """exact_match and f1."""
    pairs = [score_v1(question["predicted"], question["answers"]) for question in questions]
    return {"exact_match": percent([pair[0] for pair in pairs]), "f1": percent([pair[1] for pair in pairs])}


def metrics_v2(questions, threshold):
    """All figures of 2.0."""
    raw = [score_v2(question["predicted"], question["answers"]) for question in questions]
    final = []
    for question, pair in zip(questions, raw):
        silent = question["no_answer"] > threshold
        final.append((float(not question["answers"]),) * 2 if silent else pair)
    result = {}
    for name, wanted in (("", (True, False)), ("HasAns_", (True,)), ("NoAns_", (False,))):
        part = [pair for question, pair in zip(questions, final) if bool(question["answers"]) in wanted]
        if part:
            result[name + "exact"] = percent([pair[0] for pair in part])
            result[name + "f1"] = percent([pair[1] for pair in part])
            result[name + "total"] = len(part)
    for index, name in enumerate(("exact", "f1")):
        best, at = best_threshold(questions, [pair[index] for pair in raw])
        result["best_" + name], result["best_" + name + "_thresh"] = best, at
    return result
