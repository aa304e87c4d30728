#!/usr/bin/env python3
"""One SiFT step of `berta finetune` against Microsoft's AdversarialLearner around a model of transformers.

Both start from the same perturbation: the one that berta drew (--dump-step) is put into Microsoft's layer. Needs
transformers 4.57.1, torch 2.13.0 and sift.py of microsoft/DeBERTa 4d7fe0b. Prints the worst difference of each case and
exits 1 above 1e-5 (of the loss, or of the largest gradient).
Usage: tools/parity/sift_step.py build/berta DeBERTa/sift/sift.py
"""
import copy
import importlib.util
import pathlib
import sys
import tempfile

import torch

import train_step

WEIGHT, STEP, START = 3.0, 0.05, 0.1  # larger than usual, so that a step of ascent that is wrong shows
TASKS = ("classification", "multi-label")


def load_sift(path):
    spec = importlib.util.spec_from_file_location("sift", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def perturbation(dump, encoded, hidden):
    """Berta's first perturbation at the places of the padded batch; berta's sequences come in an order of their own."""
    delta = torch.zeros(*encoded["input_ids"].shape, hidden)
    ids, rows = dump["sift.ids"].long().tolist(), dump["sift.start"]
    starts = [i for i, token in enumerate(ids) if token == ids[0]] + [len(ids)]
    texts = [encoded["input_ids"][i][encoded["attention_mask"][i].bool()].tolist() for i in range(len(delta))]
    for begin, end in zip(starts, starts[1:]):
        at = texts.index(ids[begin:end])
        delta[at, :end - begin] = rows[begin:end]
    return delta


def reference(sift, model, encoded, labels, delta):
    """Loss and gradients of a step as apps/run.py of Microsoft takes it."""
    layers = sift.hook_sift_layer(model, hidden_size=delta.shape[-1], learning_rate=STEP, init_perturbation=START)
    assert len(layers) == 1
    learner = sift.AdversarialLearner(model, layers)
    layer, drawn = layers[0], layers[0].update_delta

    def given(requires_grad=False):
        """The first perturbation is not drawn but given; all else is Microsoft's."""
        first = layer.adversarial_mode and layer.delta is None
        done = drawn(requires_grad)
        if first:
            layer.delta = delta.clone().requires_grad_(requires_grad)
            layer.perturbated_input = layer.input.detach() + layer.delta
        return done

    layer.update_delta = given
    logits_of = lambda net, **data: net(**data).logits
    if model.config.problem_type == "multi_label_classification":  # sigmoid(z) is softmax(z, 0)
        plain, logits_of = logits_of, lambda net, **data: (lambda z: torch.stack([z, torch.zeros_like(z)], -1))(
            plain(net, **data))
    model.train()
    output = model(**encoded, labels=labels)
    clean = output.logits
    if model.config.problem_type == "multi_label_classification":
        clean = torch.stack([clean, torch.zeros_like(clean)], -1)
    loss = output.loss + WEIGHT * learner.loss(clean, logits_of, **encoded)
    loss.backward()
    return output.loss.item(), loss.item(), {n: p.grad.clone() for n, p in model.named_parameters()
                                             if p.grad is not None}


def main():
    command, sift = sys.argv[1], load_sift(sys.argv[2])
    train_step.EXTRA = ["--sift-weight", str(WEIGHT), "--sift-step", str(STEP), "--sift-start", str(START)]
    failed = False
    for name, config in train_step.CONFIGS.items():
        for task in TASKS:
            with tempfile.TemporaryDirectory() as temporary:
                model, encoded, target, dump = train_step.text_case(command, copy.deepcopy(config), task,
                                                                    pathlib.Path(temporary))
            delta = perturbation(dump, encoded, config.hidden_size)
            clean, loss, gradients = reference(sift, model, encoded, target, delta)
            largest = max(float(g.abs().max()) for g in gradients.values())
            mine = train_step.joined(dump, "gradient.", config.num_attention_heads)
            gradient, at = train_step.compare(mine, gradients, largest)
            off = abs(loss - dump["loss"].item()) / abs(loss)
            bad = max(gradient, off) > 1e-5
            failed |= bad
            print(f"{name:12} {task:15} loss {loss:.4f} (of the task {clean:.4f}): {off:.1e}, "
                  f"gradients {gradient:.1e} ({at}){'  BAD' if bad else ''}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
