"""Goldens from Hugging Face transformers."""

import contextlib
import json

import torch
import transformers
from transformers.models.deberta import modeling_deberta
from transformers.models.deberta_v2 import modeling_deberta_v2

import folder
import inputs
import precision
import weights

VERSION = "4.57.1"
PADDED_TOLERANCE = 1e-9

CLASSES = {
    "deberta": ("Deberta", transformers.DebertaConfig),
    "deberta-v2": ("DebertaV2", transformers.DebertaV2Config),
    "bert": ("Bert", transformers.BertConfig),
}
SUFFIXES = {"none": "Model", "classification": "ForSequenceClassification", "token": "ForTokenClassification",
            "qa": "ForQuestionAnswering", "choice": "ForMultipleChoice", "mlm": "ForMaskedLM"}


def build_model(case):
    """The model of one case in eval mode, with realistic weights."""
    prefix, config_class = CLASSES[case.family]
    config = config_class(**case.config)
    if case.family == "bert":
        config._attn_implementation = "eager"
    model = getattr(transformers, prefix + SUFFIXES[case.head])(config).eval()
    weights.fill(model, case.weight_seed, config.num_attention_heads)
    return model


@contextlib.contextmanager
def double(model):
    """Inside, the model and the reference code compute in double precision."""
    model.double()
    with precision.keep_double(), \
            precision.replaced(modeling_deberta, "scaled_size_sqrt", precision.exact_scale), \
            precision.replaced(modeling_deberta_v2, "scaled_size_sqrt", precision.exact_scale):
        yield
    model.float()


def _batch(sequences):
    """Pad sequences to one length, with their attention mask."""
    longest = max(len(sequence["input_ids"]) for sequence in sequences)
    ids, mask, types = (torch.zeros(len(sequences), longest, dtype=torch.long) for _ in range(3))
    for row, sequence in enumerate(sequences):
        length = len(sequence["input_ids"])
        ids[row, :length] = torch.tensor(sequence["input_ids"])
        mask[row, :length] = 1
        types[row, :length] = torch.tensor(sequence.get("token_type_ids", [0] * length))
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def _row(result, row, length, head):
    """The outputs of one row of a batch, without its padding."""
    outputs = {"states": [state[row, :length].numpy() for state in result.hidden_states]}
    if head == "qa":
        outputs["start_logits"] = result.start_logits[row, :length].numpy()
        outputs["end_logits"] = result.end_logits[row, :length].numpy()
    elif head == "classification":
        outputs["logits"] = result.logits[row].numpy()
    elif head in ("token", "mlm"):
        outputs["logits"] = result.logits[row, :length].numpy()
    return outputs


def _choices(model, line, together):
    """The logits of one multiple choice question: all choices in one padded batch, or each choice alone."""
    groups = [line["choices"]] if together else [[choice] for choice in line["choices"]]
    logits = [model(**{key: value.unsqueeze(0) for key, value in _batch(group).items()}).logits[0]
              for group in groups]
    return torch.cat(logits).numpy()


@torch.no_grad()
def run(model, lines, case, together):
    """The named outputs of all lines: one at a time, or together in one padded batch."""
    if case.head == "choice":
        return {line["id"] + ".logits": _choices(model, line, together) for line in lines}
    expected = {}
    for group in [lines] if together else [[line] for line in lines]:
        result = model(**_batch(group), output_hidden_states=True)
        for row, line in enumerate(group):
            outputs = _row(result, row, len(line["input_ids"]), case.head)
            expected.update(folder.select(line, outputs, case.head, case.last_state_only))
    return expected


def _bucket(distance, case):
    """What transformers computes for one distance."""
    limit = case.config["max_relative_positions"]
    limit = limit if limit > 0 else case.config["max_position_embeddings"]
    return int(modeling_deberta_v2.make_log_bucket_position(
        torch.tensor([distance]), case.config["position_buckets"], limit)[0]), limit


def _check_buckets(case):
    """Bucket numbers must be the exact ones over all lengths of the case."""
    if case.config.get("position_buckets", -1) > 0 and case.config["relative_attention"]:
        precision.check_buckets(lambda distance: _bucket(distance, case)[0], case.config["position_buckets"],
                                max(case.lengths), _bucket(1, case)[1])


def _save(model, path, case):
    """config.json and model.safetensors as transformers writes them."""
    model.save_pretrained(path, safe_serialization=True)
    (path / "generation_config.json").unlink(missing_ok=True)
    config_path = path / "config.json"
    config = json.loads(config_path.read_text())
    if case.drop_architectures:
        config["architectures"] = None
    folder.write_json(config_path, config)


def write(case, root):
    """Make one folder; returns a line of report."""
    if transformers.__version__ != VERSION:
        raise SystemExit("transformers %s expected, found %s" % (VERSION, transformers.__version__))
    _check_buckets(case)
    model = build_model(case)
    lines = inputs.build(case.name, case.config["vocab_size"], case.lengths, case.head, case.token_types)
    path = folder.fresh(root, case.name)
    _save(model, path, case)
    single = run(model, lines, case, together=False)
    with double(model):
        expected = run(model, lines, case, together=False)
        padded = precision.largest_difference(expected, run(model, lines, case, together=True))
    if padded > PADDED_TOLERANCE:
        raise ValueError("%s: a padded batch differs by %g" % (case.name, padded))
    request = {"head": case.head, "mlm_decoder": "plain", "relative_saturation": "hf",
               "source": "transformers " + VERSION}
    folder.write_golden(path, lines, expected, request)
    return "float32 error %.1e, padded batch %.1e" % (precision.largest_difference(single, expected), padded)
