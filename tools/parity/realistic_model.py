#!/usr/bin/env python3
"""Write a DeBERTa-v3 with random weights whose ranges are those of a trained model (tools/goldens/weights.py).

usage: realistic_model.py OUTPUT [--tokenizer FOLDER] [--layers 12] [--hidden 768] [--heads 12] [--vocabulary 128100]

For checks of speed, memory and quantisation without a download. --tokenizer: files to copy beside the weights.
"""

import argparse
import pathlib
import shutil
import sys

import command  # noqa: F401  sets HF_HUB_OFFLINE before transformers is imported
from transformers import DebertaV2Config, DebertaV2ForSequenceClassification

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "goldens"))
import weights  # noqa: E402


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--tokenizer")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--vocabulary", type=int, default=128100)
    return parser.parse_args()


def main():
    """Make the model and write it."""
    arguments = parse()
    config = DebertaV2Config(
        vocab_size=arguments.vocabulary, hidden_size=arguments.hidden, num_hidden_layers=arguments.layers,
        num_attention_heads=arguments.heads, intermediate_size=4 * arguments.hidden, type_vocab_size=0,
        relative_attention=True, position_buckets=256, max_position_embeddings=512, norm_rel_ebd="layer_norm",
        share_att_key=True, pos_att_type=["p2c", "c2p"], position_biased_input=False,
        pooler_hidden_size=arguments.hidden, num_labels=3)
    model = DebertaV2ForSequenceClassification(config)
    weights.fill(model, "realistic", arguments.heads)
    model.save_pretrained(arguments.output)
    if arguments.tokenizer:
        for path in pathlib.Path(arguments.tokenizer).iterdir():
            if path.is_file():
                shutil.copy(path, arguments.output)


if __name__ == "__main__":
    main()
