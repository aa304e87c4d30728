#!/usr/bin/env python3
"""Low-rank adapters of `berta finetune` against PEFT, over small random models of every kind.

1. berta begins from an adapter that PEFT wrote (--adapter): loss and gradients of its first step against PEFT's.
2. berta's adapter folder loaded by PEFT over the base model: its logits against those of berta's merged folder in
   transformers.
Needs transformers 4.57.1, torch 2.13.0 and peft 0.21.2. Prints the worst differences of each case and exits 1 above 1e-5
(of the loss, of the largest gradient, of the largest logit).
Usage: tools/parity/lora.py build/berta
"""
import copy
import pathlib
import sys
import tempfile

import peft
import safetensors.torch
import torch
import transformers

import train_step

BERT = transformers.BertConfig(**{k: v for k, v in train_step.SIZES.items() if k != "pooler_dropout"})
CASES = {
    "v3": (train_step.CONFIGS["v3"], ["query_proj", "key_proj", "value_proj"]),
    "v3 dense": (train_step.CONFIGS["v3"], ["dense"]),
    "v2-conv": (train_step.CONFIGS["v2-conv"], ["value_proj", "output.dense"]),
    "v2-own-keys": (train_step.CONFIGS["v2-own-keys"], ["pos_key_proj", "pos_query_proj", "query_proj"]),
    "v1": (train_step.CONFIGS["v1"], ["dense", "pos_proj", "pos_q_proj"]),
    "bert": (BERT, ["query", "value"]),
}
LABELS = [0, 2, 1, 2]
SAVED = ["pooler", "classifier"]


def make_base(config, folder):
    """A base model with a tokenizer, the texts as its input, and the texts as a file."""
    torch.manual_seed(1)
    config = copy.deepcopy(config)
    config.num_labels = 3
    model = transformers.AutoModelForSequenceClassification.from_config(config)
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder / "model")
    tokenizer = transformers.AutoTokenizer.from_pretrained(train_step.TOKENIZER)
    tokenizer.save_pretrained(folder / "model")
    data = folder / "data.tsv"
    data.write_text("text\ttext_pair\tlabel\n" + "".join(
        f"{text}\t{pair}\t{label}\n" for text, pair, label in zip(train_step.TEXTS, train_step.PAIRS, LABELS)))
    return model, tokenizer(train_step.TEXTS, train_step.PAIRS, padding=True, return_tensors="pt"), data


def reference_step(model, encoded, targets, folder):
    """An adapter whose B is not zero, saved; the loss and the gradients that it has."""
    config = peft.LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=12, lora_dropout=0.0, target_modules=targets,
                             modules_to_save=SAVED, init_lora_weights=False)
    adapted = peft.get_peft_model(model, config)
    for name, parameter in adapted.named_parameters():
        if "modules_to_save" in name:  # not the base's: so reading them shows
            parameter.data += 0.05 * torch.randn_like(parameter)
    adapted.save_pretrained(folder / "first")
    adapted.train()
    loss = adapted(**encoded, labels=torch.tensor(LABELS)).loss
    loss.backward()
    gradients = {}
    for name, parameter in adapted.named_parameters():
        if parameter.grad is not None:
            name = name.removeprefix("base_model.model.").replace(".default", "").replace(".modules_to_save", "")
            gradients[name] = parameter.grad
    return loss.item(), gradients


def logits_of(model, encoded):
    model.eval()
    with torch.no_grad():
        return model(**encoded).logits


def compare_logits(folder, encoded, base):
    output = folder / "out"
    load = transformers.AutoModelForSequenceClassification.from_pretrained
    merged = logits_of(load(output), encoded)
    beside = logits_of(peft.PeftModel.from_pretrained(load(folder / "model"), output / "adapter"), encoded)
    assert float((merged - logits_of(base, encoded)).abs().max()) > 1e-2, "the training changed nothing"
    return float((merged - beside).abs().max() / beside.abs().max())


def case(command, config, targets, folder):
    base, encoded, data = make_base(config, folder)
    pristine = copy.deepcopy(base)
    loss, gradients = reference_step(base, encoded, targets, folder)
    dump = train_step.run_berta(command, folder, data, "classification",
                                ["--labels", "0,1,2", "--adapter", folder / "first"])
    mine = {n.removeprefix("gradient."): t for n, t in dump.items() if n.startswith("gradient.")}
    assert mine.keys() == gradients.keys(), mine.keys() ^ gradients.keys()
    largest = max(float(g.abs().max()) for g in gradients.values())
    gradient, at = train_step.compare(mine, gradients, largest)
    saved = safetensors.torch.load_file(folder / "out/adapter/adapter_model.safetensors")
    assert saved.keys() == safetensors.torch.load_file(folder / "first/adapter_model.safetensors").keys()
    return abs(loss - dump["loss"].item()) / abs(loss), gradient, at, compare_logits(folder, encoded, pristine)


def main():
    failed = False
    for name, (config, targets) in CASES.items():
        with tempfile.TemporaryDirectory() as temporary:
            off, gradient, at, logits = case(sys.argv[1], config, targets, pathlib.Path(temporary))
        bad = max(off, gradient, logits) > 1e-5
        failed |= bad
        print(f"{name:12} loss {off:.1e}, gradients {gradient:.1e} ({at}), logits {logits:.1e}{'  BAD' if bad else ''}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
