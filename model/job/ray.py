"""Labelling on a Ray cluster: the job's windows on actors, and a class for Ray Data pipelines of one's own."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from claimstance.model.engines import AUTO
from claimstance.model.errors import ConfigError, MissingDependencyError
from claimstance.model.job.documents import MAX_BYTES, ReadSettings, to_items
from claimstance.model.job.labelling import label_documents

if TYPE_CHECKING:
    import pyarrow as pa

    from claimstance.model.job.documents import Item, Mode
    from claimstance.model.job.settings import JobSettings
    from claimstance.model.predictor import Predictor


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What an actor loads: names, so that no network travels through the cluster.

    Attributes:
        model: None for the bundled model, a folder that every node sees, or a hub id.
        engine: See ``Predictor.from_pretrained``.
        device: See there.
        min_confidence: See there.
    """

    model: str | None = None
    engine: str = "onnx"
    device: str = "cpu"
    min_confidence: float = 0.0

    def load(self, threads: int = 1) -> Predictor:
        """Load it, by default for one core."""
        from claimstance.model.predictor import Predictor

        return Predictor.from_pretrained(threads=threads, **asdict(self))

    def load_for_driver(self) -> Predictor:
        """Load what a driver tells apart jobs by, on the CPU: it labels nothing, and its node may lack the device.

        Raises:
            ConfigError: If Ray cannot give an actor the device, or the engine does not run on it.
        """
        engine = "torch" if self.gpus and self.engine == AUTO else self.engine
        return replace(self, engine=engine, device="cpu").load()

    @property
    def gpus(self) -> int:
        """How many GPUs an actor needs.

        Raises:
            ConfigError: See ``load_for_driver``.
        """
        if self.device not in ("cpu", "cuda"):
            msg = f"device must be cpu or cuda on Ray, which tells each actor its GPU; got {self.device!r}"
            raise ConfigError(msg)
        if self.device == "cuda" and self.engine not in (AUTO, "torch"):
            msg = f"device 'cuda' needs engine='torch', got {self.engine!r}"
            raise ConfigError(msg)
        return int(self.device == "cuda")


class LabelBatch:
    """Labels batches of documents in ``ray.data.Dataset.map_batches``; each actor loads the model once.

    Args:
        id_column: Column of the document ids, which are kept.
        text_column: Column of the texts.
        choice: Which model, on which engine.
        mode: ``"document"`` or ``"sentence"``.
        text: Whether the sentences' text is a column of the result.
        max_bytes: Longest text, in bytes; a longer one becomes an error row.

    Raises:
        ConfigError: If there is no such mode.

    Example:
        >>> ray.data.read_parquet("in/").map_batches(  # doctest: +SKIP
        ...     LabelBatch, fn_constructor_args=("id",), batch_format="pyarrow", num_cpus=1, concurrency=8
        ... ).write_parquet("out/")
    """

    def __init__(
        self,
        id_column: str,
        text_column: str = "text",
        choice: ModelChoice | None = None,
        mode: Mode = "document",
        text: bool = True,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._id_column = id_column
        self._reading = ReadSettings(mode, text_column, max_bytes=max_bytes)
        self._text = text
        self._predictor = (choice or ModelChoice()).load()

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return one row a sentence (columns as in the job's output); a bad text becomes an error row.

        Raises:
            ConfigError: If the batch lacks a column.
        """
        wanted = {self._id_column, self._reading.text_column}
        if missing := wanted - set(batch.column_names):
            msg = f"the data set has no column {sorted(missing)}; it has {', '.join(batch.column_names)}"
            raise ConfigError(msg)
        ids, texts = (batch[name].to_pylist() for name in (self._id_column, self._reading.text_column))
        items = to_items(ids, texts, self._reading)
        return label_documents(self._predictor, items, self._reading.mode, text=self._text)


class RayLabeller:
    """Labels the documents of a window on one of many Ray actors. Give it to ``run_job`` in place of threads.

    Reading, resuming and writing stay with the driver, and windows are cut as for the local runner, so that rows, parts
    and manifest are the local runner's. Close it after the job.

    Args:
        choice: Which model.
        settings: Of the job; ``workers`` is the number of actors, 0 for one a core of the cluster, whatever the engine;
            on ``cuda`` for one a GPU.
        address: Of a cluster; None for the one that ``RAY_ADDRESS`` names, or else a local one.

    Attributes:
        workers: How many calls run side by side.

    Raises:
        ConfigError: If Ray cannot give an actor the device, the engine does not run on it, or the cluster has none.
        MissingDependencyError: If ray is not installed.
    """

    def __init__(self, choice: ModelChoice, settings: JobSettings, address: str | None = None) -> None:
        gpus = choice.gpus
        try:
            import ray
        except ImportError as error:
            msg = "the ray runner needs ray: pip install 'claimstance[ray]'"
            raise MissingDependencyError(msg) from error
        self._ray = ray
        if not ray.is_initialized():
            ray.init(address=address, log_to_driver=False, include_dashboard=False)
        there = ray.cluster_resources()
        if gpus and not there.get("GPU"):
            msg = "device 'cuda' needs GPUs, and the Ray cluster has none"
            raise ConfigError(msg)
        self.workers = settings.workers or max(1, int(there.get("GPU" if gpus else "CPU", 1)))
        # A node that dies takes its actor along: Ray starts it elsewhere and repeats the call, which has no effects.
        actor: Any = ray.remote(num_cpus=1, num_gpus=gpus, max_restarts=3, max_task_retries=3)(_Actor)
        self._actors = [actor.remote(choice, settings.mode, settings.text) for _ in range(self.workers)]
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for one in self._actors:
            self._idle.put(one)

    def __call__(self, items: list[Item]) -> pa.Table:
        """Return the rows of the items; called from ``workers`` threads at once."""
        actor = self._idle.get()
        try:
            return self._ray.get(actor.label.remote(items))
        finally:
            self._idle.put(actor)

    def close(self) -> None:
        """Give the cores back to the cluster."""
        for actor in self._actors:
            self._ray.kill(actor)


class _Actor:
    """A model on a core or a GPU of the cluster, and what to do with a window's documents."""

    def __init__(self, choice: ModelChoice, mode: Mode, text: bool) -> None:
        self._predictor, self._mode, self._text = choice.load(), mode, text

    def label(self, items: list[Item]) -> pa.Table:
        return label_documents(self._predictor, items, self._mode, text=self._text)

    def node(self) -> str:
        """Return the id of the cluster's node that it runs on."""
        import ray

        return str(ray.get_runtime_context().get_node_id())
