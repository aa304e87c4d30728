"""The table of configurations whose goldens come from Microsoft's own code, in its native config dialect."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class MicrosoftCase:
    """One folder of goldens."""

    name: str
    head: str = "none"  # none | classification | token | choice | mlm | rtd
    config: dict = field(default_factory=dict)
    lengths: tuple = (1, 2, 7, 33)
    prefix: str = "deberta."  # of the backbone's tensors in the file
    num_labels: int = 2
    token_types: bool = False
    version_1_names: bool = False  # in_proj and its company in place of query_proj, key_proj, ...
    other_head: str = ""  # this head's tensors are in the file too, as in the published V3 files
    nested: bool = False  # the config lies inside `discriminator`, beside a `generator`
    seed: str = ""  # added to the name where the name alone gives an ill-conditioned model

    @property
    def weight_seed(self):
        """What the weights are drawn from."""
        return self.name + self.seed


BASE = dict(
    attention_probs_dropout_prob=0.1, hidden_act="gelu", hidden_dropout_prob=0.1, hidden_size=24,
    initializer_range=0.02, intermediate_size=28, max_position_embeddings=36, layer_norm_eps=1e-7,
    num_attention_heads=2, num_hidden_layers=2, type_vocab_size=0, vocab_size=47,
)
FIRST = dict(BASE, relative_attention=True, pos_att_type="c2p|p2c", max_relative_positions=-1,
             position_biased_input=False)
THIRD = dict(FIRST, pos_att_type="p2c|c2p", position_buckets=8, norm_rel_ebd="layer_norm", share_att_key=True,
             attention_head_size=12)
SMALLEST = dict(THIRD, hidden_size=16, intermediate_size=24, vocab_size=43, attention_head_size=8)
SATURATED = dict(THIRD, max_relative_positions=16, max_position_embeddings=64)
ABSOLUTE = dict(THIRD, relative_attention=False, pos_att_type="none", position_biased_input=True)
DEFAULTS = {key: value for key, value in BASE.items() if key not in ("layer_norm_eps", "hidden_act")}

CASES = [
    MicrosoftCase("ms-v1-in-proj-emd", "mlm", FIRST, version_1_names=True),
    MicrosoftCase("ms-v1-short-span-emd", "mlm", dict(FIRST, max_relative_positions=6), version_1_names=True),
    MicrosoftCase("ms-v1-own-names-emd", "mlm", dict(FIRST, num_hidden_layers=3)),
    MicrosoftCase("ms-v2-conv-emd", "mlm", dict(THIRD, conv_kernel_size=3, conv_act="gelu")),
    MicrosoftCase("ms-v2-conv-default-act", "none", dict(THIRD, conv_kernel_size=3, conv_groups=2)),
    MicrosoftCase("ms-v3-emd", "mlm", dict(THIRD, num_hidden_layers=3), seed="b", other_head="rtd"),
    MicrosoftCase("ms-v3-emd-saturated", "mlm", SATURATED, lengths=(5, 60)),
    MicrosoftCase("ms-v3-emd-no-prefix", "mlm", SMALLEST, prefix="", seed="b"),
    MicrosoftCase("ms-absolute-mlm", "mlm", ABSOLUTE),
    MicrosoftCase("ms-v3-rtd", "rtd", SMALLEST, other_head="mlm"),
    MicrosoftCase("ms-v3-rtd-nested", "rtd", dict(SMALLEST, num_hidden_layers=4), nested=True, lengths=(1, 9)),
    MicrosoftCase("ms-v3-rtd-swish", "rtd", dict(SMALLEST, hidden_act="swish"), lengths=(1, 9)),
    MicrosoftCase("ms-ner", "token", SMALLEST, num_labels=5),
    MicrosoftCase("ms-ner-embedding-size", "token", dict(SMALLEST, embedding_size=20, type_vocab_size=2,
                                                         hidden_act="relu"), num_labels=3, token_types=True),
    MicrosoftCase("ms-classification-pooling", "classification",
                  dict(SMALLEST, pooling=dict(hidden_size=16, dropout=0, hidden_act="tanh"), cls_drop_out=0.2),
                  num_labels=3, seed="b"),
    MicrosoftCase("ms-classification-own-act", "classification", dict(SMALLEST, hidden_act="relu"), prefix="bert."),
    MicrosoftCase("ms-choice", "choice", SMALLEST, num_labels=1),
    MicrosoftCase("ms-saturated", "none", SATURATED, lengths=(15, 16, 17, 60), prefix=""),
    MicrosoftCase("ms-saturated-unshared", "none", dict(SATURATED, share_att_key=False, norm_rel_ebd="none"),
                  lengths=(18, 60)),
    MicrosoftCase("ms-defaults-relative", "none", dict(DEFAULTS, relative_attention=True), prefix="bert."),
    MicrosoftCase("ms-defaults-absolute", "none", DEFAULTS),
]
