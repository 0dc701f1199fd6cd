"""What takes part in the benchmark. Each loads in a process of its own and turns sentences into label indices."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Run = Callable[[Sequence[str]], NDArray[np.intp]]

CHUNK = 2048
"""Sentences that a worker of this package labels in one call, as in a job."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to label sentences.

    Attributes:
        name: For tables.
        kind: Which loader, a key of ``LOADERS``.
        options: For the loader.
        reference: Name of the contestant whose labels are the float32 labels under the same decision rule; "" for
            other models.
        needs: Packages that must be there.
    """

    name: str
    kind: str
    options: dict[str, Any] = field(hash=False)
    reference: str = ""
    needs: tuple[str, ...] = ()

    @property
    def available(self) -> bool:
        """Whether the packages that it needs are installed."""
        return all(importlib.util.find_spec(name) for name in self.needs)


TORCH = ("torch", "transformers")
OWN_REFERENCE = "claimstance torch float32"
PLAIN_REFERENCE = "torch loop, batch 32, sorted"
BASELINE = "transformers pipeline, batch 32"
"""What the package is measured against."""

CONTESTANTS = (
    Contestant("claimstance onnx", "own", {"engine": "onnx"}, OWN_REFERENCE),
    Contestant("claimstance openvino", "own", {"engine": "openvino"}, OWN_REFERENCE, ("openvino", "safetensors")),
    Contestant(OWN_REFERENCE, "own", {"engine": "torch"}, OWN_REFERENCE, TORCH),
    Contestant("transformers pipeline, batch 1", "pipeline", {"batch": 1}, PLAIN_REFERENCE, TORCH),
    Contestant("transformers pipeline, batch 8", "pipeline", {"batch": 8}, PLAIN_REFERENCE, TORCH),
    Contestant(BASELINE, "pipeline", {"batch": 32}, PLAIN_REFERENCE, TORCH),
    Contestant(f"{BASELINE}, sorted", "pipeline", {"batch": 32, "sort": True}, PLAIN_REFERENCE, TORCH),
    Contestant(PLAIN_REFERENCE, "loop", {"batch": 32}, PLAIN_REFERENCE, TORCH),
    Contestant("TF-IDF and logistic regression", "tfidf", {}, "", ("sklearn",)),
    Contestant("spaCy textcat, bag of words", "spacy", {}, "", ("spacy",)),
)


def load_own(model: str, options: dict[str, Any]) -> Run:
    """Load this package's predictor: a thread a core, as in a job; torch brings threads of its own."""
    from concurrent.futures import ThreadPoolExecutor

    from claimstance.model.job.settings import default_workers
    from claimstance.model.labels import decide
    from claimstance.model.predictor import Predictor

    workers = 1 if options["engine"] == "torch" else default_workers()
    predictor = Predictor.from_pretrained(model, engine=options["engine"], threads=0 if workers == 1 else 1)
    pool = ThreadPoolExecutor(workers)

    def label(part: Sequence[str]) -> NDArray[np.intp]:
        return decide(predictor.predict_facets(part).probabilities, predictor.settings.thresholds)[0]

    def run(sentences: Sequence[str]) -> NDArray[np.intp]:
        size = max(1, min(CHUNK, -(-len(sentences) // workers)))
        return np.concatenate(list(pool.map(label, [sentences[i : i + size] for i in range(0, len(sentences), size)])))

    return run


def load_pipeline(model: str, options: dict[str, Any]) -> Run:
    """Load ``transformers.pipeline`` as its documentation shows it."""
    from transformers import pipeline

    # "text-classification" has overloads that need the literal's own type
    classify: Any = pipeline("text-classification", model=model, tokenizer=model, device="cpu", truncation=True)

    def run(sentences: Sequence[str]) -> NDArray[np.intp]:
        order = np.argsort([len(s) for s in sentences]) if options.get("sort") else np.arange(len(sentences))
        found = classify([sentences[i] for i in order], batch_size=options["batch"])
        labels = np.empty(len(sentences), dtype=np.intp)
        labels[order] = [LABELS.index(row["label"]) for row in found]
        return labels

    return run


def load_loop(model: str, options: dict[str, Any]) -> Run:
    """Load the network in float32 for a loop by hand: sorted, padded batches."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(model, dtype=torch.float32).eval()

    def run(sentences: Sequence[str]) -> NDArray[np.intp]:
        order = np.argsort([len(s) for s in sentences])
        labels = np.empty(len(sentences), dtype=np.intp)
        for start in range(0, len(order), options["batch"]):
            rows = order[start : start + options["batch"]]
            batch = tokenizer([sentences[i] for i in rows], padding=True, truncation=True, return_tensors="pt")
            with torch.inference_mode():
                labels[rows] = network(**batch).logits.argmax(-1).numpy()
        return labels

    return run


def load_tfidf(_model: str, _options: dict[str, Any]) -> Run:
    """Train word and pair TF-IDF with logistic regression on the authored sentences."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from claimstance.eval.speed.sentences import authored

    known = authored()
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(max_iter=1000))
    model.fit(known.texts, known.labels)
    return lambda sentences: np.asarray(model.predict(list(sentences)), dtype=np.intp)


def load_spacy(_model: str, _options: dict[str, Any]) -> Run:
    """Train spaCy's bag-of-words text categoriser on the authored sentences, two passes."""
    import spacy
    from spacy.training import Example

    from claimstance.eval.speed.sentences import authored

    known = authored()
    assert known.labels is not None  # noqa: S101 - for the type checker
    nlp = spacy.blank("en")
    architecture = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 1}
    nlp.add_pipe(
        "textcat",
        config={"model": {**architecture, "no_output_layer": False}},
    )
    cats = [{name: float(i == label) for i, name in enumerate(LABELS)} for label in known.labels]
    examples = [Example.from_dict(nlp.make_doc(t), {"cats": c}) for t, c in zip(known.texts, cats, strict=True)]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(2):
        for start in range(0, len(examples), 64):
            nlp.update(examples[start : start + 64], sgd=optimizer)

    def run(sentences: Sequence[str]) -> NDArray[np.intp]:
        docs = nlp.pipe(sentences, batch_size=256)
        return np.array([LABELS.index(max(doc.cats, key=doc.cats.__getitem__)) for doc in docs], dtype=np.intp)

    return run


LOADERS: dict[str, Callable[[str, dict[str, Any]], Run]] = {
    "own": load_own,
    "pipeline": load_pipeline,
    "loop": load_loop,
    "tfidf": load_tfidf,
    "spacy": load_spacy,
}
