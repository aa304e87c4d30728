#!/usr/bin/env python3
"""The first step of `berta pretrain` against Microsoft's own training: losses, every gradient, every updated weight.

Needs a checkout of microsoft/DeBERTa at 4d7fe0b and torch 2.13.0. Small models with the spread of trained weights, f32,
dropout 0; Berta's masked ids and drawn tokens are given to Microsoft's trainers. Dropped tokens (--token-drop) are
holes there: padding in the middle of a sequence. Prints the worst difference of each case and exits 1 above 1e-5 (of
the loss, of the largest gradient, of weights as they are).
Where a gradient is next to nothing its rounding alone decides which way Adam steps by the whole rate, so epsilon is
1e-4 here: large beside rounding, small beside most gradients.
Usage: tools/parity/pretrain_step.py build/berta MICROSOFT_CHECKOUT
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import types

import safetensors.torch
import torch

ROOT = pathlib.Path(__file__).parents[2]
sys.path.append(str(ROOT / "tools/goldens"))
import microsoft_training  # noqa: E402
import weights  # noqa: E402

TOKENIZER = ROOT / "models/sentiment"
BASE = dict(vocab_size=8001, hidden_size=48, num_hidden_layers=4, num_attention_heads=4, intermediate_size=96,
            hidden_act="gelu", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.02,
            max_position_embeddings=64, layer_norm_eps=1e-7, type_vocab_size=0)
V1 = dict(BASE, relative_attention=True, pos_att_type="c2p|p2c", max_relative_positions=-1, position_biased_input=False)
V3 = dict(V1, position_buckets=8, norm_rel_ebd="layer_norm", share_att_key=True)
V2 = dict(V3, conv_kernel_size=3, conv_act="gelu")
ABSOLUTE = dict(BASE, relative_attention=False, pos_att_type="none", position_biased_input=True)
MLM = {"v3": V3, "v2, convolution": V2, "v1, own positions": V1, "absolute, plain": ABSOLUTE}
RTD = [("gdes", True, 1), ("gdes", True, 2), ("es", True, 1), ("none", True, 1), ("gdes", False, 1), ("es", False, 1)]
RATE, DECAY, CLIP, EPSILON, LAMBDA, BATCH = 1e-3, 0.1, 1.0, 1e-4, 10, 4
DROP = 0.3  # of the cases with dropped tokens
BOUND = 1e-5
WORD, POSITION = "deberta.embeddings.word_embeddings.", "deberta.embeddings.position_embeddings."


def arguments(folder, optimizer, **more):
    """What Microsoft's trainers and optimizer ask for."""
    return types.SimpleNamespace(
        optimizer=optimizer, learning_rate=RATE, adam_beta1=0.9, adam_beta2=0.999, lr_schedule="warmup_linear",
        lr_schedule_ends=0, warmup_proportion=0.0, epsilon=EPSILON, max_grad_norm=CLIP, weight_decay=DECAY, fp16=False,
        rank=-1, world_size=1, seed=1, output_dir=str(folder / "microsoft"), checkpoint_dir=None, dump_interval=1 << 60,
        vocab_path=str(TOKENIZER / "config.json"), discriminator_learning_rate=-1, rtd_lambda=LAMBDA, **more)


def save(folder, config, state):
    """A folder that Berta goes on from."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    safetensors.torch.save_file({n: t.detach().clone().contiguous() for n, t in state.items()},
                                folder / "model.safetensors")


def run_berta(command, folder, optimizer, *options):
    """The first step's dump."""
    dump = folder / "step.safetensors"
    subprocess.run([command, "pretrain", "--corpus", CORPUS, "--tokenizer", TOKENIZER, "--output", folder / "berta",
                    "--max-steps", "1", "--batch-size", str(BATCH), "--max-length", "40", "--dropout", "0",
                    "--learning-rate", str(RATE), "--weight-decay", str(DECAY), "--epsilon", str(EPSILON), "--clip",
                    str(CLIP), "--optimizer", optimizer, "--schedule",
                    "microsoft-linear" if optimizer == "xadam" else "constant", "--dump-step", dump, "--quiet",
                    *options], check=True, stdout=subprocess.DEVNULL)
    return safetensors.torch.load_file(dump)


def padded(dump, parts):
    """Microsoft's batch of Berta's packed ones: ids, mask, positions, labels (0: not asked for)."""
    rows = []
    for part in range(parts):
        get = lambda name: dump["batch%d.%s" % (part, name)].int()  # noqa: B023, E731
        labels = torch.zeros_like(get("input_ids"))
        labels[get("picked_rows").long()] = get("labels")
        starts = get("starts").tolist()
        rows += [(get("input_ids")[a:b], labels[a:b], get("positions")[a:b].long()) for a, b in zip(starts, starts[1:])]
    longest = max(int(places[-1]) + 1 for _, _, places in rows)
    batch = {name: torch.zeros(len(rows), longest, dtype=torch.int) for name in ("input_ids", "input_mask", "labels")}
    for row, (ids, labels, places) in enumerate(rows):
        batch["input_ids"][row, places] = ids
        batch["labels"][row, places] = labels
        batch["input_mask"][row, places] = 1
    batch["position_ids"] = torch.arange(longest, dtype=torch.int).expand(len(rows), -1)
    return batch


def worst_of(mine, theirs, kind, prefix):
    """The largest difference of tensors `kind`NAME, and where. Both must have the same."""
    worst, where, names = 0.0, "", set()
    for name, tensor in theirs.items():
        found = mine.get(prefix + kind + name.replace("_embeddings._weight", "_embeddings.weight"))
        if found is None:
            raise ValueError("Berta has no " + kind + name)
        names.add(name.replace("_embeddings._weight", "_embeddings.weight"))
        difference = float((found - tensor).abs().max())
        if difference >= worst:
            worst, where = difference, name
    more = {n for n in mine if n.startswith(prefix + kind)} - {prefix + kind + n for n in names}
    if more:
        raise ValueError("only Berta has %s" % sorted(more))
    return worst, where


def report(title, off, compared):
    """Prints a case; True if it is bad. `compared`: worst gradient and weight of each model."""
    gradient, at = max(one[0] for one in compared)
    weight, at_weight = max(one[1] for one in compared)
    bad = max(off, gradient, weight) > BOUND
    print("%-36s loss %.1e, gradients %.1e (%s), weights %.1e (%s)%s" %
          (title, off, gradient, at, weight, at_weight, "  BAD" if bad else ""), flush=True)
    return bad


def compare(dump, step, prefix):
    """Worst gradient, as part of the model's largest, and worst weight of a model."""
    kept = {name: tensor for name, tensor in step.weights.items() if name in step.gradients}
    mine = {n: t for n, t in dump.items() if not n.startswith(prefix + "weight.")
            or prefix + "gradient." + n[len(prefix + "weight."):] in dump}
    gradient, at = worst_of(mine, step.gradients, "gradient.", prefix)
    largest = max(float(tensor.abs().max()) for tensor in step.gradients.values())
    return (gradient / largest, at), worst_of(mine, kept, "weight.", prefix)


def mlm_case(microsoft, command, name, optimizer, drop, folder):
    """One masked language model. `drop`: part of the tokens."""
    config = MLM[name]
    model = microsoft.mlm_model(config)
    weights.fill(model, name, config["num_attention_heads"])
    save(folder / "model", config, model.state_dict())
    dump = run_berta(command, folder, optimizer, "--objective", "mlm", "--model", folder / "model", "--token-drop",
                     str(drop))
    step = microsoft.mlm_step(model, padded(dump, 1), arguments(folder, optimizer, accumulative_update=1))
    off = abs(dump["loss"].item() / step.losses[0] - 1)
    return report("mlm %s, %s%s" % (name, optimizer, dropped(drop)), off, [compare(dump, step, "")])


def dropped(drop):
    """How a title says it."""
    return ", drop %g" % drop if drop else ""


def rtd_start(microsoft, sharing, folder):
    """The models with their weights, and the folders for Berta."""
    small = dict(V3, num_hidden_layers=2)
    model = microsoft.rtd_model(small, V3, sharing)
    weights.fill(model.generator, "generator", V3["num_attention_heads"])
    weights.fill(model.discriminator, "discriminator", V3["num_attention_heads"])
    save(folder / "generator", small, model.generator.state_dict())
    state = dict(model.discriminator.state_dict())
    given = model.generator.deberta.embeddings.word_embeddings.weight.detach()
    if sharing == "gdes":
        # The file holds the sum, from which Berta subtracts; so that rounding is the same.
        difference = model.discriminator.deberta.embeddings.word_embeddings._weight.data
        state[WORD + "weight"] = given + difference
        difference.copy_(state[WORD + "weight"] - given)
        del state[WORD + "_weight"], state[POSITION + "_weight"]
    elif sharing == "es":
        state[WORD + "weight"] = given
    save(folder / "discriminator", V3, state)
    return model


def rtd_case(microsoft, command, optimizer, case, drop, folder):
    """A generator and a discriminator. `case`: sharing, decoupled, parts of a batch. `drop`: part of the tokens."""
    sharing, decoupled, parts = case
    model = rtd_start(microsoft, sharing, folder)
    dump = run_berta(command, folder, optimizer, "--objective", "rtd", "--generator", folder / "generator", "--model",
                     folder / "discriminator", "--embedding-sharing", sharing, "--rtd-weight", str(LAMBDA),
                     "--decoupled", "yes" if decoupled else "no", "--accumulation", str(parts), "--token-drop",
                     str(drop))
    drawn = [dump["batch%d.drawn" % part] for part in range(parts)]
    steps = microsoft.rtd_step(model, padded(dump, parts), drawn,
                               arguments(folder, optimizer, accumulative_update=parts, decoupled_training=decoupled))
    names = ["generator.", "discriminator."]
    losses = [dump[name + "loss"].item() for name in names]
    if decoupled:
        off = max(abs(losses[0] / steps[0].losses[0] - 1), abs(losses[1] * LAMBDA / steps[1].losses[0] - 1))
        compared = [compare(dump, step, name) for name, step in zip(names, steps)]
    else:
        off = abs((losses[0] + LAMBDA * losses[1]) / steps[0].losses[0] - 1)
        compared = [compare(dump, part_of(steps[0], name), name) for name in names]
    title = "rtd %s, %s%s, %s%s" % (sharing, "decoupled" if decoupled else "together",
                                    "" if parts == 1 else ", %d batches" % parts, optimizer, dropped(drop))
    return report(title, off, compared)


def part_of(step, prefix):
    """One model of a trainer of both."""
    part = microsoft_training.Step()
    for mine, theirs in ((part.gradients, step.gradients), (part.weights, step.weights)):
        mine.update({n[len(prefix):]: t for n, t in theirs.items() if n.startswith(prefix)})
    return part


def make_corpus(command, folder):
    """A small corpus of the repository's own pages."""
    pages = [str(page) for page in sorted((ROOT / "docs").glob("*.md"))]
    subprocess.run([command, "corpus", "prepare", *pages, "--tokenizer", TOKENIZER, "--output", folder, "--quiet"],
                   check=True)
    return folder


def main():
    """Runs all cases."""
    global CORPUS
    command, failed = sys.argv[1], False
    microsoft = microsoft_training.Training(sys.argv[2])
    with tempfile.TemporaryDirectory() as temporary:
        CORPUS = make_corpus(command, pathlib.Path(temporary) / "corpus")
        cases = [(mlm_case, name, optimizer, 0) for name in MLM for optimizer in ("adamw", "xadam")]
        cases += [(rtd_case, optimizer, case, 0) for case in RTD for optimizer in ("adamw", "xadam")]
        cases += [(mlm_case, name, "adamw", DROP) for name in MLM]
        cases += [(rtd_case, "adamw", case, DROP) for case in RTD[:2]]
        for number, (run, *given) in enumerate(cases):
            folder = pathlib.Path(temporary) / str(number)
            folder.mkdir()
            failed |= run(microsoft, command, *given, folder)
    return failed


if __name__ == "__main__":
    sys.exit(main())
