"""Write one set of tensors in each of the file formats in which DeBERTa models are found."""

import json

import torch
from safetensors.torch import save_file

SHARD_SIZES = (7, 21)  # the first shards hold so many tensors, the last one the rest
PREFIX = "deberta."


def as_type(state, dtype):
    """All tensors in one type."""
    return {name: tensor.to(dtype) for name, tensor in state.items()}


def as_mixed(state):
    """Tables in bfloat16, LayerNorm in float32, the rest in float16: mixed files are found on model hubs."""
    def cast(name, tensor):
        if "LayerNorm" in name:
            return tensor.float()
        return tensor.bfloat16() if "embeddings" in name else tensor.half()
    return {name: cast(name, tensor) for name, tensor in state.items()}


def renamed(state, prefix):
    """The backbone under another prefix; heads keep their names."""
    return {prefix + name[len(PREFIX):] if name.startswith(PREFIX) else name: tensor
            for name, tensor in state.items()}


def safetensors(path, state):
    """One safetensors file, as transformers writes it."""
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, path / "model.safetensors",
              metadata={"format": "pt"})


def bin_file(path, state, **options):
    """One pytorch_model.bin."""
    torch.save(state, path / "pytorch_model.bin", **options)


def legacy_bin(path, state):
    """The format before torch 1.6: pickles and raw storages one after another, no zip."""
    bin_file(path, state, _use_new_zipfile_serialization=False)


def _shards(state):
    """Cut the tensors, in the order of names, into three parts."""
    names = sorted(state)
    first, second = SHARD_SIZES
    return [{name: state[name] for name in part}
            for part in (names[:first], names[first:second], names[second:])]


def _write_index(path, name, files, parts):
    """The index of shards as transformers writes it."""
    total = sum(tensor.numel() * tensor.element_size() for part in parts for tensor in part.values())
    weight_map = {key: file for file, part in zip(files, parts) for key in part}
    text = json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=2, sort_keys=True)
    (path / name).write_text(text + "\n", encoding="ascii")


def sharded_safetensors(path, state):
    """Three safetensors files and their index."""
    parts = _shards(state)
    files = ["model-%05d-of-%05d.safetensors" % (index + 1, len(parts)) for index in range(len(parts))]
    for file, part in zip(files, parts):
        save_file({name: tensor.contiguous() for name, tensor in part.items()}, path / file,
                  metadata={"format": "pt"})
    _write_index(path, "model.safetensors.index.json", files, parts)


def sharded_bin(path, state):
    """Three .bin files and their index."""
    parts = _shards(state)
    files = ["pytorch_model-%05d-of-%05d.bin" % (index + 1, len(parts)) for index in range(len(parts))]
    for file, part in zip(files, parts):
        torch.save(part, path / file)
    _write_index(path, "pytorch_model.bin.index.json", files, parts)


def pooled(state):
    """All tensors as views into one storage, with gaps; every second matrix is stored transposed.

    The views differ in offset and stride, as after slicing or transposing without a copy.
    """
    gap = 3
    pool = torch.full((sum(tensor.numel() + gap for tensor in state.values()),), float("nan"))
    views, start = {}, gap
    for index, (name, tensor) in enumerate(sorted(state.items())):
        flip = tensor.dim() == 2 and index % 2 == 0
        view = pool[start:start + tensor.numel()].view(tensor.t().shape if flip else tensor.shape)
        view.copy_(tensor.t() if flip else tensor)
        views[name] = view.t() if flip else view
        start += tensor.numel() + gap
    return views


def shared(state):
    """Tensors that share storages: one expanded from a single number, one tensor under two names, a strided one."""
    result = dict(state)
    result["classifier.bias"] = state["classifier.bias"][:1].expand(state["classifier.bias"].shape)
    result["unused.copy_of_word_embeddings"] = state[PREFIX + "embeddings.word_embeddings.weight"]
    name = PREFIX + "encoder.layer.0.attention.self.query_proj.weight"
    wide = torch.full((state[name].shape[0], 2 * state[name].shape[1]), float("nan"))
    wide[:, ::2] = state[name]
    result[name] = wide[:, ::2]
    return result


def as_parameters(state):
    """nn.Parameter in place of tensors: the pickle then calls another rebuilding function."""
    return {name: torch.nn.Parameter(tensor) for name, tensor in state.items()}
