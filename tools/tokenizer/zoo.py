"""Small tokenizers made with the `tokenizers` library that use every part of tokenizer.json that berta reads.

zoo() gives name -> tokenizers.Tokenizer. Run as a program it writes NAME/tokenizer.json folders, for
compare.py --mode json:  zoo.py FOLDER
"""
import pathlib
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXTS = ["The quick brown fox jumps over the lazy dog. The dog doesn't care, it's asleep!",
         "In 2023 they've sold 1,234 units (12.5%) at $3.99; we'll see what they'd do in 2024.",
         "Zwei junge wei\xdfe M\xe4nner sind im Freien in der N\xe4he vieler B\xfcsche. Stra\xdfe, \xdcbung.",
         "Deux jeunes hommes blancs sont \xe0 l'ext\xe9rieur pr\xe8s de buissons. \xc9l\xe8ve, na\xefve, co\xf6perate.",
         "unhappily running unrelated tokenization of internationalization", "\u4e2d\u6587 \u5b57 \u65e5\u672c\u8a9e"] * 3
CHARACTERS = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz ABCDE0123456789.,'-\u2581_")}
GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
        r"\s+(?!\S)|\s+")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BLOOM = r" ?[^(\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"
PATTERNS = [GPT4, GPT4O, CLIP, r"\w+|[^\w\s]", r"\s+", r"\d", r"\W", r"\S+", r"[\p{P}\p{S}]", r"\p{Lu}\p{Ll}*", r"^\S+|\S+$",
            r"(?<=[a-z])(?=[A-Z])", r"b*", r"(?i)the", r"(.)\1", r"[^\x00-\x7f]+", r"\p{^L}+", r"\P{L}+", r"(?m:a.)b?",
            r"[\s\d_-]+", r"\h{2}", r"x{,2}y", r"\p{Han}|\p{Hiragana}", r"\R", r"[^\P{L}a-z]+", r"(?>a+)b|\.+"]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]


def characters(normalizer=None, pre_tokenizer=None):
    """One token a character, so that every range shows."""
    tokenizer = Tokenizer(models.BPE({"[UNK]": 0, **CHARACTERS}, [], unk_token="[UNK]"))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def words(pre_tokenizer):
    """One token a word: its range shows where it was cut."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "the": 1, "dog": 2, ".": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def normalizer_zoo():
    n = normalizers
    forms = {"nfc": n.NFC(), "nfd": n.NFD(), "nfkc": n.NFKC(), "nfkd": n.NFKD(), "lowercase": n.Lowercase(), "nmt": n.Nmt(),
             "strip": n.Strip(), "strip-left": n.Strip(True, False), "strip-right": n.Strip(False, True),
             "accents": n.Sequence([n.NFD(), n.StripAccents()]), "accents-nfkd": n.Sequence([n.NFKD(), n.StripAccents(), n.Lowercase()]),
             "prepend": n.Prepend("__"), "replace": n.Replace("a", "\u2581xy"), "replace-away": n.Replace("e", ""),
             "replace-regex": n.Replace(Regex(r"\s{2,}|[\n\r\t]"), " "), "byte-level": n.ByteLevel(),
             "nfc-strip": n.Sequence([n.NFC(), n.Strip(), n.Lowercase(), n.Replace(Regex(" {2,}"), " ")]),
             "bert": n.BertNormalizer(), "bert-cased": n.BertNormalizer(True, True, None, False),
             "bert-raw": n.BertNormalizer(False, False, True, True), "bert-plain": n.BertNormalizer(False, True, False, True),
             "bert-none": n.BertNormalizer(False, False, False, False), "empty": n.Sequence([])}
    return {"normalizer-" + name: characters(form) for name, form in forms.items()}


def pre_tokenizer_zoo():
    p = pre_tokenizers
    out = {"whitespace": p.Whitespace(), "whitespace-split": p.WhitespaceSplit(), "bert": p.BertPreTokenizer(), "digits": p.Digits(False),
           "digits-each": p.Digits(True), "delimiter": p.CharDelimiterSplit("-"), "metaspace": p.Metaspace(),
           "metaspace-first": p.Metaspace("_", "first"), "metaspace-never": p.Metaspace("\u2581", "never"),
           "metaspace-whole": p.Metaspace("\u2581", "always", False), "metaspace-first-whole": p.Metaspace("\u2581", "first", False),
           "byte-level": p.ByteLevel(False), "byte-level-prefix": p.ByteLevel(True), "byte-level-whole": p.ByteLevel(True, use_regex=False),
           "sequence": p.Sequence([p.WhitespaceSplit(), p.Punctuation(), p.Digits(True)]),
           "metaspace-digits": p.Sequence([p.Digits(True), p.Metaspace("\u2581", "first")]), "empty": p.Sequence([])}
    for behavior in BEHAVIORS:
        out["punctuation-" + behavior] = p.Punctuation(behavior)
        out["split-" + behavior] = p.Split(" ", behavior)
        out["split-invert-" + behavior] = p.Split(Regex(r"\w+"), behavior, invert=True)
    for i, pattern in enumerate(PATTERNS):
        out[f"regex-{i}"] = p.Split(Regex(pattern), BEHAVIORS[i % 5], invert=i % 3 == 2)
    out["regex-llama3"] = p.Sequence([p.Split(Regex(GPT4), "isolated"), p.ByteLevel(False, use_regex=False)])
    out["split-nothing"] = p.Split("", "isolated")
    return {"pre-" + name: words(cut) for name, cut in out.items()}


def trained(model, trainer, pre_tokenizer, normalizer=None):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def template(tokenizer, cls="[CLS]", sep="[SEP]"):
    ids = [(cls, tokenizer.token_to_id(cls)), (sep, tokenizer.token_to_id(sep))]
    tokenizer.post_processor = processors.TemplateProcessing(f"{cls} $A {sep}", f"{cls} $A {sep} $B:1 {sep}:2", ids)
    return tokenizer


def bpe_zoo():
    p, out = pre_tokenizers, {}
    alphabet = p.ByteLevel.alphabet()
    byte_trainer = lambda: trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, special_tokens=["<s>", "</s>", "<mask>"],
                                               show_progress=False)
    for trim in (False, True):
        for prefix in (False, True):
            tokenizer = trained(models.BPE(), byte_trainer(), p.ByteLevel(prefix))
            tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim, add_prefix_space=prefix)
            tokenizer.decoder = decoders.ByteLevel()
            out[f"bpe-bytes-trim{trim:d}-prefix{prefix:d}"] = tokenizer
    roberta = trained(models.BPE(), byte_trainer(), p.ByteLevel(True))
    roberta.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    roberta.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0), True, True)
    roberta.decoder = decoders.ByteLevel()
    out["bpe-roberta"] = roberta
    sequence = trained(models.BPE(ignore_merges=True), byte_trainer(), p.Sequence([p.Split(Regex(GPT4), "isolated"), p.ByteLevel(False, use_regex=False)]))
    sequence.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True, add_prefix_space=False),
                                                   processors.TemplateProcessing("<s> $A", "<s> $A <s>:1 $B:1", [("<s>", 0)])])
    sequence.decoder = decoders.ByteLevel()
    out["bpe-llama3"] = sequence
    clip = trained(models.BPE(end_of_word_suffix="</w>", unk_token="<unk>"),
                   trainers.BpeTrainer(vocab_size=300, end_of_word_suffix="</w>", special_tokens=["<unk>"], show_progress=False),
                   p.Split(Regex(CLIP), "removed", invert=True),
                   normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]))
    clip.decoder = decoders.BPEDecoder("</w>")
    out["bpe-suffix"] = clip
    prefix = trained(models.BPE(continuing_subword_prefix="##", unk_token="<unk>", fuse_unk=True),
                     trainers.BpeTrainer(vocab_size=250, continuing_subword_prefix="##", special_tokens=["<unk>"], show_progress=False), p.Whitespace())
    prefix.decoder = decoders.WordPiece("##", False)
    out["bpe-prefix"] = prefix
    out["bpe-no-unk"] = trained(models.BPE(), trainers.BpeTrainer(vocab_size=120, show_progress=False), p.WhitespaceSplit())
    out["bpe-llama"] = llama()
    return out


def llama():
    """Metaspace by normalisers, byte fallback, some bytes without a token."""
    tokenizer = trained(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
                        trainers.BpeTrainer(vocab_size=500, special_tokens=["<unk>", "<s>"] + [f"<0x{b:02X}>" for b in range(0xF2)], show_progress=False),
                        pre_tokenizers.Metaspace())
    tokenizer = Tokenizer(tokenizer.model)  # without the pre-tokenizer
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s>:1 $B:1", [("<s>", 1)])
    return tokenizer


def other_zoo():
    p, n = pre_tokenizers, normalizers
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    out = {}
    wordpiece = trained(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=12),
                        trainers.WordPieceTrainer(vocab_size=300, special_tokens=specials, show_progress=False),
                        p.Sequence([p.Whitespace(), p.Digits(True)]), n.Sequence([n.NFD(), n.Lowercase(), n.StripAccents()]))
    wordpiece.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    wordpiece.decoder = decoders.WordPiece("##", False)
    out["wordpiece"] = wordpiece
    bert = trained(models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=300, special_tokens=specials, show_progress=False),
                   p.BertPreTokenizer(), n.BertNormalizer())
    bert.decoder = decoders.WordPiece()
    out["wordpiece-bert"] = template(bert)
    for name, space, fallback in [("always", "always", False), ("first", "first", True), ("never", "never", True)]:
        unigram = Tokenizer(models.Unigram())
        unigram.normalizer = n.Sequence([n.Nmt(), n.NFKC(), n.Replace(Regex(" {2,}"), " ")])
        unigram.pre_tokenizer = p.Metaspace("\u2581", space)
        unigram.train_from_iterator(TEXTS, trainers.UnigramTrainer(vocab_size=200, special_tokens=specials + [f"<0x{b:02X}>" for b in range(256 if fallback else 0)],
                                                                   unk_token="[UNK]", show_progress=False))
        if fallback:
            pieces = eval_model(unigram)
            unigram.model = models.Unigram(pieces, 1, True)
        unigram.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace("\u2581", space)])
        out["unigram-" + name] = template(unigram)
    # The order of the pieces of a run hangs on the last bit of the scores as tokenizer.json gives them.
    scores = [("[UNK]", 0.0), (".", -10.746431350708008), ("..", -12.923524856567383), ("...", -12.936385154724121)]
    out["unigram-ties"] = Tokenizer(models.Unigram(scores, 0, False))
    out["word-level"] = template(trained(models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(vocab_size=60, special_tokens=specials, show_progress=False), p.Whitespace()))
    return out


def eval_model(tokenizer):
    import json
    return [tuple(piece) for piece in json.loads(tokenizer.to_str())["model"]["vocab"]]


def added_zoo():
    """Added tokens of every kind, with and without a normaliser."""
    out = {}
    for name, normalizer in [("raw", None), ("lower", normalizers.Lowercase()), ("strip", normalizers.Sequence([normalizers.NFKC(), normalizers.Strip()]))]:
        tokenizer = characters(normalizer, pre_tokenizers.Metaspace())
        tokenizer.add_special_tokens(["[MASK]", AddedToken("[CLS]", rstrip=True), AddedToken("[SEP]", lstrip=True, rstrip=True, normalized=True),
                                      AddedToken("[UNK]", single_word=True, normalized=True)])
        tokenizer.add_tokens(["the", "The", AddedToken("cat", single_word=True), AddedToken("on", single_word=True, lstrip=True, normalized=False),
                              AddedToken("MAT", normalized=True, rstrip=True), AddedToken("mat", normalized=False), "[MASK]x", "\uff3bUNK\uff3d", "the cat",
                              AddedToken("e-mail", lstrip=True, rstrip=True, single_word=True)])
        out["added-" + name] = tokenizer
    return out


def zoo():
    return {**normalizer_zoo(), **pre_tokenizer_zoo(), **bpe_zoo(), **other_zoo(), **added_zoo()}


def main():
    for name, tokenizer in zoo().items():
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


if __name__ == "__main__":
    main()
