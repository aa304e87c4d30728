#!/usr/bin/env python3
"""`transformers` loads what `berta pretrain` writes, and computes what `berta encode` does.

Needs transformers 4.57.1. Short trainings of small models; from each folder AutoModel or AutoModelForMaskedLM must find
every key, and hidden states, and the logits of a model that was trained with the plain decoder, must be within 1e-5.
`berta fill-mask` and `berta rtd` must run on them. Exits 1 if something is not so.
Usage: tools/parity/pretrained.py build/berta
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import command as tool  # sets HF_HUB_OFFLINE before transformers is imported
import safetensors.torch
import torch
import transformers

ROOT = pathlib.Path(__file__).parents[2]
TOKENIZER = ROOT / "models/sentiment"
TEXTS = ["A fine film.", "The [MASK] is thin, but the cast is [MASK] and it never drags.", "No."]
SIZES = dict(hidden_size=48, num_hidden_layers=4, num_attention_heads=4, intermediate_size=96,
             max_position_embeddings=64, initializer_range=0.1, relative_attention=True, pos_att_type="p2c|c2p",
             position_biased_input=False, type_vocab_size=0)
V3 = dict(SIZES, model_type="deberta-v2", position_buckets=8, norm_rel_ebd="layer_norm", share_att_key=True)
CONFIGS = {
    "v3": V3,
    "v2": dict(V3, conv_kernel_size=3, conv_act="gelu"),
    "v1": dict(SIZES, model_type="deberta"),
    "Microsoft's": {key: value for key, value in V3.items() if key != "model_type"},
}
BOUND = 1e-5


def pretrain(command, folder, config, *options):
    """A folder with the models of a short training."""
    (folder / "config.json").write_text(json.dumps(config))
    output = folder / "out"
    subprocess.run([command, "pretrain", "--corpus", folder.parent / "corpus", "--tokenizer", TOKENIZER, "--config",
                    folder / "config.json", "--output", output, "--max-steps", "3", "--batch-size", "4",
                    "--max-length", "40", "--learning-rate", "1e-3", "--quiet", *options],
                   check=True, stdout=subprocess.DEVNULL)
    return output


def load(kind, folder, bad):
    """The model; notes keys that it lacks."""
    model, facts = kind.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    for what in ("missing_keys", "mismatched_keys", "error_msgs"):
        if facts[what]:
            bad.append("%s %s" % (what, sorted(facts[what])[:4]))
    return model.eval()


def encode(command, folder, ids, *options):
    """What `berta encode` writes for lists of ids."""
    lines = folder.parent / "ids.jsonl"
    lines.write_text("".join(json.dumps({"id": str(i), "input_ids": one}) + "\n" for i, one in enumerate(ids)))
    output = folder.parent / "encoded.safetensors"
    subprocess.run([command, "encode", folder, "--input", lines, "--hidden-states", "--output", output, "--quiet",
                    *options], check=True, stdout=subprocess.DEVNULL)
    return safetensors.torch.load_file(output)


@torch.no_grad()
def worst(command, folder, backbone, masked):
    """The largest difference of hidden states, and of logits where there is a model with them."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = [tokenizer(text)["input_ids"] for text in TEXTS]
    mine = encode(command, folder, ids, *(["--logits", "--head", "mlm", "--mlm-decoder", "plain"] if masked else []))
    states, logits = 0.0, 0.0
    for number, one in enumerate(ids):
        batch = torch.tensor([one])
        for layer, state in enumerate(backbone(batch, output_hidden_states=True).hidden_states):
            states = max(states, float((mine["%d.hidden_states.%d" % (number, layer)] - state[0]).abs().max()))
        if masked:
            logits = max(logits, float((mine["%d.logits" % number] - masked(batch).logits[0]).abs().max()))
    return states, logits


def say(title, states, logits, bad):
    """Prints a case; True if it is bad."""
    if max(states, logits) > BOUND:
        bad.append("BAD")
    print("%-36s hidden states %.1e%s  %s" % (title, states, ", logits %.1e" % logits if logits else "",
                                             "; ".join(bad)), flush=True)
    return bool(bad)


def masked_folder(command, folder, title, decoder):
    """Checks a masked language model."""
    bad = []
    model = load(transformers.AutoModelForMaskedLM, folder, bad)
    states, logits = worst(command, folder, load(transformers.AutoModel, folder, bad), model)
    fillings = tool.ask(command, "fill-mask", folder, TEXTS[1:2])
    if [len(mask) for mask in fillings[0]] != [5, 5]:
        bad.append("fill-mask says %s" % fillings)
    names = safetensors.torch.load_file(folder / "model.safetensors")
    if any("lm_predictions" in name for name in names) != (decoder == "emd"):
        bad.append("the head has another decoder's names")
    return say(title, states, logits, bad)


def discriminator_folder(command, folder, title):
    """Checks a discriminator."""
    bad = []
    model = load(transformers.AutoModel, folder, bad)
    if not isinstance(model, (transformers.DebertaV2Model, transformers.DebertaModel)):
        bad.append("loaded as %s" % type(model).__name__)
    states, _ = worst(command, folder, model, None)
    for line in tool.ask(command, "rtd", folder, TEXTS):
        if not line or not all(0 < token["score"] < 1 for token in line):
            bad.append("rtd says %s" % line)
    return say(title, states, 0, bad)


def main():
    """Runs all cases."""
    command, failed = sys.argv[1], False
    transformers.logging.set_verbosity_error()  # what is missing is looked at below
    pages = [str(page) for page in sorted((ROOT / "docs").glob("*.md"))]
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        subprocess.run([command, "corpus", "prepare", *pages, "--tokenizer", TOKENIZER, "--output", root / "corpus",
                        "--quiet"], check=True)
        for name, config in CONFIGS.items():
            for decoder in ("plain", "emd"):
                folder = root / (name + decoder)
                folder.mkdir()
                output = pretrain(command, folder, config, "--objective", "mlm", "--mlm-decoder", decoder)
                failed |= masked_folder(command, output, "%s, mlm, %s" % (name, decoder), decoder)
            for sharing in ("gdes", "es", "none"):
                folder = root / (name + sharing)
                folder.mkdir()
                output = pretrain(command, folder, config, "--objective", "rtd", "--embedding-sharing", sharing)
                title = "%s, rtd %s, " % (name, sharing)
                failed |= masked_folder(command, output / "generator", title + "generator", "emd")
                failed |= discriminator_folder(command, output / "discriminator", title + "discriminator")
    return failed


if __name__ == "__main__":
    sys.exit(main())
