"""The table of configurations whose goldens come from transformers.

Everything is tiny: hidden 24 (heads 16), two layers, 47 words (heads 43) unless a case says otherwise.
"""

from dataclasses import dataclass, field

SHORT = (1, 2, 7, 33)


@dataclass(frozen=True)
class Case:
    """One folder of goldens."""

    name: str
    family: str  # deberta | deberta-v2 | bert
    head: str = "none"  # none | classification | token | qa | choice | mlm
    config: dict = field(default_factory=dict)
    lengths: tuple = SHORT
    token_types: bool = False
    last_state_only: bool = False  # for long inputs: no states of the layers
    drop_architectures: bool = False
    seed: str = ""  # added to the name where the name alone gives an ill-conditioned model

    @property
    def weight_seed(self):
        """What the weights are drawn from."""
        return self.name + self.seed


BASE = dict(
    vocab_size=47, hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=28,
    max_position_embeddings=36, type_vocab_size=0, layer_norm_eps=1e-7, pad_token_id=0,
)
RELATIVE = dict(BASE, relative_attention=True, position_biased_input=False, max_relative_positions=-1,
                pos_att_type="c2p|p2c")
BUCKETS = dict(RELATIVE, position_buckets=8, max_relative_positions=16, share_att_key=True,
               norm_rel_ebd="layer_norm")
SMALLEST = dict(BUCKETS, hidden_size=16, intermediate_size=24, vocab_size=43)
SMALLEST_FIRST = dict(RELATIVE, hidden_size=16, intermediate_size=24, vocab_size=43)
SMALLEST_BERT = dict(BASE, hidden_size=16, intermediate_size=24, vocab_size=43, type_vocab_size=2,
                     layer_norm_eps=1e-12)
ABSOLUTE = dict(BASE, relative_attention=False, position_biased_input=True, pos_att_type=None)


def _first(name, head="none", base=RELATIVE, **more):
    return _case(name, "deberta", head, base, more)


def _second(name, head="none", base=BUCKETS, **more):
    return _case(name, "deberta-v2", head, base, more)


def _bert(name, head="none", **more):
    return _case(name, "bert", head, SMALLEST_BERT, dict(more, token_types=True))


def _case(name, family, head, base, more):
    """Split the keywords into those of the Case and those of the model's config."""
    own = {key: more.pop(key) for key in list(more) if key in Case.__dataclass_fields__ and key != "config"}
    return Case(name, family, head, dict(base, **more), **own)


VERSION_1 = [
    _first("v1-both", num_attention_heads=4, num_hidden_layers=3),
    _first("v1-c2p", pos_att_type="c2p"),
    _first("v1-p2c", pos_att_type="p2c"),
    _first("v1-pos-att-null", pos_att_type=None),
    _first("v1-pos-att-none-word", pos_att_type="none"),  # the word counts as one more term in the scale
    _first("v1-short-span", max_relative_positions=6, lengths=(5, 6, 7, 50)),
    _first("v1-talking-head", talking_head=True, num_attention_heads=3),
    _first("v1-absolute", base=ABSOLUTE, type_vocab_size=2, token_types=True),
    _first("v1-embedding-size", "classification", embedding_size=20, type_vocab_size=2, token_types=True,
           pooler_hidden_act="tanh"),
    _first("v1-classification", "classification", base=SMALLEST_FIRST, num_labels=3),
    _first("v1-token", "token", base=SMALLEST_FIRST, num_labels=5),
    _first("v1-qa", "qa", base=SMALLEST_FIRST),
    _first("v1-mlm-legacy", "mlm", base=SMALLEST_FIRST),
    _first("v1-mlm-lm-predictions", "mlm", base=SMALLEST_FIRST, legacy=False, tie_word_embeddings=False),
]

POSITIONS = [
    _second("v3-both", num_attention_heads=3, num_hidden_layers=3),
    _second("v3-one-head", hidden_size=64, num_attention_heads=1, intermediate_size=72, num_hidden_layers=1,
            lengths=(2, 33)),
    _second("v3-buckets-32-128", position_buckets=32, max_relative_positions=128, lengths=(31, 150),
            max_position_embeddings=512),
    _second("v3-buckets-odd-7-20", position_buckets=7, max_relative_positions=20),
    _second("v3-buckets-odd-13-64", position_buckets=13, max_relative_positions=64, lengths=(3, 70)),
    _second("v3-buckets-256-512", hidden_size=16, num_attention_heads=2, intermediate_size=24, vocab_size=48,
            position_buckets=256, max_relative_positions=-1, seed="b", max_position_embeddings=512,
            lengths=(1, 300, 1100), last_state_only=True),
    _second("v2-no-buckets", base=RELATIVE, max_relative_positions=10, share_att_key=False),
    _second("v2-no-buckets-shared", base=RELATIVE, share_att_key=True, norm_rel_ebd="layer_norm"),
    _second("v2-defaults-of-keys", base=RELATIVE),  # no share_att_key, norm_rel_ebd, position_buckets
    _second("v2-buckets-unshared", seed="b", share_att_key=False, norm_rel_ebd="none"),
    _second("v2-c2p-shared", pos_att_type="c2p"),
    _second("v2-c2p-unshared", pos_att_type="c2p", share_att_key=False),
    _second("v2-p2c-shared", seed="b", pos_att_type="p2c"),
    _second("v2-p2c-unshared", pos_att_type="p2c", share_att_key=False),
    _second("v2-pos-att-none-word", pos_att_type="none"),
    _second("v2-pos-att-list", pos_att_type=["p2c", "c2p"]),
    _second("v2-relative-off", base=ABSOLUTE, norm_rel_ebd="layer_norm", pos_att_type="c2p|p2c"),
    _second("v2-position-biased", position_biased_input=True, type_vocab_size=2, token_types=True),
    _second("v2-types", type_vocab_size=2, token_types=True, attention_head_size=12, layer_norm_eps=1e-3),
]

CONVOLUTION = [
    _second("v2-conv-3-gelu", conv_kernel_size=3, conv_act="gelu"),
    _second("v2-conv-5-groups", conv_kernel_size=5, conv_groups=2),  # conv_act absent: tanh
    _second("v2-conv-1-relu", conv_kernel_size=1, conv_act="relu"),
    _second("v2-conv-one-layer", conv_kernel_size=3, conv_act="tanh", num_hidden_layers=1, share_att_key=False,
            base=RELATIVE),
]

ACTIVATIONS = [
    _second("v2-act-" + name.replace("_", "-"), "classification", base=SMALLEST, hidden_act=name,
            pooler_hidden_act=name, lengths=(1, 9))
    for name in ("relu", "silu", "swish", "tanh", "sigmoid", "linear", "gelu_new", "gelu_fast", "gelu_pytorch_tanh",
                 "quick_gelu", "mish", "leaky_relu")
]

HEADS = [
    _second("v3-classification", "classification", base=SMALLEST, num_labels=3),
    _second("v3-regression", "classification", base=SMALLEST, num_labels=1, problem_type="regression"),
    _second("v3-multi-label", "classification", base=SMALLEST, num_labels=4, problem_type="multi_label_classification",
            pooler_hidden_act="relu"),
    _second("v3-architectures-null", "classification", base=SMALLEST, num_labels=3, drop_architectures=True),
    _second("v3-token", "token", base=SMALLEST, num_labels=5),
    _second("v3-qa", "qa", base=SMALLEST),
    _second("v3-choice", "choice", base=SMALLEST),
    _second("v3-mlm-legacy", "mlm", base=SMALLEST),
    _second("v3-mlm-legacy-untied", "mlm", base=SMALLEST, seed="b", tie_word_embeddings=False),
    _second("v3-mlm-lm-predictions", "mlm", base=SMALLEST, legacy=False, tie_word_embeddings=False),
    _second("v2-mlm-embedding-size", "mlm", base=SMALLEST, embedding_size=20, hidden_act="relu"),
]

BERT = [
    _bert("bert-model"),
    _bert("bert-classification", "classification", num_labels=3),
    _bert("bert-token", "token", num_labels=4),
    _bert("bert-mlm", "mlm", hidden_act="relu"),
]

CASES = VERSION_1 + POSITIONS + CONVOLUTION + ACTIVATIONS + HEADS + BERT
