"""Goldens from Microsoft's own DeBERTa code (microsoft/DeBERTa 4d7fe0b), imported from a checkout.

What the goldens cannot get from transformers: the Enhanced Mask Decoder, replaced token detection, the NER head with
its projection, and relative distances that saturate at max_relative_positions - 1.
"""

import importlib
import sys
import types

import torch

import folder
import inputs
import microsoft_names
import precision
import weights
from microsoft_configurations import CASES

__all__ = ["CASES", "Oracle"]

SOURCE = "microsoft/DeBERTa 4d7fe0b"
PADDED_TOLERANCE = 1e-9
CLASSES = {"mlm": "MaskedLanguageModel", "rtd": "ReplacedTokenDetectionModel", "token": "NERModel",
           "classification": "SequenceClassificationModel", "choice": "MultiChoiceModel"}


def _allow_absent(*names):
    """Stand in for modules which Microsoft's code imports and the models do not use."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            sys.modules[name] = types.ModuleType(name)


def _batch(sequences):
    """Pad sequences to one length: ids, mask and token types."""
    longest = max(len(sequence["input_ids"]) for sequence in sequences)
    ids, mask, kinds = (torch.zeros(len(sequences), longest, dtype=torch.long) for _ in range(3))
    for row, sequence in enumerate(sequences):
        length = len(sequence["input_ids"])
        ids[row, :length] = torch.tensor(sequence["input_ids"])
        mask[row, :length] = 1
        kinds[row, :length] = torch.tensor(sequence.get("token_type_ids", [0] * length))
    return ids, mask, kinds


def _labels(lines, mask):
    """1 where a language model shall predict: the mask positions, or all positions of the line."""
    labels = mask.clone()
    for row, line in enumerate(lines):
        if "mask_positions" in line:
            labels[row] = 0
            labels[row, line["mask_positions"]] = 1
    return labels


def _logits(model, lines, head):
    """The logits of each line in one batch."""
    ids, mask, kinds = _batch(lines)
    if head in ("mlm", "rtd"):
        labels = _labels(lines, mask)
        logits = model(ids, input_mask=mask, labels=labels)["logits"]
        if head == "mlm":
            return [part.numpy() for part in torch.split(logits, labels.sum(-1).tolist())]
    else:
        logits = model(ids, type_ids=kinds, input_mask=mask)["logits"]
    if head == "classification":
        return [row.numpy() for row in logits]
    return [row[:length].numpy() for row, length in zip(logits, mask.sum(-1).tolist())]


def _choice_logits(model, line, together):
    """The logits of one multiple choice question, shape [choices]."""
    groups = [line["choices"]] if together else [[choice] for choice in line["choices"]]
    parts = []
    for group in groups:
        ids, mask, kinds = (tensor.unsqueeze(0) for tensor in _batch(group))
        parts.append(model(ids, type_ids=kinds, input_mask=mask)["logits"].view(-1))
    return torch.cat(parts).numpy()


def _states(model, lines, head):
    """The hidden states of each line in one batch, the embedding output first."""
    ids, mask, kinds = _batch(lines)
    backbone = model if head == "none" else model.deberta
    result = backbone(ids, attention_mask=mask, token_type_ids=kinds)
    layers = [result["embeddings"]] + result["hidden_states"]
    return [[layer[row, :length].numpy() for layer in layers] for row, length in enumerate(mask.sum(-1).tolist())]


@torch.no_grad()
def run(model, lines, case, together):
    """The named outputs of all lines: one at a time, or together in one padded batch."""
    if case.head == "choice":
        return {line["id"] + ".logits": _choice_logits(model, line, together) for line in lines}
    expected = {}
    for group in [lines] if together else [[line] for line in lines]:
        states = _states(model, group, case.head)
        logits = _logits(model, group, case.head) if case.head != "none" else [None] * len(group)
        for line, state, logit in zip(group, states, logits):
            outputs = {"states": state} if logit is None else {"states": state, "logits": logit}
            expected.update(folder.select(line, outputs, case.head, rows_selected=True))
    return expected


def native_config(case):
    """The content of config.json."""
    if not case.nested:
        return case.config
    generator = dict(case.config, num_hidden_layers=case.config["num_hidden_layers"] // 2)
    return {"embedding_sharing": "gdes", "discriminator": case.config, "generator": generator}


class Oracle:
    """Microsoft's classes, and the making of one folder with them."""

    def __init__(self, checkout):
        sys.path.insert(0, str(checkout))
        _allow_absent("six", "requests", "regex", "tqdm", "sentencepiece")
        self.models = importlib.import_module("DeBERTa.apps.models")
        self.deberta = importlib.import_module("DeBERTa.deberta")
        self.buckets = importlib.import_module("DeBERTa.deberta.da_utils")

    def build_model(self, case):
        """The model of one case in eval mode, with realistic weights; and its state as the file shall hold it."""
        config = self.deberta.ModelConfig.from_dict(case.config)
        if case.head == "none":
            model = self.deberta.DeBERTa(config)
        else:
            model = getattr(self.models, CLASSES[case.head])(config, num_labels=case.num_labels, drop_out=None) \
                if case.head in ("token", "classification", "choice") \
                else getattr(self.models, CLASSES[case.head])(config)
        model.eval()
        weights.fill(model, case.weight_seed, config.num_attention_heads)
        state = {name: tensor.clone().numpy() for name, tensor in model.state_dict().items()}
        if case.head == "none":
            state = {"deberta." + name: tensor for name, tensor in state.items()}
        if case.version_1_names:
            microsoft_names.zero_new_biases(state)
            state = microsoft_names.to_version_1(state, config.num_attention_heads)
            self._load_version_1(model, state)
        return model, state

    @staticmethod
    def _load_version_1(model, state):
        """Through the hook with which Microsoft's code reads V1 names; it keeps the module's own key biases."""
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith(".key_proj.bias") or name.endswith("pos_key_proj.bias"):
                    parameter.zero_()
        model.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()}, strict=True)

    def check_buckets(self, config, longest):
        """Bucket numbers must be the exact ones up to where distances saturate."""
        count, limit = config.get("position_buckets", -1), config.get("max_relative_positions", -1)
        limit = limit if limit > 0 else config["max_position_embeddings"]
        if count > 0 and config.get("relative_attention", False):
            table = self.buckets.make_log_bucket_dict(count, limit)
            precision.check_buckets(lambda distance: int(table[distance + limit]), count, min(longest, limit), limit)

    def write(self, case, root):
        """Make one folder; returns a line of report."""
        self.check_buckets(case.config, max(case.lengths))
        model, state = self.build_model(case)
        lines = inputs.build(case.name, case.config["vocab_size"], case.lengths, case.head, case.token_types,
                             sort_masks=True)
        single = run(model, lines, case, together=False)
        model.double()
        with precision.keep_double():
            expected = run(model, lines, case, together=False)
            padded = precision.largest_difference(expected, run(model, lines, case, together=True))
        if padded > PADDED_TOLERANCE:
            raise ValueError("%s: a padded batch differs by %g" % (case.name, padded))
        if case.other_head:
            state.update(microsoft_names.extra_head(case.other_head, case.name, case.config))
        path = folder.fresh(root, case.name)
        folder.write_json(path / "config.json", native_config(case))
        folder.write_tensors(path / "model.safetensors", microsoft_names.with_prefix(state, case.prefix))
        decoder = "plain" if case.config.get("position_biased_input", True) else "emd"
        request = {"head": case.head, "mlm_decoder": decoder, "relative_saturation": "ms", "source": SOURCE}
        folder.write_golden(path, lines, expected, request)
        return "float32 error %.1e, padded batch %.1e" % (precision.largest_difference(single, expected), padded)
