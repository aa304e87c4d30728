#!/usr/bin/env python3
"""Make the loading goldens: one tiny model in many file formats, types and tensor names.

usage: make_loading_goldens.py --output tests/goldens/loading

expected.json says which logits each folder must give for the lines of inputs.jsonl, and how closely.  The folders under
`errors` must be refused.
"""

import argparse
import json
import pathlib

import torch
import transformers

import configurations
import folder
import inputs
import loading_files as files
import loading_variants
import transformers_oracle

TOLERANCE = 2e-5
SIZE = dict(hidden_size=8, intermediate_size=12, vocab_size=24, num_labels=3)
VERSION_3 = configurations.Case("loading-v3", "deberta-v2", "classification", dict(configurations.SMALLEST, **SIZE))
VERSION_1 = configurations.Case("loading-v1", "deberta", "classification",
                                dict(configurations.SMALLEST_FIRST, max_position_embeddings=24,
                                     max_relative_positions=12, **SIZE))


@torch.no_grad()
def logits(model, lines):
    """The logits of each line: computed in double, with the digits of single precision."""
    with transformers_oracle.double(model):
        results = {line["id"]: model(torch.tensor([line["input_ids"]])).logits[0].float() for line in lines}
    return {key: [float("%.9g" % value) for value in row] for key, row in results.items()}


def logits_of_state(model, state, lines):
    """The logits with other tensors of the same names."""
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(files.as_type(state, torch.float32), strict=True)
    result = logits(model, lines)
    model.load_state_dict(before)
    return result


def check_with_transformers(path, wanted, lines):
    """What transformers gives for the same folder must be the same."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32).eval()
    found = logits(model, lines)
    for key, row in wanted.items():
        if max(abs(a - b) for a, b in zip(row, found[key])) > TOLERANCE:
            raise ValueError("%s: transformers gives %s for %s, expected %s" % (path, found[key], key, row))


def states_of(model):
    """The tensors that the variants store, by the name of their expected logits."""
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    shared = dict(state, **{"classifier.bias": state["classifier.bias"][:1].expand(3).clone()})
    return {"v3-f32": state, "v3-f16": files.as_type(state, torch.float16),
            "v3-bf16": files.as_type(state, torch.bfloat16), "v3-mixed": files.as_mixed(state),
            "v3-equal-biases": shared}


def write_variants(root, variants, config, expected, lines):
    """Write every folder; returns the entries for expected.json."""
    entries = {}
    for variant in variants:
        path = folder.fresh(root, variant.name)
        if variant.config_name:
            folder.write_json(path / variant.config_name, variant.config or config)
        variant.write(path)
        if variant.expected:
            entries[variant.name] = {"expected": variant.expected, "tolerance": TOLERANCE}
            if variant.transformers_reads:
                check_with_transformers(path, expected[variant.expected], lines)
    return entries


def config_of(model):
    """config.json as transformers writes it."""
    config = json.loads(model.config.to_json_string(use_diff=True))
    return dict(config, architectures=[type(model).__name__], dtype="float32")


def main():
    """Make every folder, inputs.jsonl and expected.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    root = parser.parse_args().output
    transformers.logging.set_verbosity_error()
    third, first = (transformers_oracle.build_model(case) for case in (VERSION_3, VERSION_1))
    lines = inputs.build("loading", SIZE["vocab_size"], (3, 16))
    states = states_of(third)
    expected = {name: logits_of_state(third, state, lines) for name, state in states.items()}
    expected["v1-f32"] = logits(first, lines)
    config = config_of(third)
    variants = loading_variants.version_3(states, third.config.to_dict())
    entries = write_variants(root, variants, config, expected, lines)
    bad = loading_variants.bad(states["v3-f32"])
    write_variants(root, bad, config, expected, lines)
    entries.update(write_variants(root, loading_variants.version_1(first), config_of(first), expected, lines))
    folder.write_lines(root / "inputs.jsonl", lines)
    folder.write_json(root / "expected.json", {"logits": expected, "variants": entries,
                                               "errors": {variant.name: variant.reason for variant in bad}})
    print("%d folders" % (len(entries) + len(bad)))


if __name__ == "__main__":
    main()
