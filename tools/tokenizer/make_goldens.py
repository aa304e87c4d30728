#!/usr/bin/env python3
"""Writes tests/data/tokenizers/goldens/FOLDER-MODE.jsonl: inputs and what the reference library answers.

    python tools/tokenizer/make_goldens.py hf4 spm     # in an environment with transformers 4.57.1
    python tools/tokenizer/make_goldens.py hf5         # in one with transformers 5.17.0

Each line is {"in": ..., "out": ...} as tokenize_lines reads and writes them.
"""
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import compare  # noqa: E402
import lines as line_makers  # noqa: E402
import oracle as oracles  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data/tokenizers"
FOLDERS = {"deberta-v3": DATA / "deberta-v3", "sentiment": ROOT / "models/sentiment",
           **{f.name: f for f in sorted((DATA / "variants").iterdir())}}

KNOWN = ["", " ", "Hello world, this is a test.", "\u2026", "abc\u2026", "\u2026\x13b", "\x13ab", "\u8c1b", "\u20a3",
         "\U0001f973", "1\x002\ufffd3", "\u2581This \u2581is", "A\u0302\u0300", "e\u0323\u0302", "\ufb01\u0321",
         "\u304b\u3099", "\u1100\u1161\u11a8", "x\u200b", "\u200b", "\u200bx", "a   b", "x  [UNK]  y", "\uff3bUNK\uff3d",
         "\uff3bCLS\uff3d", "<0x41>", "a [MASK] b", "[MASK][MASK]", "[CLS] a [SEP]", "a\xa0b", "a\u3000 b", "a\r\nb",
         "e\u0301", "q\u0301\u0323", "a" * 14, "a" * 200, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0958 \u0344",
         "na\xefve caf\xe9 stra\xdfe", "\x08 \r\n \u202a \u205f \x85", "fox foxes fox", "two words  x", "a <left>  b <right>  c",
         "both  both abboth", "NORM \uff2eORM", "dogdo do", "a b a  b<br>lazy", "I\u0307\u0130", "[unk] [UNK"]


def inputs(mode, oracle, count):
    r = random.Random(3)
    made = [t for t in line_makers.made_lines(4 * count, 17) if len(t) < 70][:count]
    for text in KNOWN + made:
        yield {"text": text}
    few = [t for t in made if len(t) > 12][:6] + ["the quick brown fox jumps over the lazy dog " * 3]
    yield from compare.option_items(few, mode, r)
    size = oracle.library.get_piece_size() if mode == "spm" else len(oracle.tokenizer)
    yield from compare.decode_items(oracle.batch(few), size, mode, r)


def main():
    (DATA / "goldens").mkdir(exist_ok=True)
    for mode in sys.argv[1:]:
        for name, folder in FOLDERS.items():
            oracle = oracles.make_oracle(mode, str(folder))
            items = list(inputs(mode, oracle, 150 if name == "deberta-v3" else 25))
            path = DATA / "goldens" / f"{name}-{mode}.jsonl"
            with open(path, "w", encoding="utf-8") as file:
                for item in items:
                    answer = oracle.answer(item)
                    line = {"in": item, "out": {"error": ""} if "error" in answer else answer}
                    file.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
