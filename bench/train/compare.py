#!/usr/bin/env python3
"""`berta finetune` against a plain torch + transformers loop: tokens a second, peak memory, loss.

The same random models, texts, batch sizes, threads and optimiser (AdamW, clipped to norm 1, dropout 0.1, f32 or bf16
autocast). Each measures its own steps, in processes that take turns; the first two steps of a process do not count.
Tokens are those of the texts; padding is none. Needs torch 2.13.0 and transformers 4.57.1.
Usage: bench/train/compare.py build/berta --long REVIEWS --real SENTENCES [--rounds N] [--cases a,b] [--output FILE]
REVIEWS and SENTENCES are TSV files (plain or gzipped): label (0, 1), tab, text. docs/training.md names those of its figures.
"""
import argparse
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[2]
TOKENIZER = ROOT / "models/sentiment"
COMMON = dict(relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=256, norm_rel_ebd="layer_norm",
              share_att_key=True, position_biased_input=False, type_vocab_size=0, max_position_embeddings=512,
              num_labels=2)
MODELS = {
    "xsmall": dict(vocab_size=128100, hidden_size=384, num_hidden_layers=12, num_attention_heads=6,
                   intermediate_size=1536),
    "small": dict(vocab_size=8001, hidden_size=256, num_hidden_layers=4, num_attention_heads=4,
                  intermediate_size=1024),
}
# Steps: of one process; the first WARM are left out.
CASES = {f"{model} {kind} {number}": dict(model=model, kind=kind, bf16=number == "bf16")
         for model in MODELS for kind in ("16x128", "16xreal", "1x2048") for number in ("f32", "bf16")
         if not (kind == "1x2048" and model == "small")}
WARM = 2
STEPS = {"16x128": 8, "16xreal": 16, "1x2048": 4}
RATE = 2e-5


def examples(path, kind, tokenizer):
    """As many labelled texts as one process reads; for fixed lengths those that fill them."""
    batch, length = kind.split("x")
    wanted = int(batch) * STEPS[kind]
    texts = []
    open_text = gzip.open if str(path).endswith(".gz") else open
    with open_text(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            label, _, text = line.rstrip("\n").partition("\t")
            if label not in ("0", "1"):
                continue
            if length != "real":
                while texts and len(tokenizer(texts[-1][1])["input_ids"]) < int(length):
                    texts[-1] = (texts[-1][0], texts[-1][1] + " " + text)
                if len(texts) == wanted and len(tokenizer(texts[-1][1])["input_ids"]) >= int(length):
                    break
            elif len(texts) == wanted:
                break
            if len(texts) < wanted:
                texts.append((label, text))
    if len(texts) < wanted:
        sys.exit(f"{path}: expected {wanted} texts, found {len(texts)}")
    return texts


def run_torch(folder, data, batch, length, bf16, threads):
    """The loop that people write. Prints a JSON object."""
    import torch
    import transformers
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(TOKENIZER)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    lines = [line.rstrip("\n").split("\t") for line in open(data, encoding="utf-8")]
    order = torch.randperm(len(lines)).tolist()
    seconds, tokens, losses = [], [], []
    for first in range(0, len(lines), batch):
        rows = [lines[i] for i in order[first:first + batch]]
        start = time.time()
        encoded = tokenizer([text for _, text in rows], truncation=True, max_length=length, padding=True,
                            return_tensors="pt")
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            loss = model(**encoded, labels=torch.tensor([int(label) for label, _ in rows])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        seconds.append(time.time() - start)
        tokens.append(int(encoded["attention_mask"].sum()))
    print(json.dumps({"tokens": tokens, "seconds": seconds, "losses": losses}))


def measured(command, environment=None):
    """Output and peak memory, in MB, of a process."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            errors.seek(0)
            sys.exit(f"{command[0]} failed: {errors.read().decode()[-2000:]}")
        out.seek(0)
        return out.read().decode(), usage.ru_maxrss / 1024


def one_turn(engine, case, work, arguments):
    """Tokens a second of the counted steps, mean loss, peak memory."""
    batch, length = CASES[case]["kind"].split("x")
    length = 512 if length == "real" else int(length)
    folder, data = work / CASES[case]["model"], work / f"{CASES[case]['kind']}.tsv"
    bf16 = CASES[case]["bf16"]
    if engine == "torch":
        text, memory = measured([sys.executable, __file__, "--worker", str(folder), str(data), batch, str(length),
                                 str(int(bf16)), str(arguments.threads)])
        result = json.loads(text.splitlines()[-1])
        rate = sum(result["tokens"][WARM:]) / sum(result["seconds"][WARM:])
        return rate, statistics.mean(result["losses"]), memory
    out = work / "out"
    _, memory = measured([str(arguments.berta), "finetune", str(folder), "--tokenizer", str(TOKENIZER), "--train",
                          str(data), "--dev", str(work / "dev.tsv"), "--text-column", "2", "--label-column", "1",
                          "--batch-size", batch, "--max-length", str(length), "--epochs", "1", "--schedule", "constant",
                          "--learning-rate", str(RATE), "--log-every", "1", "--checkpoint-minutes", "0", "--threads",
                          str(arguments.threads), "--output", str(out), "--quiet"] + ["--bf16"] * bf16)
    steps = [json.loads(line) for line in open(out / "metrics.jsonl")]
    steps = [step for step in steps if "tokens_per_second" in step]
    # Of each step the log has its tokens a second; batches of one kind have about as many tokens.
    rate = statistics.harmonic_mean([step["tokens_per_second"] for step in steps[WARM:]])
    return rate, statistics.mean(step["train/loss"] for step in steps), memory


def prepare(work, cases, arguments):
    """Runs in a process of its own: what a child shows as its peak memory begins with its parent's."""
    import torch
    import transformers
    tokenizer = transformers.AutoTokenizer.from_pretrained(TOKENIZER)
    for name in {CASES[case]["model"] for case in cases}:
        torch.manual_seed(1)
        config = transformers.DebertaV2Config(**COMMON, **MODELS[name])
        transformers.DebertaV2ForSequenceClassification(config).save_pretrained(work / name)
    for kind in {CASES[case]["kind"] for case in cases}:
        rows = examples(arguments.real if kind.endswith("real") else arguments.long, kind, tokenizer)
        (work / f"{kind}.tsv").write_text("".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8")
    (work / "dev.tsv").write_text("0\tBad.\n1\tGood.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("berta", type=pathlib.Path)
    parser.add_argument("--long", required=True)
    parser.add_argument("--real", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--cases", help="their names, or parts of them, with commas")
    parser.add_argument("--output", help="JSON file for all figures")
    arguments = parser.parse_args()
    arguments.berta = arguments.berta.resolve()
    cases = [case for case in CASES
             if not arguments.cases or any(part in case for part in arguments.cases.split(","))]
    results = {}
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        if os.fork() == 0:
            prepare(work, cases, arguments)
            os._exit(0)
        if os.wait()[1] != 0:
            sys.exit("the models or the texts could not be made")
        print("| case | torch tokens/s | berta tokens/s | ratio (lowest, highest) | memory MB torch, berta | part | loss |")
        print("|---|---|---|---|---|---|---|")
        for case in cases:
            turns = [{engine: one_turn(engine, case, work, arguments) for engine in ("torch", "berta")}
                     for _ in range(arguments.rounds)]
            results[case] = turns
            middle = {e: [statistics.median(t[e][i] for t in turns) for i in range(3)] for e in ("torch", "berta")}
            ratios = [turn["berta"][0] / turn["torch"][0] for turn in turns]
            print(f"| {case} | {middle['torch'][0]:.0f} | {middle['berta'][0]:.0f} | {statistics.median(ratios):.2f} "
                  f"({min(ratios):.2f}, {max(ratios):.2f}) | {middle['torch'][2]:.0f}, {middle['berta'][2]:.0f} | "
                  f"{middle['berta'][2] / middle['torch'][2]:.0%} | {middle['torch'][1]:.3f}, "
                  f"{middle['berta'][1]:.3f} |", flush=True)
    if arguments.output:
        pathlib.Path(arguments.output).write_text(json.dumps(results, indent=1) + "\n")


if len(sys.argv) > 1 and sys.argv[1] == "--worker":
    model_folder, data_file, *numbers = sys.argv[2:]
    size, most, autocast, count = map(int, numbers)
    run_torch(model_folder, data_file, size, most, bool(autocast), count)
else:
    main()
