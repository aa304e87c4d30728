"""What the goldens of the tasks ask: inputs, options, and changes of the models' configs."""

REVIEWS = [
    "What a charming, well-acted movie!",
    "The plot of this film was bad and the acting was worse.",
    "",
    "   \t ",
    "Na\u00efve caf\u00e9 scenes, \u201cbeautifully\u201d shot\u2026 \U0001f600 but 2\u00bd hours long.",
    "one\n\ntwo\u00a0three  four",
]
LONG = ("Anna Smith lives in New York City and reads reviews of the film that John saw in Paris. " * 6).strip()
NAMES = [
    "Anna Smith was born in London; John, who lives in New York City, is not.",
    "Jean-Luc's caf\u00e9 in Montr\u00e9al\u2026 (\u6771\u4eac) was great!",
    "",
    "the [MASK] film [SEP] was \U0001f600 charmless",
    "  two   blanks\tand\na tab ",
]
CONTEXT = ("Berta is an engine. It was written in the city of London by Anna Smith, who was born in 1983. "
           "The engine reads a film review and says whether it is good. London is a city on a river; "
           "london has many houses. Its ca\u00efman\u2026 lives in Paris.")
QUESTIONS = [
    {"question": "Where was it written?", "context": CONTEXT},
    {"question": "Who is Anna?", "context": "Anna Smith."},
    {"question": "When?", "context": CONTEXT + " " + CONTEXT.lower()},
    {"question": "What [CLS] is it?", "context": "\u6771\u4eac is great, caf\u00e9 too."},
]
PAIRS = [{"text": "The film was good.", "text_pair": "It was not bad."},
         {"text": "", "text_pair": "second"},
         {"text": "first", "text_pair": ""}]
MASKED = ["This [MASK] was great.", "[MASK]", "A   [MASK]  film, not [MASK] bad \U0001f600"]
QUERY = {"query": " where does anna live? ",
         "documents": ["Anna lives in London.", "\tJohn lives in Paris.\n", "", "the river", LONG]}
TOPICS = [{"text": "The film was great and the actor too.", "labels": ["film", "politics", "sport"]},
          {"text": "A house on the river.", "labels": ["house"]},
          {"text": "long labels", "labels": ["a {0} b", "{}", "\u6771\u4eac", "sport, politics"]}]


def nli(*names):
    """id2label and label2id of these names, in this order."""
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def classify_cases():
    """text-classification: functions, numbers of labels, kinds of problems, pairs, cuts."""
    yield {"id": "default", "inputs": REVIEWS}
    yield {"id": "all", "inputs": REVIEWS, "options": {"top_k": None}}
    yield {"id": "top-2-sigmoid", "inputs": REVIEWS[:2], "options": {"top_k": 2, "function": "sigmoid"}}
    yield {"id": "none", "inputs": REVIEWS[:2], "options": {"top_k": None, "function": "none"}}
    yield {"id": "pairs", "inputs": PAIRS, "options": {"top_k": None}}
    yield {"id": "regression", "inputs": REVIEWS[:2], "options": {"top_k": None},
           "config": {"problem_type": "regression"}}
    yield {"id": "multi-label", "inputs": REVIEWS[:2], "options": {"top_k": None},
           "config": {"problem_type": "multi_label_classification"}}
    yield {"id": "cut-tail", "inputs": [LONG, "short"], "run": {"max_length": 20}, "options": {"top_k": None}}
    yield {"id": "cut-head", "inputs": [LONG, "short"], "options": {"top_k": None},
           "run": {"max_length": 20, "truncation": "head"}}
    yield {"id": "cut-pair", "inputs": [{"text": LONG, "text_pair": LONG}], "run": {"max_length": 31},
           "options": {"top_k": None}}
    yield {"id": "one-label", "model": "bert-one", "inputs": REVIEWS[:2]}
    yield {"id": "one-regression", "model": "bert-one", "inputs": REVIEWS[:2],
           "config": {"problem_type": "regression"}}
    yield {"id": "word-pieces", "model": "bert", "inputs": REVIEWS + PAIRS, "options": {"top_k": None}}


def ner_cases():
    """token-classification: strategies, words of both kinds of tokenizers, windows."""
    for model in ("deberta", "bert"):
        for strategy in ("none", "simple", "first", "average", "max"):
            yield {"id": strategy, "model": model, "inputs": NAMES, "options": {"aggregation": strategy}}
            yield {"id": strategy + "-all", "model": model, "inputs": NAMES[:2] + [LONG[:87]],
                   "options": {"aggregation": strategy, "ignore_labels": []}}
        yield {"id": "ignored", "model": model, "inputs": NAMES,
               "options": {"aggregation": "simple", "ignore_labels": ["PER", "O"]}}
        yield {"id": "windows", "model": model, "inputs": [LONG, NAMES[0], NAMES[2]],
               "options": {"aggregation": "simple", "stride": 5}, "run": {"max_length": 24}}
        yield {"id": "windows-words", "model": model, "inputs": [LONG],
               "options": {"aggregation": "first", "stride": 3}, "run": {"max_length": 24}}
    yield {"id": "cut", "inputs": [LONG], "run": {"max_length": 16}}
    yield {"id": "plain-labels", "inputs": NAMES, "options": {"aggregation": "simple", "ignore_labels": []},
           "config": nli("PERSON", "B-A-B", "I-A-B", "LOC-X", "")}


def qa_cases():
    """question-answering: windows, several answers, none."""
    for model in ("deberta", "bert"):
        yield {"id": "default", "model": model, "inputs": QUESTIONS}
        yield {"id": "several", "model": model, "inputs": QUESTIONS[:1] + QUESTIONS[2:3], "options": {"top_k": 4}}
        yield {"id": "windows", "model": model, "inputs": QUESTIONS,
               "options": {"top_k": 3, "window_length": 32, "stride": 8}}
        yield {"id": "impossible", "model": model, "inputs": QUESTIONS,
               "options": {"allow_impossible": True, "window_length": 40, "stride": 4, "top_k": 2}}
        yield {"id": "tokens", "model": model, "inputs": QUESTIONS[:1] + QUESTIONS[2:3],
               "options": {"align_to_words": False, "top_k": 3, "max_answer_length": 4}}


def zero_shot_cases():
    """zero-shot-classification: templates, label ids, cuts."""
    usual = nli("contradiction", "neutral", "Entailment", "x", "y")
    yield {"id": "default", "inputs": TOPICS, "config": usual}
    yield {"id": "multi-label", "inputs": TOPICS, "config": usual, "options": {"multi_label": True}}
    yield {"id": "template", "inputs": TOPICS[:1], "config": usual,
           "options": {"hypothesis": "{{It}} is about {0}, really {0}."}}
    yield {"id": "entailment-first", "inputs": TOPICS, "config": nli("entails", "n", "c", "entailment", "z"),
           "options": {"multi_label": True}}
    yield {"id": "no-entailment", "inputs": TOPICS}
    yield {"id": "order-of-names", "inputs": TOPICS[:1],
           "config": {"label2id": {"entail-b": 3, "entail-a": 1, "c": 0, "d": 2, "e": 4}}}
    yield {"id": "cut", "inputs": [dict(TOPICS[0], text=LONG)], "config": usual, "run": {"max_length": 24}}
    yield {"id": "cut-head", "inputs": [dict(TOPICS[0], text=LONG)], "config": usual,
           "run": {"max_length": 24, "truncation": "head"}}
    yield {"id": "too-short-to-cut", "inputs": [{"text": "a", "labels": ["a long " * 9, "b"]}], "config": usual,
           "run": {"max_length": 12}}
    yield {"id": "word-pieces", "model": "bert", "inputs": TOPICS, "config": usual}


def fill_mask_cases():
    """fill-mask: several masks, targets."""
    for model in ("deberta", "bert"):
        yield {"id": "default", "model": model, "inputs": MASKED}
        yield {"id": "top-2", "model": model, "inputs": MASKED, "options": {"top_k": 2}}
        yield {"id": "targets", "model": model, "inputs": MASKED,
               "options": {"targets": ["film", "great", "film", "playwrightness", "\u2581film"]}}


def rerank_cases():
    """CrossEncoder.rank: activations, cuts."""
    base = {"model": "bert-one", "inputs": [QUERY]}
    yield dict(base, id="default")
    yield dict(base, id="top-2", options={"top_k": 2})
    yield dict(base, id="cut", run={"max_length": 16})
    yield dict(base, id="identity", config={"sentence_transformers": {
        "activation_fn": "torch.nn.modules.linear.Identity", "version": "5.1.2"}})
    yield dict(base, id="identity-old", config={
        "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"})
    yield dict(base, id="foreign", config={"sentence_transformers": {"activation_fn": "mine.Activation"}})


def modules(**pooling):
    """sentence-transformers' files for these pooling modes."""
    kinds = [("Transformer", ""), ("Pooling", "1_Pooling")]
    listed = [{"idx": i, "name": str(i), "path": path, "type": "sentence_transformers.models." + kind}
              for i, (kind, path) in enumerate(kinds)]
    config = {"word_embedding_dimension": 16}
    config.update({"pooling_mode_" + mode: mode in pooling for mode in
                   ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens",
                    "lasttoken")})
    return {"modules.json": listed, "1_Pooling/config.json": config}


def embed_cases():
    """SentenceTransformer.encode: poolings, normalisation, prompts, cuts."""
    for mode in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens",
                 "lasttoken"):
        yield {"id": mode, "inputs": REVIEWS, "files": modules(**{mode: True})}
    files = modules(cls_token=True, mean_tokens=True)
    files["modules.json"].append({"idx": 2, "name": "2", "path": "2_Normalize",
                                  "type": "sentence_transformers.models.Normalize"})
    files["sentence_bert_config.json"] = {"max_seq_length": 12, "do_lower_case": True}
    files["config_sentence_transformers.json"] = {"prompts": {"query": "find: "}, "default_prompt_name": "query"}
    yield {"id": "everything", "inputs": REVIEWS + [LONG], "files": files}
    yield {"id": "plain-folder", "model": "bert", "inputs": REVIEWS + [LONG]}


TASKS = {"classify": classify_cases, "ner": ner_cases, "qa": qa_cases, "zero-shot": zero_shot_cases,
         "fill-mask": fill_mask_cases, "rerank": rerank_cases, "embed": embed_cases,
         "rtd": lambda: [{"id": "default", "inputs": NAMES}]}


def all_cases():
    """Every case with its task and model."""
    for task, cases in TASKS.items():
        for case in cases():
            yield {"task": task, "model": "deberta"} | case
