"""Random weights with the spread of a trained DeBERTa, not the N(0, 0.02) of an initialisation.

The ranges follow the published statistics of a trained v3-base derivative.  Every tensor draws from its own
generator, seeded by the folder and the tensor's name, so that neither order nor torch's own generator matters.
"""

import re
import zlib

import numpy as np
import torch

REFERENCE_WIDTH = 768

# (pattern of the name, standard deviation at width 768); the first match wins.
MATRIX_SPREAD = [
    (r"(query|key|query_proj|key_proj|pos_key_proj|pos_query_proj|pos_proj|pos_q_proj)\.weight$", 0.078),
    (r"(value|value_proj)\.weight$", 0.029),
    (r"intermediate\.dense\.weight$", 0.049),
    (r"(pooler\.dense|proj|embed_proj|transform\.dense|lm_head\.dense|mask_predictions\.dense)\.weight$", 0.045),
    (r"(classifier|qa_outputs)\.weight$", 0.06),
    (r"weight$", 0.035),
]

BIAS_SPREAD = [  # (pattern, mean, standard deviation)
    (r"(key|key_proj|pos_key_proj)\.bias$", 0.0, 0.742),
    (r"(query|query_proj|pos_query_proj|pos_q_proj)\.bias$|q_bias$", 0.0, 0.284),
    (r"intermediate\.dense\.bias$", -0.434, 0.25),
    (r"(lm_head|predictions)\.bias$", -0.2, 0.5),
    (r"bias$", 0.0, 0.12),
]


def generator(seed, name):
    """The random generator of one tensor."""
    return np.random.default_rng([zlib.crc32(seed.encode()), zlib.crc32(name.encode())])


def _layer_norm(rng, name, shape):
    """LayerNorm weights and biases: spread, with the large outliers trained models have."""
    if name.endswith("encoder.LayerNorm.weight"):
        return rng.normal(0.128, 0.104, shape)
    if name.endswith("weight"):
        values = rng.normal(0.75, 0.18, shape)
        values[rng.integers(shape[0])] = 3.5
        return values
    values = rng.normal(0.0, 0.25, shape)
    low, high = rng.permutation(shape[0])[:2]
    values[low], values[high] = -2.8, 1.98
    return values


def _embedding(rng, name, shape):
    """Tables of rows: words, positions, token types, relative positions."""
    spread = 0.25 if "rel_embeddings" in name else 0.107
    values = rng.normal(0.0, spread, shape)
    values[rng.integers(shape[0]), rng.integers(shape[1])] = -1.66
    return values


def _joint_projection(rng, shape, heads):
    """V1's in_proj: rows are interleaved as [head, query|key|value, head size]."""
    scale = np.sqrt(REFERENCE_WIDTH / shape[1])
    values = rng.normal(0.0, 1.0, (heads, 3, shape[0] // (3 * heads), shape[1]))
    values *= scale * np.array([0.078, 0.077, 0.029]).reshape(1, 3, 1, 1)
    return values.reshape(shape)


def _matrix(rng, name, shape):
    """A dense or convolution weight, scaled to its number of inputs."""
    spread = next(value for pattern, value in MATRIX_SPREAD if re.search(pattern, name))
    return rng.normal(0.0, spread * np.sqrt(REFERENCE_WIDTH / np.prod(shape[1:])), shape)


def _head_mixture(rng, shape):
    """V1's talking heads: near the identity, so that probabilities stay sensible."""
    return np.eye(shape[0]) + rng.normal(0.0, 0.3, shape)


def realistic(seed, name, shape, heads):
    """The values of one tensor, as float32."""
    rng = generator(seed, name)
    if "LayerNorm" in name:
        values = _layer_norm(rng, name, shape)
    elif "embeddings" in name and name.endswith("weight"):
        values = _embedding(rng, name, shape)
    elif name.endswith("in_proj.weight"):
        values = _joint_projection(rng, shape, heads)
    elif re.search(r"head_(logits|weights)_proj\.weight$", name):
        values = _head_mixture(rng, shape)
    elif name.endswith("bias"):
        mean, spread = next((m, s) for pattern, m, s in BIAS_SPREAD if re.search(pattern, name))
        values = rng.normal(mean, spread, shape)
    else:
        values = _matrix(rng, name, shape)
    return values.astype(np.float32)


def fill(model, seed, heads):
    """Overwrite every parameter of a torch module with realistic values."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = realistic(seed, name, tuple(parameter.shape), heads)
            parameter.copy_(torch.from_numpy(values))
