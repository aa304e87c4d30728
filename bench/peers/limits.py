"""The least time that the arithmetic of a DeBERTa takes on a machine."""

import math

BYTES = {"f32": 4, "bf16": 2, "int8": 1}


def relative_row(distance, buckets, furthest):
    """Row of the relative table, counted from its middle (src/model/relative.h)."""
    middle = buckets // 2
    if abs(distance) <= middle:
        row = distance
    else:
        scale = math.log(abs(distance) / middle) / math.log((furthest - 1) / middle)
        row = math.copysign(math.ceil(scale * (middle - 1)) + middle, distance)
    return max(-buckets, min(buckets - 1, int(row)))


def reachable(config, length):
    """Rows of the relative table that a sequence of this length reads."""
    furthest = config["max_relative_positions"]
    if furthest < 1:
        furthest = config["max_position_embeddings"]
    buckets = config["position_buckets"]
    return len({relative_row(distance, buckets, furthest) for distance in range(1 - length, length)})


def weights(config):
    """Numbers in the products' weights."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    return config["num_hidden_layers"] * (4 * hidden * hidden + 2 * hidden * inner)


def attention(config, length):
    """Multiplications and additions for one sequence: scores and mixture; both position terms."""
    return config["num_hidden_layers"] * 4 * config["hidden_size"] * length * (length + reachable(config, length))


def least_ms(config, lengths, kind, kernels):
    """The arithmetic at the type's peak, or reading the weights once, whichever takes longer.

    Attention has no int8 form: it is bf16 there.
    """
    arithmetic = 2 * sum(lengths) * weights(config) / kernels["peaks"][kind]
    narrow = "bf16" if kind == "int8" else kind
    arithmetic += sum(attention(config, length) for length in lengths) / kernels["peaks"][narrow]
    return 1e3 * max(arithmetic, BYTES[kind] * weights(config) / kernels["read_bytes_per_second"])
