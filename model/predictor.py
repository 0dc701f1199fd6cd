"""The predictor: sentences or whole articles in, labelled sentences out."""

from __future__ import annotations

from itertools import islice
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

import numpy as np

from claimstance.model.artifact import TOKENIZER_FILE, load_folder
from claimstance.model.batching import length_batches, pad
from claimstance.model.encoding import Encoder, check_text
from claimstance.model.engines import AUTO, load_engine
from claimstance.model.errors import InputError, InputTypeError, ModelError
from claimstance.model.labels import FACETS, LABELS, PRECEDENCE, decide, facet_logits, label_distribution, sigmoid
from claimstance.model.results import FacetPredictions, Prediction, SentencePrediction
from claimstance.model.segment import segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from os import PathLike

    from claimstance.model.artifact import ModelFolder
    from claimstance.model.encoding import Encoded
    from claimstance.model.engines.base import Engine
    from claimstance.model.labels import Facet
    from claimstance.model.segment import Span
    from claimstance.model.settings import ModelSettings

WINDOW = 2048
"""Sentences that ``label_many`` reads ahead, so that it can batch those of like length."""


class Predictor:
    """Labels sentences as fact, quote, threat or forecast.

    Safe to use from several threads. A pickle of one names the model and loads it again where it is unpickled.

    Args:
        folder: The model folder it was loaded from.
        engine: The loaded network.
        encoder: The loaded tokenizer with the model's input settings.
        min_confidence: Below this score a sentence gets no label but the reason ``"low_confidence"``; 0 never abstains.

    Raises:
        InputError: If ``min_confidence`` is not between 0 and 1.

    Example:
        >>> from claimstance import Predictor
        >>> predictor = Predictor.from_pretrained()
        >>> predictor.label("The harbour is unlikely to reopen before spring.").label
        'forecast'
    """

    def __init__(self, folder: ModelFolder, engine: Engine, encoder: Encoder, min_confidence: float = 0.0) -> None:
        if not 0.0 <= min_confidence <= 1.0:
            msg = f"min_confidence must be between 0 and 1, got {min_confidence}"
            raise InputError(msg)
        self.folder = folder
        self.engine = engine
        self.encoder = encoder
        self.min_confidence = min_confidence
        self._loaded_with: dict[str, Any] | None = None

    @classmethod
    def from_pretrained(
        cls,
        model: str | PathLike[str] | None = None,
        *,
        engine: str = AUTO,
        device: str = "cpu",
        threads: int = 0,
        min_confidence: float = 0.0,
    ) -> Predictor:
        """Load a model.

        Args:
            model: None for the bundled model (no network needed), a model folder, or a hub id like ``"owner/name"``.
            engine: ``"onnx"`` (int8, CPU), ``"openvino"`` (int8 and bfloat16, CPU; needs the ``openvino`` extra),
                ``"torch"`` (float32, any device; needs the ``torch`` extra), or ``"auto"``: openvino where it is
                installed and computes this model in int8, else onnx; torch on other devices than the CPU.
            device: ``"cpu"``, or for torch any torch device.
            threads: Threads within one call of the network; 0 for the engine's own choice.
            min_confidence: See the class.

        Raises:
            ConfigError: If the engine is unknown.
            ModelError: If the folder is missing, damaged or of another format, or the engine cannot run it.
            MissingDependencyError: If a library is not installed that the engine, or fetching from the hub, needs.
            InputError: If ``min_confidence`` is not between 0 and 1.
        """
        folder = load_folder(model)
        encoder = Encoder.from_file(folder.file(TOKENIZER_FILE), folder.settings.input)
        predictor = cls(folder, load_engine(folder, engine, device, threads), encoder, min_confidence)
        predictor._loaded_with = {"device": device, "threads": threads}
        return predictor

    def __reduce__(self) -> tuple[Callable[..., Predictor], tuple[Any, ...]]:
        """Pickle where the model is and how it was loaded; unpickling loads it again, with the same engine.

        Raises:
            PicklingError: If it was not made by ``from_pretrained``.
        """
        if self._loaded_with is None:
            msg = "only a Predictor that from_pretrained made can be pickled or copied: it is loaded again elsewhere"
            raise PicklingError(msg)
        options = {**self._loaded_with, "engine": self.engine.name, "min_confidence": self.min_confidence}
        return _load_again, (type(self), str(self.folder.path), self.folder.revision, options)

    @property
    def settings(self) -> ModelSettings:
        """What the model folder says of itself: input, calibration, thresholds, training."""
        return self.folder.settings

    def label(self, sentence: str, *, quotation_open: bool = False, previous: str = "") -> Prediction:
        """Label one sentence.

        Args:
            sentence: The sentence.
            quotation_open: Whether it begins inside a quotation that an earlier sentence opened.
            previous: The sentence before it, for models that were trained to see it.

        Raises:
            InputError: If the sentence is blank or not valid Unicode.
            InputTypeError: If it is not a string.
        """
        check_text(sentence)
        return self._predict([sentence], [quotation_open], [previous])[0]

    def label_many(self, sentences: Iterable[str]) -> Iterator[Prediction]:
        """Label sentences lazily, in their order, reading at most ``WINDOW`` ahead.

        Raises:
            InputError: At the first blank or invalid sentence, naming its position; those before it were returned.
            InputTypeError: If ``sentences`` is a single string, or an element is not a string.
        """
        _refuse_single(sentences, "label_many takes an iterable of sentences", "use label()")
        return self._label_windows(iter(sentences))

    def _label_windows(self, source: Iterator[str]) -> Iterator[Prediction]:
        position = 0
        while window := list(islice(source, WINDOW)):
            good: list[str] = []
            problem: InputError | None = None
            for offset, sentence in enumerate(window):
                try:
                    good.append(check_text(sentence, f"sentence {position + offset}"))
                except InputError as error:
                    problem = error
                    break
            if good:
                yield from self._predict(good, None, None)
            if problem is not None:
                raise problem
            position += len(window)

    def label_article(self, text: str) -> list[SentencePrediction]:
        """Split an article into sentences and label each in its context.

        Args:
            text: The article as plain text; line breaks separate headline, paragraphs and boilerplate.

        Returns:
            One record a segment, in order, with exact offsets. Bylines, navigation and other non-sentences are there
            with label None and a reason.

        Raises:
            InputError: If the text is blank or not valid Unicode.
            InputTypeError: If it is not a string.
        """
        return self.label_articles([text])[0]

    def label_articles(self, texts: Iterable[str]) -> list[list[SentencePrediction]]:
        """Label several articles at once, batching their sentences together.

        Args:
            texts: n articles (see ``label_article``).

        Returns:
            n lists, in order, each as ``label_article`` returns it.

        Raises:
            InputError: If a text is blank or not valid Unicode; none is labelled then.
            InputTypeError: If ``texts`` is a single string, or an element is not a string.
        """
        _refuse_single(texts, "label_articles takes an iterable of articles", "use label_article()")
        articles = [check_text(t, "article") for t in texts]
        spans = [segment(t) for t in articles]
        wanted = [(d, i) for d, row in enumerate(spans) for i, span in enumerate(row) if span.reason is None]
        sentences = [articles[d][spans[d][i].start : spans[d][i].end] for d, i in wanted]
        previous = [articles[d][spans[d][i - 1].start : spans[d][i - 1].end] if i else "" for d, i in wanted]
        predictions = self._predict(sentences, [spans[d][i].quotation_open for d, i in wanted], previous)
        found = dict(zip(wanted, predictions, strict=True))
        return [
            [_place(text, i, span, found.get((d, i))) for i, span in enumerate(row)]
            for d, (text, row) in enumerate(zip(articles, spans, strict=True))
        ]

    def predict_facets(
        self,
        sentences: Iterable[str],
        quotation_open: Iterable[bool] | None = None,
        previous: Iterable[str] | None = None,
    ) -> FacetPredictions:
        """Return calibrated facet probabilities as arrays, for evaluation and for callers with thresholds of their own.

        Args:
            sentences: n sentences.
            quotation_open: Whether each begins inside an open quotation, n flags; None for none of them.
            previous: The sentence before each, n strings, ``""`` where there is none; None for none of them.

        Returns:
            Probabilities of shape (n, 3), in the order of ``FACETS``, and n flags for what was cut.

        Raises:
            InputError: If a sentence is blank or not valid Unicode, naming its position.
            InputTypeError: If ``sentences`` is a single string, or an element is not a string.
            ValueError: If there are not as many flags or previous sentences as sentences.
        """
        _refuse_single(sentences, "predict_facets takes an iterable of sentences", "put it in a list")
        texts = [check_text(sentence, f"sentence {i}") for i, sentence in enumerate(sentences)]
        encoded = self.encoder.encode(
            texts,
            None if quotation_open is None else list(quotation_open),
            None if previous is None else list(previous),
        )
        logits = self.predict_logits(encoded)
        return FacetPredictions(
            probabilities=sigmoid(facet_logits(logits) * self.settings.scales + self.settings.biases),
            truncated=np.asarray(encoded.truncated, dtype=bool),
        )

    def predict_logits(self, encoded: Encoded) -> np.ndarray:
        """Return raw label logits, uncalibrated.

        Args:
            encoded: n sentences, as ``encoder.encode`` returns them.

        Returns:
            Shape (n, 4), float32: a row a sentence, in order; a column a label, in the order of ``LABELS``.

        Raises:
            ModelError: If the engine cannot compute with this input, such as two segments on openvino.
        """
        logits = np.empty((len(encoded), len(LABELS)), dtype=np.float32)
        for rows in length_batches([len(row) for row in encoded.ids], self.engine.token_budget):
            ids = pad([encoded.ids[i] for i in rows])
            mask = np.ones_like(ids)  # a batch holds one length
            types = None if encoded.type_ids is None else pad([encoded.type_ids[i] for i in rows])
            logits[rows] = self.engine.logits(ids, mask, types)
        return logits

    def _predict(
        self, sentences: Sequence[str], quotation_open: Sequence[bool] | None, previous: Sequence[str] | None
    ) -> list[Prediction]:
        if not sentences:
            return []
        facets = self.predict_facets(sentences, quotation_open, previous)
        distribution = label_distribution(facets.probabilities)
        labels, holds = decide(facets.probabilities, self.settings.thresholds)
        rows = zip(
            sentences,
            labels.tolist(),
            distribution.tolist(),
            facets.probabilities.tolist(),
            holds.tolist(),
            facets.truncated.tolist(),
            strict=True,
        )
        return [self._record(*row) for row in rows]

    def _record(
        self,
        text: str,
        index: int,
        distribution: list[float],
        facets: list[float],
        holds: list[bool],
        truncated: bool,
    ) -> Prediction:
        score = distribution[index]
        sure = score >= self.min_confidence
        held = dict(zip(FACETS, holds, strict=True))
        return Prediction(
            text=text,
            label=LABELS[index] if sure else None,
            score=score,
            probabilities=dict(zip(LABELS, distribution, strict=True)),
            facets=dict(zip(FACETS, facets, strict=True)),
            holds=_in_precedence(held),
            truncated=truncated,
            reason=None if sure else "low_confidence",
        )


def _load_again(cls: type[Predictor], folder: str, revision: str, options: dict[str, Any]) -> Predictor:
    predictor = cls.from_pretrained(folder, **options)
    if predictor.folder.revision != revision:
        msg = f"{folder} holds model {predictor.folder.revision}, the pickled predictor had model {revision}"
        raise ModelError(msg)
    return predictor


def _refuse_single(texts: object, wanted: str, instead: str) -> None:
    """Raise if a string was given where several are wanted: it would be taken apart into its characters."""
    if isinstance(texts, (str, bytes)):
        msg = f"{wanted}, got a single {type(texts).__name__}; {instead}"
        raise InputTypeError(msg)


def _in_precedence(held: dict[Facet, bool]) -> tuple[Facet, ...]:
    return tuple(label for label in PRECEDENCE if label != "fact" and held[label])


def _place(text: str, index: int, span: Span, prediction: Prediction | None) -> SentencePrediction:
    if prediction is None:
        return SentencePrediction(
            text=text[span.start : span.end],
            label=None,
            score=None,
            probabilities=None,
            facets=None,
            reason=span.reason,
            index=index,
            start=span.start,
            end=span.end,
            quotation_open=span.quotation_open,
        )
    return SentencePrediction(
        text=prediction.text,
        label=prediction.label,
        score=prediction.score,
        probabilities=prediction.probabilities,
        facets=prediction.facets,
        holds=prediction.holds,
        truncated=prediction.truncated,
        reason=prediction.reason,
        index=index,
        start=span.start,
        end=span.end,
        quotation_open=span.quotation_open,
    )
