#!/usr/bin/env python3
"""Writes goldens into tests/data/tokenizers/goldens: inputs and what the reference library answers.

    python tools/tokenizer/make_json_goldens.py hf4     # transformers 4.57.1; also zoo.jsonl
    python tools/tokenizer/make_json_goldens.py hf5     # transformers 5.17.0

FOLDER-MODE.jsonl of deberta-v1 and bert-uncased: lines {"in": ..., "out": ...} as tokenize_lines reads and writes
them. tokenizer_json/zoo.jsonl: a tokenizer of zoo.py a line, {"name", "tokenizer": text of the file, "cases"}.
"""
import json
import pathlib
import random
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import compare  # noqa: E402
import lines as line_makers  # noqa: E402
import oracle as oracles  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parents[2] / "tests/data/tokenizers"
CLASSES = {"deberta-v1": "DebertaTokenizer", "bert-uncased": "BertTokenizer"}
KNOWN = ["", " ", "Hello world, don't stop.", "I'LL they'll we'Ve 'sit it's''s", "a  [MASK]  b", "[CLS] a[SEP] [MASK][MASK]", "  two  blanks  ",
         "a\n\n b\t\tc \u3000 d", "x\xa0 y\x85z", "\u5b57\u4e2d\u6587 abc\u5b57", "na\xefve caf\xe9 Stra\xdfe \u0130stanbul", "e\u0301 E\u0323\u0302 \u1e69",
         "12345 x1y2 \xb2\xbd \u2167 \u0663", "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd", "\x00a\ufffdb\x07c\xadd\u200be", "a" * 120,
         "supercalifragilisticexpialidocious", "word" * 30, "...!?'\"--\u2014\u2026", "<|endoftext|> madeupword0000 [UNK] [PAD]", "\u1100\u1161\u11a8 \uac01",
         "[mask] [MASK", "the dog. The cat-on-the MAT the cat matthe", "aAbB1 0\tx\ry", "_a_b \u2581c ##d </w> <0x41>", "\ue000\U000e0001\U0010ffff"]


def answers(oracle, items):
    for item in items:
        answer = oracle.answer(item)
        yield {"in": item, "out": {"error": ""} if "error" in answer else answer}


def dump(value):
    return json.dumps(value, separators=(",", ":"))


def folder_items(oracle, mode):
    r = random.Random(5)
    made = [t for t in line_makers.made_lines(400, 23) if len(t) < 70][:60]
    for text in KNOWN + made:
        yield {"text": text}
    few = KNOWN[2:12] + made[:4]
    yield from compare.option_items(few, mode, r)
    yield from compare.decode_items(oracle.batch(few), len(oracle.tokenizer), mode, r)


def write_folder(name, mode):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(DATA / name, folder, dirs_exist_ok=True)
        path = pathlib.Path(folder) / "tokenizer_config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "tokenizer_class": CLASSES[name]}))
        oracle = oracles.make_oracle(mode, folder)
        lines = [dump(line) for line in answers(oracle, list(folder_items(oracle, mode)))]
    (DATA / "goldens" / f"{name}-{mode}.jsonl").write_text("\n".join(lines) + "\n")


def zoo_items(oracle, r):
    made = [t for t in line_makers.made_lines(100, r.randrange(1000)) if 8 < len(t) < 50]
    texts = r.sample(KNOWN, 5) + made[:3]
    for text in texts:
        yield {"text": text}
    yield {"text": "." * 11}
    yield {"text": texts[0] or "a", "pair": texts[1] or "b"}
    yield {"text": KNOWN[2], "max_length": 8, "stride": 1}
    yield from compare.decode_items(oracle.batch(texts[:2]), len(oracle.tokenizer), "json", r)


def write_zoo():
    from zoo import zoo
    (DATA / "tokenizer_json").mkdir(exist_ok=True)
    r = random.Random(9)
    with open(DATA / "tokenizer_json/zoo.jsonl", "w", encoding="utf-8") as file:
        for name, tokenizer in zoo().items():
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "tokenizer.json"
                tokenizer.save(str(path), pretty=False)
                oracle = oracles.make_oracle("json", folder)
                cases = list(answers(oracle, list(zoo_items(oracle, r))))
                file.write(dump({"name": name, "tokenizer": path.read_text(encoding="utf-8"), "cases": cases}) + "\n")


def main():
    (DATA / "goldens").mkdir(exist_ok=True)
    for mode in sys.argv[1:]:
        for name in CLASSES:
            write_folder(name, mode)
        if mode == "hf4":
            write_zoo()


if __name__ == "__main__":
    main()
