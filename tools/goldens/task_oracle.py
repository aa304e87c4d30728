"""Run a case of the tasks through transformers and sentence-transformers, in one form for all tasks."""

import contextlib
import logging
import warnings

import numpy as np
import torch
import transformers
from safetensors.torch import load_file
from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers import AutoTokenizer, pipeline

logging.disable(logging.WARNING)
transformers.utils.logging.set_verbosity_error()
warnings.simplefilter("ignore")
torch.set_num_threads(1)


def listed(value):
    """Pipelines give a single result bare."""
    return value if isinstance(value, list) else [value]


def make_pipeline(task, case, path):
    """The pipeline in float32, its tokenizer set as the case's run options say."""
    tokenizer = AutoTokenizer.from_pretrained(path)
    run = case.get("run", {})
    if run.get("truncation") == "head":
        tokenizer.truncation_side = "left"
    if "max_length" in run:
        tokenizer.model_max_length = run["max_length"]
    return pipeline(task, model=str(path), tokenizer=tokenizer, dtype=torch.float32, device="cpu")


def classify(case, path):
    """label and score; all labels for top_k None."""
    pipe = make_pipeline("text-classification", case, path)
    options = case.get("options", {})
    kwargs = {"top_k": options.get("top_k", 1), "function_to_apply": options.get("function")}
    if "run" in case:
        kwargs["truncation"] = True
    return [listed(pipe(item, **kwargs)) for item in case["inputs"]]


def ner(case, path):
    """Entities, with the names of the goldens."""
    pipe = make_pipeline("token-classification", case, path)
    options = case.get("options", {})
    kwargs = {"aggregation_strategy": options.get("aggregation", "none")}
    kwargs |= {key: options[key] for key in ("ignore_labels", "stride") if key in options}
    out = []
    for text in case["inputs"]:
        entities = pipe(text, **kwargs)
        for entity in entities:
            entity["score"] = float(entity["score"])
            entity["label"] = entity.pop("entity", None) or entity.pop("entity_group", "")
            entity.pop("entity_group", None)
        out.append(entities)
    return out


def qa(case, path):
    """Answers, always a list."""
    pipe = make_pipeline("question-answering", case, path)
    names = {"window_length": "max_seq_len", "stride": "doc_stride", "allow_impossible": "handle_impossible_answer",
             "max_answer_length": "max_answer_len"}
    kwargs = {names.get(key, key): value for key, value in case.get("options", {}).items()}
    return [listed(pipe(**item, **kwargs)) for item in case["inputs"]]


def zero_shot(case, path):
    """label and score by falling score."""
    pipe = make_pipeline("zero-shot-classification", case, path)
    options = case.get("options", {})
    kwargs = {"multi_label": options.get("multi_label", False)}
    if "hypothesis" in options:
        kwargs["hypothesis_template"] = options["hypothesis"]
    out = []
    for item in case["inputs"]:
        found = pipe(item["text"], item["labels"], **kwargs)
        out.append([{"label": label, "score": score} for label, score in zip(found["labels"], found["scores"])])
    return out


def fill_mask(case, path):
    """A list a mask."""
    pipe = make_pipeline("fill-mask", case, path)
    out = []
    for text in case["inputs"]:
        found = pipe(text, **case.get("options", {}))
        out.append(found if isinstance(found[0], list) else [found])
    return out


def rerank(case, path):
    """Documents by falling score."""
    model = CrossEncoder(str(path), device="cpu", max_length=case.get("run", {}).get("max_length"),
                         model_kwargs={"dtype": torch.float32})
    out = []
    for item in case["inputs"]:
        ranked = model.rank(item["query"], item["documents"], top_k=case.get("options", {}).get("top_k"))
        out.append([{"index": row["corpus_id"], "score": float(row["score"])} for row in ranked])
    return out


def embed(case, path):
    """Vectors."""
    model = SentenceTransformer(str(path), device="cpu", model_kwargs={"dtype": torch.float32})
    return [[float(value) for value in model.encode(text)] for text in case["inputs"]]


def rtd(case, path):
    """transformers has no such head: its encoder, then section 3 of DeBERTaV3 in numpy."""
    tokenizer = AutoTokenizer.from_pretrained(path)
    encoder = transformers.AutoModel.from_pretrained(path, dtype=torch.float32).eval()
    head = {key.removeprefix("mask_predictions."): value.double().numpy()
            for key, value in load_file(path / "model.safetensors").items() if key.startswith("mask_predictions.")}
    out = []
    for text in case["inputs"]:
        encoded = tokenizer(text, return_tensors="pt", return_offsets_mapping=True, return_special_tokens_mask=True)
        with torch.no_grad():
            states = encoder(encoded["input_ids"])[0][0].double().numpy()
        sums = states + states[0]
        centred = sums - sums.mean(-1, keepdims=True)
        normed = centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + encoder.config.layer_norm_eps)
        normed = normed * head["LayerNorm.weight"] + head["LayerNorm.bias"]
        hidden = torch.nn.functional.gelu(torch.from_numpy(normed @ head["dense.weight"].T + head["dense.bias"]))
        logits = (hidden.numpy() @ head["classifier.weight"].T + head["classifier.bias"])[:, 0]
        rows = zip(encoded["input_ids"][0].tolist(), encoded["offset_mapping"][0].tolist(),
                   encoded["special_tokens_mask"][0].tolist(), logits.tolist())
        out.append([{"token": tokenizer.convert_ids_to_tokens(i), "id": i, "start": offset[0], "end": offset[1],
                     "probability": 1 / (1 + np.exp(-logit))} for i, offset, special, logit in rows if not special])
    return out


RUNNERS = {"classify": classify, "ner": ner, "qa": qa, "zero-shot": zero_shot, "fill-mask": fill_mask,
           "rerank": rerank, "embed": embed, "rtd": rtd}


def run(case, path):
    """What the reference says to each input."""
    with contextlib.redirect_stdout(None):
        return RUNNERS[case["task"]](case, path)
