"""The table of folders of the loading goldens."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Callable

import numpy as np
import torch

import loading_files as files
import microsoft_names
import weights

WORDS = "deberta.embeddings.word_embeddings."
POSITIONS = "deberta.embeddings.position_embeddings."
NATIVE_KEYS = ("attention_probs_dropout_prob", "hidden_act", "hidden_dropout_prob", "hidden_size", "initializer_range",
               "intermediate_size", "max_position_embeddings", "layer_norm_eps", "num_attention_heads",
               "num_hidden_layers", "type_vocab_size", "vocab_size", "relative_attention", "position_buckets",
               "norm_rel_ebd", "share_att_key", "max_relative_positions", "position_biased_input")


@dataclass(frozen=True)
class Variant:
    """One folder: how to write its tensors and which logits it gives."""

    name: str
    write: Callable
    expected: str = ""
    config_name: str = "config.json"  # empty: the folder has no file for the config
    config: dict = None  # in place of the usual one
    transformers_reads: bool = True
    reason: str = ""  # why the folder must be refused


def _random(name, shape):
    """A tensor that no output may depend on, or one that the wrong reading would use."""
    return torch.from_numpy(weights.realistic("loading", name, shape, 1))


def native(config):
    """The same config in Microsoft's dialect."""
    result = {key: config[key] for key in NATIVE_KEYS if key in config}
    return dict(result, pos_att_type="|".join(config["pos_att_type"]))


def _stored(name, writer, state, expected="v3-f32", **more):
    return Variant(name, lambda path: writer(path, state), expected, **more)


def _formats(states):
    """File formats and number types."""
    state = states["v3-f32"]
    kinds = [("f32", "v3-f32"), ("f16", "v3-f16"), ("bf16", "v3-bf16"), ("mixed", "v3-mixed")]
    variants = [_stored("safetensors-" + kind, files.safetensors, states[key], key) for kind, key in kinds]
    variants += [_stored("bin-" + kind, files.bin_file, states[key], key) for kind, key in kinds]
    variants += [_stored("bin-legacy-" + kind, files.legacy_bin, states[key], key) for kind, key in kinds[:3]]
    return variants + [
        _stored("safetensors-sharded", files.sharded_safetensors, state),
        _stored("bin-sharded", files.sharded_bin, state),
    ]


def _layouts(model_state):
    """Tensors as torch may have saved them: views, shared storages, parameters, a state_dict with its metadata."""
    ordered = OrderedDict(model_state)
    ordered._metadata = OrderedDict([("", {"version": 1}), ("deberta", {"version": 1})])
    return [
        _stored("bin-views", files.bin_file, files.pooled(model_state)),
        _stored("bin-legacy-views", files.legacy_bin, files.pooled(model_state)),
        _stored("bin-shared-storages", files.bin_file, files.shared(model_state), "v3-equal-biases"),
        _stored("bin-legacy-shared-storages", files.legacy_bin, files.shared(model_state), "v3-equal-biases"),
        _stored("bin-parameters", files.bin_file, files.as_parameters(model_state)),
        _stored("bin-ordered-dict", files.bin_file, ordered),
    ]


def _names(state):
    """Other names and additional tensors."""
    words, width = state[WORDS + "weight"].shape
    config = {"hidden_size": width, "vocab_size": words}
    ids = {"deberta.embeddings.position_ids": torch.arange(40).expand(1, -1).clone()}
    positions = _random(POSITIONS + "weight", (40, width))
    unused = {name: torch.from_numpy(value) for kind in ("mlm", "rtd")
              for name, value in microsoft_names.extra_head(kind, "loading", config).items()}
    unused[POSITIONS + "weight"] = positions
    without = {name: tensor for name, tensor in state.items() if name != WORDS + "weight"}
    delta = {WORDS + "_weight": _random(WORDS + "_weight", (words, width)), POSITIONS + "weight": positions,
             POSITIONS + "_weight": torch.zeros(40, width)}
    return [
        _stored("safetensors-bert-prefix", files.safetensors, files.renamed(state, "bert."), transformers_reads=False),
        _stored("bin-bert-prefix", files.bin_file, files.renamed(state, "bert."), transformers_reads=False),
        _stored("safetensors-no-prefix", files.safetensors, files.renamed(state, ""), transformers_reads=False),
        _stored("safetensors-position-ids", files.safetensors, dict(state, **ids)),
        _stored("bin-position-ids", files.bin_file, dict(state, **ids)),
        _stored("safetensors-unused-heads", files.safetensors, dict(state, **unused)),
        _stored("gdes-delta-only", files.bin_file, dict(without, **{WORDS + "_weight": state[WORDS + "weight"]}),
                transformers_reads=False),
        _stored("gdes-both", files.bin_file, dict(state, **delta)),
        _stored("gdes-both-safetensors", files.safetensors, dict(state, **delta)),
    ]


def _configs(state, config):
    """Where the config is found, and in which dialect."""
    plain = native(config)
    embedded = dict(state, config=plain)
    return [
        _stored("bin-embedded-config", files.bin_file, embedded, config_name="", transformers_reads=False),
        _stored("bin-legacy-embedded-config", files.legacy_bin, embedded, config_name="", transformers_reads=False),
        _stored("bin-embedded-config-and-file", files.bin_file, embedded, config=plain, transformers_reads=False),
        _stored("native-config", files.bin_file, state, config=plain, transformers_reads=False),
        _stored("native-model-config-json", files.bin_file, state, config_name="model_config.json", config=plain,
                transformers_reads=False),
    ]


def _both_formats(state):
    """Where both files lie in a folder safetensors counts; the .bin holds another model here."""
    def write(path):
        files.safetensors(path, state)
        files.bin_file(path, {name: tensor * 0.5 for name, tensor in state.items()})
    return Variant("both-formats", write, "v3-f32")


def version_3(states, config):
    """All folders of the V3 model that must load."""
    state = states["v3-f32"]
    return _formats(states) + _layouts(state) + _names(state) + _configs(state, config) + [_both_formats(state)]


def version_1(model):
    """A V1 model with in_proj, and the same model under the names that Microsoft's code saves since its V2."""
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    config = model.config.to_dict()
    converted = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in
                 microsoft_names.from_version_1({key: value.numpy() for key, value in state.items()},
                                                config["num_attention_heads"]).items()}
    return [
        _stored("v1-in-proj", files.safetensors, state, "v1-f32"),
        _stored("v1-in-proj-bin-native", files.bin_file, state, "v1-f32", config=native(config),
                transformers_reads=False),
        _stored("v1-separate-names", files.safetensors, converted, "v1-f32", config=native(config),
                transformers_reads=False),
    ]


class _Call:
    """Pickles as a call of print; a safe reader refuses it."""

    def __reduce__(self):
        return print, ("a pickle ran code",)


def bad(state):
    """Folders that must be refused."""
    missing = {name: tensor for name, tensor in state.items() if "layer.1.output.dense.weight" not in name}
    name = "deberta.encoder.layer.0.output.dense.weight"
    shape = dict(state, **{name: state[name][:, 1:].clone()})

    def refused(folder, writer, tensors, reason):
        return Variant(folder, lambda path: writer(path, tensors), reason=reason, transformers_reads=False)

    return [
        refused("bad-missing-tensor", files.safetensors, missing, "deberta.encoder.layer.1.output.dense.weight"),
        refused("bad-shape", files.safetensors, shape, name),
        refused("bad-pickle-call", files.bin_file, dict(state, call=_Call()), "print"),
        refused("bad-legacy-pickle-call", files.legacy_bin, dict(state, call=_Call()), "print"),
    ]
