"""Tiny models with every head, for the goldens of the tasks."""

import copy
import json
import shutil

import torch
from safetensors.torch import save_file
from transformers import BertConfig, DebertaV2Config
from transformers import BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification
from transformers import DebertaV2ForMaskedLM, DebertaV2ForQuestionAnswering, DebertaV2ForSequenceClassification

import folder
import weights

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
TOKENIZER_FILES = ["spm.model", "added_tokens.json", "special_tokens_map.json", "tokenizer_config.json"]
WORDS = """the a of and to in is was it that he she they film movie great bad good not with for on as his her
who where when what lives born paris london anna smith john new york city ##s ##ed ##ing ##er ##ly ##ness ##ville
play ##wright review read see house river actor story charm ##less time example this sport politic""".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[]_{|}~"


def labelled(count):
    """id2label and label2id of the first labels."""
    names = LABELS[:count]
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def deberta_config():
    """V3 in small: buckets, shared keys, a norm on the relative table."""
    return DebertaV2Config(
        vocab_size=8001, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=32, max_relative_positions=-1,
        position_biased_input=False, norm_rel_ebd="layer_norm", share_att_key=True, pooler_hidden_size=16,
        max_position_embeddings=512, type_vocab_size=0, legacy=True, **labelled(5))


def bert_config(labels):
    """BERT in small, with few positions."""
    return BertConfig(vocab_size=len(bert_vocabulary()), hidden_size=16, num_hidden_layers=2,
                      num_attention_heads=2, intermediate_size=32, max_position_embeddings=96, **labelled(labels))


def bert_vocabulary():
    """Specials, characters with and without prefix, a few words."""
    letters = list(LETTERS)
    return (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list(PUNCTUATION) + letters +
            ["##" + letter for letter in letters] + [word for word in WORDS if word not in letters])


def replaced_token_head(hidden):
    """Microsoft's names; transformers has no such head."""
    return {"mask_predictions.dense.weight": (hidden, hidden), "mask_predictions.dense.bias": (hidden,),
            "mask_predictions.LayerNorm.weight": (hidden,), "mask_predictions.LayerNorm.bias": (hidden,),
            "mask_predictions.classifier.weight": (1, hidden), "mask_predictions.classifier.bias": (1,)}


def all_heads(name, config, classes):
    """The state of one backbone and all heads; f16, so that a file is small and f32 reads it exactly."""
    shapes = dict(replaced_token_head(config.hidden_size)) if config.model_type == "deberta-v2" else {}
    two = copy.deepcopy(config)
    two.num_labels = 2  # transformers makes as many answer rows as labels
    for cls in classes:
        for key, tensor in cls(two if "Question" in cls.__name__ else config).state_dict().items():
            if not key.endswith("position_ids") and not key.startswith("cls.predictions.decoder"):
                shapes[key] = tuple(tensor.shape)
    return {key: torch.from_numpy(weights.realistic(name, key, shape, config.num_attention_heads)).half()
            for key, shape in shapes.items()}


def write_model(root, name, config, classes):
    """config.json and weights."""
    path = folder.fresh(root, name)
    config.architectures = [classes[0].__name__]
    kept = {key: value for key, value in config.to_diff_dict().items() if key != "transformers_version"}
    folder.write_json(path / "config.json", kept)
    save_file(all_heads(name, config, classes), path / "model.safetensors", metadata={"format": "pt"})
    return path


def write_models(root):
    """The three models; the tokenizer of `deberta` is the embedded model's."""
    write_model(root, "deberta", deberta_config(), [DebertaV2ForSequenceClassification,
                                                    DebertaV2ForQuestionAnswering, DebertaV2ForMaskedLM])
    bert = [BertForSequenceClassification, BertForQuestionAnswering, BertForMaskedLM]
    for name, labels in (("bert", 5), ("bert-one", 1)):
        path = write_model(root, name, bert_config(labels), bert)
        (path / "vocab.txt").write_text("\n".join(bert_vocabulary()) + "\n", encoding="ascii")
        folder.write_json(path / "tokenizer_config.json",
                          {"do_lower_case": True, "tokenizer_class": "BertTokenizer", "model_max_length": 80})


def assemble(root, embedded, case, target):
    """The folder that a case runs on: model, tokenizer, changed config, further files."""
    shutil.copytree(root / case["model"], target, dirs_exist_ok=True)
    if case["model"] == "deberta":
        for name in TOKENIZER_FILES:
            shutil.copy(embedded / name, target)
    config = json.loads((target / "config.json").read_text())
    config.update(case.get("config", {}))
    if case["task"] == "qa":
        config.update(labelled(2))
    folder.write_json(target / "config.json", config)
    for name, content in case.get("files", {}).items():
        (target / name).parent.mkdir(exist_ok=True)
        folder.write_json(target / name, content)
