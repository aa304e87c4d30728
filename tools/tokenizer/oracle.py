"""What the reference libraries say: transformers 4.57.1 (hf4; auto: of a folder with tokenizer.json), 5.17.0 (hf5),
sentencepiece 0.2.3 (spm), tokenizers 0.22.2 (json: of tokenizer.json alone)."""
import json
import os

os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
VERSIONS = {"hf4": ("transformers", "4.57.1"), "hf5": ("transformers", "5.17.0"), "spm": ("sentencepiece", "0.2.3"),
            "auto": ("transformers", "4.57.1"), "json": ("tokenizers", "0.22.2")}


class HuggingFace:
    def __init__(self, folder, bare=False):
        import transformers
        transformers.logging.set_verbosity_error()
        if bare:
            path = os.path.join(folder, "tokenizer.json")
            with open(path, encoding="utf-8") as file:  # else transformers would set it to false
                space = (json.load(file)["pre_tokenizer"] or {}).get("add_prefix_space", False)
            self.tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=path, add_prefix_space=space)
        else:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        assert self.tokenizer.is_fast
        self.library = self.tokenizer._tokenizer

    @staticmethod
    def dump(encoding):
        return {"ids": encoding.ids, "offsets": [list(o) for o in encoding.offsets], "types": encoding.type_ids}

    def batch(self, texts):
        self.library.no_truncation()
        return [self.dump(e) for e in self.library.encode_batch(texts, add_special_tokens=True)]

    def answer(self, line):
        if "ids" in line:
            return {"text": self.tokenizer.decode(line["ids"], skip_special_tokens=line.get("skip", False))}
        options = {"return_offsets_mapping": True, "return_token_type_ids": True,
                   "add_special_tokens": line.get("specials", True)}
        side = "right"
        if "max_length" in line:
            how = line.get("truncation", "longest_first")
            side = "left" if how == "head" else "right"
            options.update(max_length=line["max_length"], truncation=how if how.startswith("only") else "longest_first")
        if "stride" in line:
            options.update(stride=line["stride"], return_overflowing_tokens=True,
                           truncation="only_second" if "pair" in line else "longest_first")
        self.tokenizer.truncation_side = side
        try:
            result = self.tokenizer(line["text"], line.get("pair"), **options)
        except BaseException as error:  # the Rust library panics on some bad lengths
            if isinstance(error, KeyboardInterrupt):
                raise
            return {"error": str(error)}
        keys = {"ids": "input_ids", "offsets": "offset_mapping", "types": "token_type_ids"}
        rows = {k: [list(map(list, row)) if k == "offsets" else row for row in result[v]] if "stride" in line
                else ([list(o) for o in result[v]] if k == "offsets" else result[v]) for k, v in keys.items()}
        if "stride" in line:
            return [{k: rows[k][i] for k in rows} for i in range(len(rows["ids"]))]
        return rows


class SentencePiece:
    def __init__(self, folder):
        import sentencepiece
        self.library = sentencepiece.SentencePieceProcessor(model_file=os.path.join(folder, "spm.model"))

    def one(self, text):
        pieces = self.library.encode(text, return_type="proto").pieces
        places = [0]  # byte -> code point
        for i, c in enumerate(text):
            places += [i] * (len(c.encode()) - 1) + [i + 1]
        return {"ids": [p.id for p in pieces], "offsets": [[places[p.begin], places[p.end]] for p in pieces],
                "types": [0] * len(pieces)}

    def batch(self, texts):
        return [self.one(text) for text in texts]

    def answer(self, line):
        if "ids" in line:
            return {"text": self.library.decode(line["ids"])}
        return self.one(line["text"])


def make_oracle(mode, folder):
    package, version = VERSIONS[mode]
    found = __import__(package).__version__
    assert found == version, f"mode {mode} needs {package} {version}, found {found}"
    return SentencePiece(folder) if mode == "spm" else HuggingFace(folder, mode == "json")
