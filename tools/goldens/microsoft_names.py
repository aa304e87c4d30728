"""Tensors of Microsoft's modules under the names its checkpoints have."""

import numpy as np

import weights

SELF = "attention.self."


def zero_new_biases(state):
    """V1 has no bias on keys; Microsoft's code sets these to zero when it loads V1 names."""
    for name in state:
        if name.endswith(SELF + "key_proj.bias") or name.endswith(SELF + "pos_key_proj.bias"):
            state[name] = np.zeros_like(state[name])


def _version_1_layer(state, stem, heads):
    """The V1 tensors of one attention, from those with V2 names."""
    joint = [state[stem + kind + "_proj.weight"] for kind in ("query", "key", "value")]
    width = joint[0].shape[1]
    joint = np.stack([matrix.reshape(heads, -1, width) for matrix in joint], axis=1)
    return {
        "in_proj.weight": joint.reshape(-1, width),
        "q_bias": state[stem + "query_proj.bias"],
        "v_bias": state[stem + "value_proj.bias"],
        "pos_proj.weight": state[stem + "pos_key_proj.weight"],
        "pos_q_proj.weight": state[stem + "pos_query_proj.weight"],
        "pos_q_proj.bias": state[stem + "pos_query_proj.bias"],
    }


def _separate_layer(state, stem, heads):
    """The V2 names of one V1 attention; the biases that V1 lacks are zero."""
    joint = state[stem + "in_proj.weight"]
    width = joint.shape[1]
    query, key, value = (part.reshape(-1, width) for part in
                         np.moveaxis(joint.reshape(heads, 3, -1, width), 1, 0))
    none = np.zeros(query.shape[0], dtype=joint.dtype)
    return {
        "query_proj.weight": query, "query_proj.bias": state[stem + "q_bias"],
        "key_proj.weight": key, "key_proj.bias": none,
        "value_proj.weight": value, "value_proj.bias": state[stem + "v_bias"],
        "pos_key_proj.weight": state[stem + "pos_proj.weight"], "pos_key_proj.bias": none.copy(),
        "pos_query_proj.weight": state[stem + "pos_q_proj.weight"],
        "pos_query_proj.bias": state[stem + "pos_q_proj.bias"],
    }


def _relabel(state, layer_names, heads):
    """Replace the tensors of every attention by what `layer_names` makes of them."""
    stems = sorted({name[: name.index(SELF) + len(SELF)] for name in state if SELF in name})
    result = {name: value for name, value in state.items() if SELF not in name}
    for stem in stems:
        result.update({stem + name: value for name, value in layer_names(state, stem, heads).items()})
    return result


def to_version_1(state, heads):
    """The whole state with V1's attention names."""
    return _relabel(state, _version_1_layer, heads)


def from_version_1(state, heads):
    """The whole state with V2's attention names, which Microsoft's code gives to V1 models too."""
    return _relabel(state, _separate_layer, heads)


def with_prefix(state, prefix):
    """Replace the backbone's `deberta.`; heads keep their names."""
    cut = len("deberta.")
    return {prefix + name[cut:] if name.startswith("deberta.") else name: value for name, value in state.items()}


def extra_head(kind, seed, config):
    """Tensors of a head that the oracle does not run but the file holds."""
    width, words = config["hidden_size"], config["vocab_size"]
    stem = "mask_predictions." if kind == "rtd" else "lm_predictions.lm_head."
    shapes = {"dense.weight": (width, width), "dense.bias": (width,), "LayerNorm.weight": (width,),
              "LayerNorm.bias": (width,)}
    shapes.update({"classifier.weight": (1, width), "classifier.bias": (1,)} if kind == "rtd" else {"bias": (words,)})
    return {stem + name: weights.realistic(seed, stem + name, shape, 1) for name, shape in shapes.items()}
