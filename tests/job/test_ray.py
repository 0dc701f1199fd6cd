"""Ray gives the rows of the local runner, on one node and on two."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from claimstance.cli import app
from claimstance.model.errors import ConfigError
from claimstance.model.job.labelling import label_documents
from claimstance.model.job.ray import LabelBatch, ModelChoice, RayLabeller
from claimstance.model.job.readers import DocumentStream, expand
from claimstance.model.job.run import label_job, open_sink, run_job
from claimstance.model.job.settings import JobSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from claimstance.model.predictor import Predictor

ray = pytest.importorskip("ray")


def _documents(sentences: list[str], n: int = 12) -> pa.Table:
    texts: list[str | None] = [f"{sentences[i % 8]} {sentences[(3 * i + 1) % 8]}" for i in range(n)]
    texts[4] = None
    return pa.table({"key": [f"doc-{i}" for i in range(n)], "body": texts})


def test_label_batch_keeps_ids_and_records_bad_texts(tiny_model: Path, sentences: list[str]) -> None:
    found = LabelBatch("key", "body", ModelChoice(str(tiny_model)))(_documents(sentences))
    assert set(found["document"].to_pylist()) == {f"doc-{i}" for i in range(12)}
    errors = {d: e for d, e in zip(found["document"].to_pylist(), found["error"].to_pylist(), strict=True) if e}
    assert list(errors) == ["doc-4"]
    assert "NoneType" in errors["doc-4"]


def test_label_batch_names_the_missing_column(tiny_model: Path, sentences: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"no column \['text'\]; it has key, body"):
        LabelBatch("key", choice=ModelChoice(str(tiny_model)))(_documents(sentences))


class FakeCluster:
    """Stands in for the ``ray`` module of a cluster of eight cores and some GPUs; notes what actors ask for."""

    def __init__(self, gpus: int) -> None:
        self.gpus = gpus
        self.asked: list[dict[str, Any]] = []

    def is_initialized(self) -> bool:
        return True

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 8.0} | ({"GPU": float(self.gpus)} if self.gpus else {})

    def remote(self, **resources: Any) -> Any:
        self.asked.append(resources)
        return lambda actor: SimpleNamespace(remote=lambda *arguments: (actor, arguments))


@pytest.fixture
def fake_cluster(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    cluster = FakeCluster(request.param)
    monkeypatch.setitem(sys.modules, "ray", cluster)
    return cluster


@pytest.mark.parametrize(
    ("fake_cluster", "choice", "workers", "gpus"),
    [
        (2, ModelChoice(engine="torch"), 8, 0),
        (2, ModelChoice(engine="torch", device="cuda"), 2, 1),
        (2, ModelChoice(engine="auto", device="cuda"), 2, 1),
    ],
    indirect=["fake_cluster"],
)
def test_an_actor_on_cuda_asks_for_a_gpu(
    fake_cluster: FakeCluster, choice: ModelChoice, workers: int, gpus: int
) -> None:
    assert RayLabeller(choice, JobSettings()).workers == workers
    assert [(a["num_cpus"], a["num_gpus"]) for a in fake_cluster.asked] == [(1, gpus)]


@pytest.mark.parametrize(
    ("fake_cluster", "choice", "message"),
    [
        (0, ModelChoice(engine="torch", device="cuda"), "the Ray cluster has none"),
        (2, ModelChoice(engine="torch", device="cuda:1"), "must be cpu or cuda on Ray"),
        (2, ModelChoice(engine="onnx", device="cuda"), "needs engine='torch', got 'onnx'"),
    ],
    indirect=["fake_cluster"],
)
@pytest.mark.usefixtures("fake_cluster")
def test_a_device_that_no_actor_can_have_is_refused(choice: ModelChoice, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RayLabeller(choice, JobSettings())


@pytest.mark.parametrize("options", [["--engine", "torch"], ["--device", "cuda"]])
def test_torch_on_ray_takes_the_whole_cluster(
    tiny_model: Path, corpus: Path, tmp_path: Path, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(choice: ModelChoice, settings: JobSettings) -> None:
        asked.append((choice.engine, choice.device, settings.workers))
        raise ConfigError("far enough")

    monkeypatch.setattr("claimstance.model.job.ray.RayLabeller", refuse)
    command = ["label", str(corpus), "-o", str(tmp_path / "o"), "--model", str(tiny_model), "--runner", "ray"]
    result = CliRunner().invoke(app, [*command, *options])
    assert "far enough" in result.stderr
    assert asked == [("torch", options[-1] if "--device" in options else "cpu", 0)]


@pytest.fixture(scope="module")
def local_ray() -> Iterator[None]:
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    yield
    ray.shutdown()


def _run_on_ray(corpus: Path, out: Path, predictor: Predictor, model: Path) -> None:
    settings = JobSettings(workers=2)
    files = expand([str(corpus)])
    labeller = RayLabeller(ModelChoice(str(model), predictor.engine.name), settings)
    try:
        sink = open_sink(out, files, predictor, settings)
        run_job(predictor, DocumentStream(files, settings.reading), sink, settings, labeller=labeller)
    finally:
        labeller.close()


@pytest.mark.slow
@pytest.mark.usefixtures("local_ray", "small_windows")
def test_ray_runner_writes_the_local_runners_rows(
    corpus: Path, tmp_path: Path, predictor: Predictor, job_model: Path, rows_of: Callable[[Path], list[str]]
) -> None:
    label_job(str(corpus), tmp_path / "local", predictor=predictor, settings=JobSettings(workers=2))
    _run_on_ray(corpus, tmp_path / "ray", predictor, job_model)
    assert rows_of(tmp_path / "ray") == rows_of(tmp_path / "local")
    assert len(rows_of(tmp_path / "ray")) > 10


@pytest.mark.slow
@pytest.mark.usefixtures("local_ray")
def test_ray_data_pipeline_gives_the_rows_of_a_plain_call(
    tmp_path: Path, predictor: Predictor, job_model: Path, sentences: list[str]
) -> None:
    table = _documents(sentences)
    (tmp_path / "in").mkdir()
    pq.write_table(table, tmp_path / "in" / "documents.parquet")
    labelled = ray.data.read_parquet(str(tmp_path / "in")).map_batches(
        LabelBatch,
        fn_constructor_args=("key", "body", ModelChoice(str(job_model))),
        batch_format="pyarrow",
        batch_size=len(table),
        num_cpus=1,
        concurrency=1,
    )
    labelled.write_parquet(str(tmp_path / "out"))
    found = pq.read_table(tmp_path / "out")
    expected = LabelBatch("key", "body", ModelChoice(str(job_model)))(table)
    assert found.to_pylist() == expected.to_pylist()
    assert found.num_rows > label_documents(predictor, []).num_rows


_TWO_NODES = """
import json, sys
import ray
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
cluster.add_node(num_cpus=1)
ray.init(address=cluster.address, log_to_driver=False)
cluster.wait_for_nodes()
from claimstance.model.job.ray import ModelChoice, RayLabeller
from claimstance.model.job.readers import DocumentStream, expand
from claimstance.model.job.run import open_sink, run_job
from claimstance.model.job.settings import JobSettings
from claimstance.model.predictor import Predictor
import claimstance.model.job.windows as windows
windows.WINDOW_DOCUMENTS = 2
source, out, model = sys.argv[1:]
settings, files, predictor = JobSettings(), expand([source]), Predictor.from_pretrained(model, threads=1)
labeller = RayLabeller(ModelChoice(model, predictor.engine.name), settings)
nodes = {ray.get(a.node.remote()) for a in labeller._actors}
run_job(predictor, DocumentStream(files, settings.reading), open_sink(__import__("pathlib").Path(out), files, predictor,
        settings), settings, labeller=labeller)
print(json.dumps({"nodes": len(nodes), "workers": labeller.workers}))
labeller.close(); ray.shutdown(); cluster.shutdown()
"""


@pytest.mark.slow
@pytest.mark.usefixtures("small_windows")
def test_two_nodes_write_the_local_runners_rows(
    corpus: Path, tmp_path: Path, predictor: Predictor, job_model: Path, rows_of: Callable[[Path], list[str]]
) -> None:
    label_job(str(corpus), tmp_path / "local", predictor=predictor, settings=JobSettings(workers=2))
    command = [sys.executable, "-c", _TWO_NODES, str(corpus), str(tmp_path / "ray"), str(job_model)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    facts: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert facts == {"nodes": 2, "workers": 2}
    assert rows_of(tmp_path / "ray") == rows_of(tmp_path / "local")
