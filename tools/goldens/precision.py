"""Run reference code in double precision although it asks for single precision here and there."""

import contextlib
import math

import numpy as np
import torch


@contextlib.contextmanager
def keep_double():
    """Inside, `.float()` leaves a double tensor alone (V1's LayerNorm and Microsoft's attention call it)."""
    original = torch.Tensor.float

    def float_unless_double(tensor, *arguments, **keywords):
        return tensor if tensor.dtype == torch.float64 else original(tensor, *arguments, **keywords)

    torch.Tensor.float = float_unless_double
    try:
        yield
    finally:
        torch.Tensor.float = original


@contextlib.contextmanager
def replaced(module, name, value):
    """Inside, `module.name` is `value`."""
    original = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, original)


def exact_scale(query, factor):
    """The attention scale; the reference computes this square root in single precision."""
    return torch.sqrt(torch.tensor(float(query.size(-1) * factor), dtype=torch.float64))


def check_buckets(table, buckets, longest, limit):
    """Stop where single precision bucket numbers are not the exact ones (`table(distance)` gives the former)."""
    middle = buckets // 2
    for distance in range(middle + 1, longest):
        share = math.log(distance / middle) / math.log((limit - 1) / middle) * (middle - 1)
        nearest = round(share)
        exact = nearest if abs(share - nearest) < 1e-12 else math.ceil(share)
        if table(distance) != exact + middle:
            raise ValueError("bucket of %d: %d, exactly %d" % (distance, table(distance), exact + middle))


def largest_difference(left, right):
    """The largest difference between two dicts of arrays, over all keys."""
    if left.keys() != right.keys():
        raise ValueError("unequal keys: %s" % (left.keys() ^ right.keys()))
    return max((float(np.abs(left[key] - right[key]).max()) for key in left), default=0.0)
