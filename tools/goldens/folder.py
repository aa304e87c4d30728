"""Write one folder of goldens."""

import json
import shutil

import numpy as np
from safetensors.numpy import save_file


def fresh(root, name):
    """An empty folder root/name."""
    path = root / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def write_json(path, value):
    """A small JSON file with a final newline."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="ascii")


def write_lines(path, lines):
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="ascii")


def write_tensors(path, arrays):
    """A safetensors file in float32, keys sorted."""
    save_file({key: np.ascontiguousarray(arrays[key], dtype=np.float32) for key in sorted(arrays)}, path)


def write_golden(path, lines, expected, request):
    """inputs.jsonl, expected.safetensors and request.json; model and config are the caller's."""
    write_lines(path / "inputs.jsonl", lines)
    write_tensors(path / "expected.safetensors", expected)
    write_json(path / "request.json", request)


def select(line, outputs, head, last_state_only=False, rows_selected=False):
    """Name the outputs of one input line as `berta encode` does.

    `outputs` holds `states` [layers + 1][L, D] and, by head, `logits` or `start_logits` and `end_logits`.
    Logits of a language model may have been selected at the mask positions already.
    """
    prefix = line["id"] + "."
    named = {}
    if "states" in outputs:
        named[prefix + "last_hidden_state"] = outputs["states"][-1]
        if not last_state_only:
            named.update({prefix + "hidden_states.%d" % k: state for k, state in enumerate(outputs["states"])})
    for key in ("logits", "start_logits", "end_logits"):
        if key in outputs:
            named[prefix + key] = outputs[key]
    if head == "mlm" and "mask_positions" in line and not rows_selected:
        named[prefix + "logits"] = named[prefix + "logits"][line["mask_positions"]]
    return named
