#!/usr/bin/env python3
"""Writes small tokenizer folders that between them use every option of spm.model and its JSON files.

    python tools/tokenizer/make_variants.py TARGET [--corpus TEXT]

Needs sentencepiece 0.2.3 and protobuf. The default corpus is the list of words below, so that the folders of
tests/data/tokenizers/variants can be made again anywhere; compare.py runs on any of them.
"""
import argparse
import io
import json
import pathlib
import random

import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as model_pb2

WORDS = """the quick brown fox jumps over a lazy dog while seven wizards quietly boxed Mr. O'Neill's vexing
jukebox and paid 3.50 for it on 12/24/2025, "why not?" she said (laughing); un caf\xe9 na\xefve d\xe9j\xe0 vu \xfcber stra\xdfe
gr\xf6\xdfe \u0442\u0435\u0441\u0442 \u043c\u0438\u0440 \u65e5\u672c \u4e2d\u6587 running runner runs ran happily unhappiness aaa aaaa bbb ababab 100 2000""".split()

# Full-width letters, ligatures, blanks, a deletion, an expansion, composition by a longer key.
RULES = [("\uff21", "A"), ("\uff22", "B"), ("\ufb01", "fi"), ("\u2026", "..."), ("\xa0", " "), ("\t", " "), ("\n", " "),
         ("\u200b", " "), ("\x07", ""), ("\xad", ""), ("e\u0301", "\xe9"), ("a\u0302", "\xe2"), ("a\u0302\u0300", "\u1ea7"),
         ("\u3000", " "), ("\u2460", "1"), ("\u2581", " ")]

SPECIALS = dict(pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]",
                unk_piece="[UNK]")


def default_corpus():
    r = random.Random(7)
    return [" ".join(r.choice(WORDS) for _ in range(12)) for _ in range(3000)]


def train(corpus, **options):
    """A model of a few hundred pieces; `rules` is a list of replacements."""
    rules = options.pop("rules", None)
    settings = dict(vocab_size=330, hard_vocab_limit=False, model_type="unigram", character_coverage=1.0,
                    normalization_rule_name="identity", minloglevel=2, num_threads=1, **SPECIALS)
    settings.update(options)
    if rules is not None:
        path = pathlib.Path("/tmp/berta-rules.tsv")
        path.write_text("".join(f"{' '.join(f'{ord(c):X}' for c in a)}\t{' '.join(f'{ord(c):X}' for c in b)}\n"
                                for a, b in rules))
        settings["normalization_rule_tsv"] = str(path)
        del settings["normalization_rule_name"]
    out = io.BytesIO()
    spm.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_writer=out, **settings)
    proto = model_pb2.ModelProto()
    proto.ParseFromString(out.getvalue())
    for field in ("input", "model_prefix", "normalization_rule_tsv"):
        for message in (proto.trainer_spec, proto.normalizer_spec):
            if field in message.DESCRIPTOR.fields_by_name:
                message.ClearField(field)
    return proto


def token(content, **flags):
    return dict({"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                 "special": False}, **flags)


def decoder(size, extra):
    tokens = {str(i): token(name, special=True, normalized=name == "[UNK]")
              for i, name in enumerate(["[PAD]", "[CLS]", "[SEP]", "[UNK]"])}
    for i, item in enumerate([token("[MASK]", special=True)] + extra):
        tokens[str(size + i)] = item
    return tokens


EXTRA = [token("<ent>", special=True), token("<left>", lstrip=True), token("<right>", rstrip=True),
         token("<both>", lstrip=True, rstrip=True, special=True), token("fox", single_word=True),
         token("NORM", normalized=True), token("Caf\xe9 x", normalized=True), token("<wide>", normalized=True, lstrip=True),
         token("dog"), token("do"), token("\U0001f600"), token("two words", rstrip=True),
         token("both", single_word=True, lstrip=True, rstrip=True, normalized=True)]


def write(folder, proto, config=None, special_tokens=None, added=None):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spm.model").write_bytes(proto.SerializeToString())
    config = dict({"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": False, "split_by_punct": False,
                   "vocab_type": "spm"}, **(config or {}))
    files = {"tokenizer_config.json": config, "special_tokens_map.json": special_tokens, "added_tokens.json": added}
    for name, content in files.items():
        if content is not None:
            (folder / name).write_text(json.dumps(content, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--corpus", type=pathlib.Path)
    args = parser.parse_args()
    corpus = args.corpus.read_text().splitlines()[:20000] if args.corpus else default_corpus()
    plain = train(corpus, rules=RULES)
    size = len(plain.pieces)
    named = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]",
             "mask_token": "[MASK]", "bos_token": "[CLS]", "eos_token": "[SEP]"}
    write(args.target / "plain", plain, named, named, {"[MASK]": size})
    write(args.target / "bare", plain)
    write(args.target / "lower", plain, dict(named, do_lower_case=True, added_tokens_decoder=decoder(size, EXTRA)))
    write(args.target / "punct", plain, dict(named, split_by_punct=True), named, {"[MASK]": size})
    write(args.target / "added", plain, dict(named, added_tokens_decoder=decoder(size, EXTRA), model_max_length=64,
                                             clean_up_tokenization_spaces=True))
    write(args.target / "legacy", plain, named,
          dict(named, additional_special_tokens=["<ent>", token("<x>", lstrip=True)], unk_token=token("[UNK]", normalized=True)),
          {"[MASK]": size, "<ent>": size + 1, "fox dog": size + 2, "NORM": size + 3})
    write(args.target / "bytes", train(corpus, rules=RULES, byte_fallback=True, vocab_size=600), named)
    write(args.target / "user", train(corpus, rules=RULES, user_defined_symbols=["<br>", "a b", "lazy", "\u2026"],
                                      control_symbols=["<ctl>"]), named)
    write(args.target / "no-prefix", train(corpus, add_dummy_prefix=False), named)
    write(args.target / "keep-blanks", train(corpus, rules=RULES, remove_extra_whitespaces=False), named)
    write(args.target / "suffix", train(corpus, rules=RULES, treat_whitespace_as_suffix=True), named)
    unescaped = model_pb2.ModelProto()
    unescaped.CopyFrom(plain)
    unescaped.normalizer_spec.escape_whitespaces = False
    write(args.target / "unescaped", unescaped, named)
    unused = model_pb2.ModelProto()
    unused.CopyFrom(plain)
    for piece in unused.pieces[40:200:3]:
        if piece.type == 1:
            piece.type = 5
    write(args.target / "unused", unused, named)


if __name__ == "__main__":
    main()
