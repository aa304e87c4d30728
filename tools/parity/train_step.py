#!/usr/bin/env python3
"""One training step of `berta finetune` against transformers and torch: loss, every gradient, every updated weight.

Needs transformers 4.57.1 and torch 2.13.0. Small random models of every kind, dropout 0, f32; prints the worst
difference of each case and exits 1 above 1e-5 (of the largest gradient, or of the learning rate).
Usage: tools/parity/train_step.py build/berta
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import safetensors.torch
import torch
import transformers

ROOT = pathlib.Path(__file__).parents[2]
TOKENIZER = ROOT / "models/sentiment"
TEXTS = ["A fine film.", "The plot is thin, but the cast is wonderful and it never drags.", "No.",
         "I would rather watch paint dry in a cold, badly lit room than sit through this again."]
PAIRS = ["It was good.", "The cast is bad.", "Yes, please.", "The film is dull."]
SIZES = dict(vocab_size=8001, hidden_size=48, num_hidden_layers=3, num_attention_heads=3, intermediate_size=96,
             hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.1, pooler_dropout=0)
V2 = transformers.DebertaV2Config
V1 = transformers.DebertaConfig
CONFIGS = {
    "v3": V2(**SIZES, relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=256,
             norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False, type_vocab_size=0),
    "v2-conv": V2(**SIZES, relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=8,
                  norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False, type_vocab_size=0,
                  conv_kernel_size=3, conv_act="gelu"),
    "v2-own-keys": V2(**SIZES, relative_attention=True, pos_att_type=["p2c", "c2p"], position_biased_input=True,
                      type_vocab_size=2),
    "v1": V1(**SIZES, relative_attention=True, pos_att_type=["p2c", "c2p"], position_biased_input=False,
             type_vocab_size=0),
}
RATE, DECAY, CLIP = 1e-3, 0.1, 1.0
EXTRA = []  # more options of berta, for scripts that import this one


def reference_step(model, encoded, labels):
    """Loss, gradients and weights after one step of AdamW, as a Trainer takes it."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(True)
    model.train()
    output = model(**encoded, labels=labels)
    output.loss.backward()
    gradients = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}],
                                  lr=RATE, eps=1e-6)
    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimizer.step()
    return output.loss.item(), gradients, {n: p.detach().clone() for n, p in model.named_parameters()}


def joined(tensors, prefix, heads):
    """Berta's tensors by the names of the checkpoint: V1's parts of in_proj are put together."""
    found, parts = {}, {}
    for name, tensor in tensors.items():
        if not name.startswith(prefix):
            continue
        name = name[len(prefix):]
        if "#" in name:
            whole, part = name.split("#")
            parts.setdefault(whole, {})[part] = tensor
        else:
            found[name] = tensor
    for whole, three in parts.items():
        split = [three[p].view(heads, -1, three[p].shape[1]) for p in ("query", "key", "value")]
        found[whole] = torch.stack(split, 1).reshape(-1, split[0].shape[2])
    return found


def compare(mine, theirs, scale):
    worst, where = 0.0, ""
    for name, tensor in theirs.items():
        if name not in mine:
            assert float(tensor.abs().max()) == 0, f"{name} is missing and not zero"
            continue
        difference = float((mine[name] - tensor).abs().max()) / scale
        if difference > worst:
            worst, where = difference, name
    return worst, where


def run_berta(command, folder, data, task, extra):
    dump = folder / "step.safetensors"
    subprocess.run([command, "finetune", folder / "model", "--task", task, "--train", data, "--output", folder / "out",
                    "--max-steps", "1", "--batch-size", "64", "--dropout", "0", "--learning-rate", str(RATE),
                    "--weight-decay", str(DECAY), "--epsilon", "1e-6", "--clip", str(CLIP), "--schedule", "constant",
                    "--dump-step", dump, "--quiet", "--max-length", "64", *extra, *EXTRA], check=True, stdout=subprocess.DEVNULL)
    return safetensors.torch.load_file(dump)


def text_case(command, config, task, folder):
    torch.manual_seed(1)
    config = copy.deepcopy(config)
    config.num_labels = 1 if task == "regression" else 3
    config.problem_type = {"regression": "regression", "multi-label": "multi_label_classification"}.get(
        task, "single_label_classification")
    model = transformers.AutoModelForSequenceClassification.from_config(config)
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder / "model")
    tokenizer = transformers.AutoTokenizer.from_pretrained(TOKENIZER)
    tokenizer.save_pretrained(folder / "model")
    data = folder / "data.jsonl"
    labels = {"classification": [0, 2, 1, 2], "regression": [0.5, -1.0, 2.0, 0.0],
              "multi-label": [["0"], ["1", "2"], [], ["0", "2"]]}[task]
    with open(data, "w") as out:
        for text, pair, label in zip(TEXTS, PAIRS, labels):
            out.write(json.dumps({"text": text, "text_pair": pair, "label": label}) + "\n")
    encoded = tokenizer(TEXTS, PAIRS, padding=True, return_tensors="pt")
    target = {"classification": lambda: torch.tensor(labels), "regression": lambda: torch.tensor(labels),
              "multi-label": lambda: torch.tensor([[float(str(i) in row) for i in range(3)] for row in labels])}[task]()
    names = ["--labels", "0,1,2"] if task != "regression" else []
    dump = run_berta(command, folder, data, task, names)
    return model, encoded, target, dump


def main():
    command = sys.argv[1]
    failed = False
    for name, config in CONFIGS.items():
        for task in ("classification", "regression", "multi-label"):
            with tempfile.TemporaryDirectory() as temporary:
                folder = pathlib.Path(temporary)
                model, encoded, target, dump = text_case(command, config, task, folder)
                loss, gradients, weights = reference_step(model, encoded, target)
                largest = max(float(g.abs().max()) for g in gradients.values())
                heads = config.num_attention_heads
                gradient, at = compare(joined(dump, "gradient.", heads), gradients, largest)
                weight, at_weight = compare(joined(dump, "weight.", heads), weights, RATE)
                off = abs(loss - dump["loss"].item()) / abs(loss)
                bad = max(gradient, off) > 1e-5 or weight > 1e-2
                failed |= bad
                print(f"{name:12} {task:15} loss {off:.1e}, gradients {gradient:.1e} ({at}), "
                      f"weights {weight:.1e} of the rate ({at_weight}){'  BAD' if bad else ''}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
