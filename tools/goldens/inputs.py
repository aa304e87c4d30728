"""The inputs of the goldens, in the form `berta encode` reads."""

from weights import generator


def _sequence(rng, vocabulary, length, types):
    """One sequence; it may hold the padding id 0, which then is a token like any other."""
    line = {"input_ids": rng.integers(0, vocabulary, length).tolist()}
    if types:
        cut = int(rng.integers(1, length + 1))
        line["token_type_ids"] = [0] * cut + [1] * (length - cut)
    return line


def _masks(rng, length):
    """About a third of the positions, in no particular order."""
    return rng.permutation(length)[: max(1, length // 3)].tolist()


def build(case_name, vocabulary, lengths, head="none", token_types=False, sort_masks=False):
    """The lines of inputs.jsonl for one folder.

    With token types the first line still leaves them out; with a language model's head every second line has mask
    positions.  For multiple choice each length becomes a question of two to four choices of unequal length.
    """
    rng = generator(case_name, "inputs")
    lines = []
    for index, length in enumerate(lengths):
        line = {"id": "n%d" % length}
        if head == "choice":
            choices = [max(1, length - step) for step in range(2 + index % 3)]
            line["choices"] = [_sequence(rng, vocabulary, size, token_types) for size in choices]
        else:
            line.update(_sequence(rng, vocabulary, length, token_types and index > 0))
        if head == "mlm" and index % 2 == 1:
            positions = _masks(rng, length)
            line["mask_positions"] = sorted(positions) if sort_masks else positions
        lines.append(line)
    return lines
