"""Folders with an index of shards that lies."""
import json

from containers import archive, entry, safetensors

A = safetensors({"a": entry([1], 0, 4)}, b"\0" * 4)
B = safetensors({"b": entry([1], 0, 4)}, b"\0" * 4)


def folder(index, base="model.safetensors", **files):
    raw = index if isinstance(index, bytes) else json.dumps(index).encode()
    named = {key.replace("_dot_", "."): value for key, value in files.items()}
    return {base + ".index.json": raw} | named


def mapped(weight_map, **files):
    return folder({"metadata": {"total_size": 8}, "weight_map": weight_map}, **files)


GOOD = {"a": "a.safetensors", "b": "b.safetensors"}
BOTH = {"a_dot_safetensors": A, "b_dot_safetensors": B}

CASES = {
    "not-json": (folder(b"hello"), "invalid JSON"),
    "empty-index": (folder(b""), "invalid JSON"),
    "array": (folder([]), "expected an object"),
    "no-weight-map": (folder({"metadata": {}}), "weight_map"),
    "weight-map-array": (mapped(["a.safetensors"]), "weight_map"),
    "weight-map-null": (mapped(None), "weight_map"),
    "weight-map-empty": (mapped({}), "names no tensors"),
    "shard-number": (mapped({"a": 1}), "expected a string"),
    "shard-null": (mapped({"a": None}), "expected a string"),
    "shard-empty-name": (mapped({"a": ""}), "same folder"),
    "shard-parent": (mapped({"a": "../a.safetensors"}), "same folder"),
    "shard-dots": (mapped({"a": ".."}), "same folder"),
    "shard-absolute": (mapped({"a": "/etc/passwd"}), "same folder"),
    "shard-subfolder": (mapped({"a": "sub/a.safetensors"}), "same folder"),
    "shard-backslash": (mapped({"a": "..\\a.safetensors"}), "same folder"),
    "shard-zero-byte": (mapped({"a": "a.safetensors\0.txt"}), "same folder"),
    "shard-missing": (mapped(GOOD, a_dot_safetensors=A), "not there"),
    "shard-is-folder": (mapped({"a": "sub"}) | {"sub/x": b""}, "not there"),
    "shard-broken": (mapped(GOOD, a_dot_safetensors=A, b_dot_safetensors=B[:-1]), "b.safetensors"),
    "shard-is-index": (mapped({"a": "model.safetensors.index.json"}), "neither a zip archive"),
    "tensor-missing": (mapped(GOOD | {"c": "a.safetensors"}, **BOTH), '"c"'),
    "tensor-in-other-shard": (mapped({"a": "b.safetensors", "b": "a.safetensors"}, **BOTH), "not there"),
    "tensor-in-two-shards": (
        mapped({"a": "a.safetensors"} | {"a2": "b.safetensors"},
               a_dot_safetensors=A,
               b_dot_safetensors=safetensors({"a": entry([1], 0, 4), "a2": entry([1], 4, 8)}, b"\0" * 8)),
        "is also in"),
    "name-twice": (folder(b'{"weight_map":{"a":"a.safetensors","a":"b.safetensors"}}', **BOTH), "twice"),
    "deep": (folder(b'{"weight_map":' + b"[" * 3000 + b"]" * 3000 + b"}"), "nested deeper"),
    "bin-shard-missing": (
        folder({"weight_map": {"weight": "p.bin"}}, base="pytorch_model.bin"), "not there"),
    "bin-shard-refused": (
        folder({"weight_map": {"weight": "p.bin"}}, base="pytorch_model.bin",
               p_dot_bin=archive(pickle=b"\x80\x02cos\nsystem\n.").bytes()), "os.system"),
    "bin-tensor-missing": (
        folder({"weight_map": {"bias": "p.bin"}}, base="pytorch_model.bin", p_dot_bin=archive().bytes()), '"bias"'),
    "no-weights": ({"config.json": b"{}"}, "no weights found"),
    "weights-are-folder": ({"model.safetensors/x": b""}, "no weights found"),
}
