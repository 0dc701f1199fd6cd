"""The typed form of a training configuration."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from claimstance.eval.strict import Strict
from claimstance.model.errors import ConfigError
from claimstance.model.settings import MAX_TOKENS, Context

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHIPPED = "claimstance.configs.train"

Share = Annotated[float, Field(ge=0, le=1)]


class InputConfig(Strict):
    """How sentences become tokens; stored in the model folder and applied by the predictor."""

    max_tokens: Annotated[int, Field(ge=8, le=512)] = MAX_TOKENS
    context: Context = "quotation"


class DataConfig(Strict):
    """What the model is trained on.

    Attributes:
        exclude_corpora: Corpora left out of training, such as ``authored`` for an ablation.
        oversample_threat: How often each training sentence with the threat facet is seen in an epoch.
        folds: Cut the training documents into this many folds; 0 trains on all of them.
        fold: The fold that is held out when ``folds`` is not 0.
        max_rows: Train on at most this many rows, drawn by the seed; for learning curves. 0 is all.
    """

    exclude_corpora: tuple[str, ...] = ()
    oversample_threat: Annotated[int, Field(ge=1, le=10)] = 1
    folds: Annotated[int, Field(ge=0, le=20)] = 0
    fold: Annotated[int, Field(ge=0)] = 0
    max_rows: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _fold_is_one_of_the_folds(self) -> DataConfig:
        if self.folds and self.fold >= self.folds:
            msg = f"fold must be from 0 to {self.folds - 1} with {self.folds} folds, got {self.fold}"
            raise ValueError(msg)
        return self


class LossConfig(Strict):
    """Binary cross-entropy of the three facets, and its variations.

    Attributes:
        threat_weight: Weight of positive examples of the threat facet.
        focal_gamma: Focusing parameter of the focal loss (Lin et al., 2017); 0 is plain cross-entropy.
        label_smoothing: Share of each annotated target that is moved to one half.
    """

    threat_weight: Annotated[float, Field(gt=0)] = 1.0
    focal_gamma: Annotated[float, Field(ge=0)] = 0.0
    label_smoothing: Share = 0.0


class DistillationConfig(Strict):
    """Learning from a teacher's facet probabilities.

    Attributes:
        targets: Parquet file that ``claimstance teach`` wrote.
        teacher_share: Weight of the teacher's probability in the target of an annotated sentence; the annotation has
            the rest. A sentence without annotation has the teacher's probability as its target.
        unlabelled: Whether the sentences without annotation are trained on too.
        exclude_corpora: Corpora whose sentences without annotation are left out, such as reports that are no news.
        trust_authored: Whether the labels that own sentences were written for are taken, whatever the teacher says.
        made: Parquet files that ``claimstance augment`` wrote: more sentences for the teacher's probabilities.
        states: Folder that ``claimstance teach --states`` wrote; the student then also imitates the teacher's token
            states.
        states_weight: Weight of the mean squared error of the token states beside the facet loss.
    """

    targets: Path
    teacher_share: Share = 0.5
    unlabelled: bool = True
    exclude_corpora: tuple[str, ...] = ()
    trust_authored: bool = True
    made: tuple[Path, ...] = ()
    states: Path | None = None
    states_weight: Annotated[float, Field(gt=0)] = 1.0


class OptimisationConfig(Strict):
    """How the weights are fitted.

    Attributes:
        epochs: Passes over the training rows.
        batch_size: Sentences a step.
        learning_rate: Peak of the linear schedule.
        warmup_share: Share of the steps in which the learning rate rises.
        weight_decay: AdamW's decay, on matrices only.
        max_grad_norm: Clipping.
        precision: ``"bfloat16"`` runs matrix products in bfloat16 where the processor has them in hardware;
            ``"auto"`` does so if it has.
        evaluations_per_epoch: How often dev is scored and a checkpoint is kept.
        keep: Which checkpoint becomes the model: the ``"best"`` by dev macro-F1, or the ``"last"``. Dev has few
            threats, so its macro-F1 is a noisy judge, and a checkpoint from mid-schedule has not been annealed.
        patience: Stop after this many evaluations without a better dev macro-F1; 0 never stops early.
    """

    epochs: Annotated[float, Field(gt=0)] = 3
    batch_size: Annotated[int, Field(ge=1)] = 16
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    warmup_share: Share = 0.1
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    evaluations_per_epoch: Annotated[int, Field(ge=1, le=100)] = 1
    keep: Literal["best", "last"] = "best"
    patience: Annotated[int, Field(ge=0)] = 0


class TrainConfig(Strict):
    """A training run.

    Attributes:
        name: Name of the model, for people; also the default name of the run's folder.
        base: Hugging Face folder or hub id of the pretrained encoder, or ``"bundled"`` to start from the encoder of
            the model in the package (no download; for trying things out, its scores compare with nothing).
        data: Folder that ``claimstance corpus build`` wrote, or ``"authored"`` for the authored corpus alone.
        head: ``"fresh"`` starts with a new classification head; ``"kept"`` goes on with that of ``base``, which must
            then be a model of claimstance.
        layers: Keep this many encoder layers, evenly spaced; 0 keeps all.
        seed: Seeds weights, order and dropout.
    """

    name: str
    base: str
    data: str = "data"
    head: Literal["fresh", "kept"] = "fresh"
    layers: Annotated[int, Field(ge=0)] = 0
    seed: int = 0
    input: InputConfig = InputConfig()
    training_data: DataConfig = DataConfig()
    loss: LossConfig = LossConfig()
    distillation: DistillationConfig | None = None
    optimisation: OptimisationConfig = OptimisationConfig()


def load_train_config(path: str | Path) -> TrainConfig:
    """Read and check a training YAML.

    Args:
        path: The file, or the name of a shipped configuration, such as ``minilm-l6``.

    Raises:
        ConfigError: If the file is missing, not YAML, or has unknown keys or values out of range.
    """
    file = Path(path)
    if not file.is_file():
        shipped = {name.removesuffix(".yaml"): name for name in _shipped()}
        if str(path) not in shipped:
            msg = f"no configuration at {file}; the shipped ones are {', '.join(sorted(shipped))}"
            raise ConfigError(msg)
        file = Path(str(files(_SHIPPED) / shipped[str(path)]))
    try:
        return TrainConfig.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        msg = f"{file}: {error}"
        raise ConfigError(msg) from error


def _shipped() -> list[str]:
    return [each.name for each in files(_SHIPPED).iterdir() if each.name.endswith(".yaml")]


def parse_changes(pairs: Iterable[str]) -> dict[str, str]:
    """Take ``KEY=VALUE`` pairs of a command line apart, for ``override``.

    Raises:
        ConfigError: If one has no ``=``.
    """
    pairs = list(pairs)
    if wrong := [pair for pair in pairs if "=" not in pair]:
        msg = f"--set takes KEY=VALUE, such as optimisation.epochs=1, got {wrong[0]!r}"
        raise ConfigError(msg)
    return dict(pair.partition("=")[::2] for pair in pairs)


def override(config: TrainConfig, changes: dict[str, str]) -> TrainConfig:
    """Return the configuration with dotted keys set to YAML values, such as ``{"optimisation.epochs": "1"}``.

    Raises:
        ConfigError: If a key is unknown, or a value no YAML or out of range.
    """
    data = config.model_dump()
    try:
        for key, value in changes.items():
            _set(data, key, yaml.safe_load(value))
        return TrainConfig.model_validate(data)
    except (yaml.YAMLError, ValidationError) as error:
        msg = f"cannot apply {changes}: {error}"
        raise ConfigError(msg) from error


def _set(data: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    node: Any = data
    for parent in parents:
        if node.get(parent) is None:
            node[parent] = {}
        node = node[parent]
        if not isinstance(node, dict):
            msg = f"cannot set {key}: {parent} is a value and has no keys"
            raise ConfigError(msg)
    node[last] = value
