"""The model that everything runs: a random DeBERTa-v3 of a released size, with weights spread as trained ones are."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "goldens"))

# Of the released configurations; all else is common to the family.
SIZES = {
    "xsmall": {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 6, "intermediate_size": 1536},
    "small": {"hidden_size": 768, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 3072},
    "base": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072},
    "large": {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096},
}
FAMILY = {
    "vocab_size": 128100, "type_vocab_size": 0, "max_position_embeddings": 512, "max_relative_positions": -1,
    "relative_attention": True, "position_buckets": 256, "norm_rel_ebd": "layer_norm", "share_att_key": True,
    "pos_att_type": ["p2c", "c2p"], "layer_norm_eps": 1e-7, "position_biased_input": False, "hidden_act": "gelu",
    "pooler_dropout": 0, "pooler_hidden_act": "gelu", "pad_token_id": 0, "num_labels": 3,
}


def make(size, folder):
    """Write a random model of a size as `transformers` saves it, unless it is there."""
    if (folder / "model.safetensors").exists():
        return
    import weights
    from transformers import DebertaV2Config, DebertaV2ForSequenceClassification
    shape = SIZES[size]
    config = DebertaV2Config(**FAMILY, **shape, pooler_hidden_size=shape["hidden_size"])
    model = DebertaV2ForSequenceClassification(config)
    weights.fill(model, "peers-" + size, shape["num_attention_heads"])
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)


def load_torch(folder, dtype="float32"):
    """The torch module of a folder, for inference."""
    import torch
    from transformers import AutoModelForSequenceClassification
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=getattr(torch, dtype), local_files_only=True)
    return model.eval()
