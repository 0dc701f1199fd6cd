"""A training run: from rows to a model folder, refused when it would leak, resumed when it was killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from claimstance.cli import app
from claimstance.model.artifact import ONNX_FILE, RANGES_FILE, TOKENIZER_FILE, TORCH_FILES, load_folder
from claimstance.model.errors import ConfigError, CorpusError, ModelError
from claimstance.model.labels import FACETS, codes_to_facets
from claimstance.model.predictor import Predictor
from claimstance.model.results import FacetPredictions
from claimstance.train.ablation import ablate, judged_rows, load_ablation, out_of_fold_answers
from claimstance.train.audit import doubtful, suspects
from claimstance.train.config import DistillationConfig, TrainConfig, load_train_config, override, parse_changes
from claimstance.train.crossfit import LOGIT_COLUMNS, crossfit
from claimstance.train.features import (
    distillation_rows,
    document_folds,
    read_rows,
    select_training_rows,
    text_hashes,
    without_corpora,
)
from claimstance.train.finish import finish, held_out_natural
from claimstance.train.prune import prune
from claimstance.train.run import input_hashes, train
from claimstance.train.states import LAYER, TokenStates, attach_projection, write_states
from claimstance.train.teach import teacher_targets
from claimstance.train.trainer import FacetTrainer, last_whole_checkpoint

PLACES = ["harbour", "valley", "mine", "bridge", "market", "railway", "island", "border"]
# Under eight words each, so that the leak check compares them exactly and templates do not count as near-duplicates.
TEMPLATES = {
    "-": "The {p} closed on Monday, {i}.",
    "Q": "The {p} closed, officials said, {i}.",
    "QT": "Leave {p} or face arrest, {i}.",
    "F": "The {p} is unlikely to reopen, {i}.",
}


def rows(split: str, start: int, count: int) -> pd.DataFrame:
    out = []
    for i in range(start, start + count):
        codes = list(TEMPLATES)[i % 4]
        facets = dict(zip(FACETS, map(int, codes_to_facets(codes)), strict=True))
        text = TEMPLATES[codes].format(p=PLACES[i // 4 % 8], i=i)
        row = {"id": f"{split}-{i}", "corpus": "own", "doc": f"{split}{i // 4}", "start": 0, "text": text}
        context = {
            "previous": "",
            "quotation_open": False,
            "is_sentence": True,
            "split": split,
            "sampling": "natural",
            "decided": "single",
        }
        out.append({**row, **context, "codes": codes, **facets})
    return pd.DataFrame(out)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a built corpus of our own sentences."""
    path = tmp_path_factory.mktemp("data")
    rows("train", 0, 160).to_parquet(path / "train.parquet")
    rows("dev", 200, 96).to_parquet(path / "dev.parquet")
    rows("test", 400, 8).to_parquet(path / "test.parquet")
    rows("authored_test", 500, 8).to_parquet(path / "authored_test.parquet")
    unlabelled = rows("unlabelled", 600, 40)[["corpus", "doc", "start", "text", "previous", "quotation_open"]]
    unlabelled.assign(start=range(40)).to_parquet(path / "unlabelled.parquet")
    return path


@pytest.fixture
def config(tiny_encoder: Path, data: Path) -> TrainConfig:
    """Return a run of a few seconds."""
    return TrainConfig.model_validate(
        {
            "name": "tiny",
            "base": str(tiny_encoder),
            "data": str(data),
            "optimisation": {"epochs": 40, "batch_size": 8, "learning_rate": 1e-3, "precision": "float32"},
        }
    )


def test_a_run_learns_and_its_folder_can_be_used(config: TrainConfig, tmp_path: Path) -> None:
    result = train(config, tmp_path / "run")
    assert result.dev["macro_f1"] > 0.9
    assert not result.resumed
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["training_rows"] == 160
    assert set(record["data_sha256"]) == {"train.parquet", "dev.parquet", "base/model.safetensors"}
    training = load_folder(result.model.path).settings.training
    assert training["annotated_rows"] == {"own": 160}
    assert "started_from" not in training
    assert record["versions"]["torch"]
    assert json.loads((tmp_path / "run" / "config.json").read_text())["name"] == "tiny"
    predictor = Predictor.from_pretrained(result.model.path, engine="torch")
    assert predictor.label("The valley is unlikely to reopen, 7.").label == "forecast"


def test_another_configuration_in_the_same_folder_is_refused(config: TrainConfig, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config.model_copy(update={"seed": 7}).model_dump_json(indent=2) + "\n")
    with pytest.raises(ConfigError, match="another configuration"):
        train(config, tmp_path)


def test_another_base_under_the_same_path_is_another_run(
    config: TrainConfig, tiny_encoder: Path, tmp_path: Path
) -> None:
    base = shutil.copytree(tiny_encoder, tmp_path / "encoder")
    before = input_hashes(config.model_copy(update={"base": str(base)}))
    (base / "model.safetensors").write_bytes(b"other")
    after = input_hashes(config.model_copy(update={"base": str(base)}))
    assert {name for name in before if before[name] != after[name]} == {"base/model.safetensors"}


def test_a_misspelt_corpus_to_leave_out_is_refused(config: TrainConfig, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot leave out ownn: there is no such corpus; there are own"):
        train(override(config, {"training_data.exclude_corpora": "[ownn]"}), tmp_path)
    assert len(without_corpora(read_rows(data, "train"), ["own"])) == 0


def test_other_data_under_the_same_path_are_another_run(config: TrainConfig, data: Path, tmp_path: Path) -> None:
    rebuilt = shutil.copytree(data, tmp_path / "data")
    short = config.model_copy(update={"data": str(rebuilt)})
    short = override(short, {"optimisation.epochs": "1"})
    train(short, tmp_path / "run")
    read_rows(rebuilt, "train").iloc[1:].to_parquet(rebuilt / "train.parquet")
    with pytest.raises(ConfigError, match="other data"):
        train(short, tmp_path / "run")


def test_a_missing_input_is_named_before_anything_is_written(config: TrainConfig, tmp_path: Path) -> None:
    distilled = override(config, {"distillation.targets": str(tmp_path / "absent.parquet")})
    with pytest.raises(CorpusError, match=r"absent\.parquet, which is not there"):
        train(distilled, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_sentence_of_dev_or_test_in_training_stops_the_run(
    config: TrainConfig, data: Path, tmp_path: Path, split: str
) -> None:
    leaky = shutil.copytree(data, tmp_path / "leaky")
    measured = read_rows(leaky, split)
    stolen = measured.head(1).assign(doc="elsewhere", text=measured["text"].iloc[0].upper())
    pd.concat([read_rows(leaky, "train"), stolen]).to_parquet(leaky / "train.parquet")
    with pytest.raises(CorpusError, match=f"also stand in {split}"):
        train(config.model_copy(update={"data": str(leaky)}), tmp_path / "run")


def test_a_missing_corpus_or_base_says_what_to_do(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="claimstance corpus build"):
        train(config.model_copy(update={"data": str(tmp_path)}), tmp_path / "a")
    shutil.copytree(config.data, tmp_path / "ok")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="--base DIR"):
        train(config.model_copy(update={"base": str(tmp_path / "empty")}), tmp_path / "b")


def test_a_torn_checkpoint_is_passed_over(tmp_path: Path) -> None:
    whole, torn = (tmp_path / "checkpoints" / f"checkpoint-{n}" for n in (9, 10))
    for folder in (whole, torn):
        folder.mkdir(parents=True)
        for name in ("model.safetensors", "optimizer.pt", "scheduler.pt"):
            (folder / name).touch()
    (whole / "trainer_state.json").write_text("{}")
    (torn / "trainer_state.json").write_text('{"half')
    assert last_whole_checkpoint(tmp_path) == whole
    assert not torn.exists()


def test_a_killed_run_resumes_and_ends_at_the_same_scores(config: TrainConfig, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(json.loads(config.model_dump_json())))
    command = [sys.executable, "-m", "claimstance", "train", str(file), "--out", str(tmp_path / "killed")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    while not last_seen(tmp_path / "killed") and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run was still going when it was killed"
    resumed = train(config, tmp_path / "killed")
    assert resumed.resumed
    whole = train(config, tmp_path / "whole")
    assert resumed.dev["macro_f1"] == pytest.approx(whole.dev["macro_f1"], abs=0.02)


def last_seen(folder: Path) -> list[Path]:
    return list(folder.glob("checkpoints/checkpoint-*/trainer_state.json"))


def test_distillation_takes_a_teachers_probabilities(
    config: TrainConfig, data: Path, tiny_float_model: Path, tmp_path: Path
) -> None:
    everything = pd.concat([read_rows(data, "train"), read_rows(data, "unlabelled")], ignore_index=True)
    targets = teacher_targets([tiny_float_model, tiny_float_model], everything)
    assert list(targets.columns) == ["id", "sha256", *FACETS]
    assert targets[list(FACETS)].to_numpy().std() > 0
    targets.to_parquet(tmp_path / "targets.parquet")
    student = override(config, {"distillation.targets": str(tmp_path / "targets.parquet"), "optimisation.epochs": "1"})
    train(student, tmp_path / "student")
    assert json.loads((tmp_path / "student" / "run.json").read_text())["training_rows"] == 200
    targets.iloc[:-1].to_parquet(tmp_path / "targets.parquet")
    with pytest.raises(CorpusError, match="lacks 1 rows"):
        train(student, tmp_path / "other")


def test_targets_of_other_sentences_with_the_same_ids_are_refused(
    config: TrainConfig, data: Path, tiny_float_model: Path, tmp_path: Path
) -> None:
    everything = pd.concat([read_rows(data, "train"), read_rows(data, "unlabelled")], ignore_index=True)
    changed = everything.assign(text=[f"{t} Again." if i == 3 else t for i, t in enumerate(everything["text"])])
    teacher_targets([tiny_float_model], changed).to_parquet(tmp_path / "targets.parquet")
    with pytest.raises(CorpusError, match="1 rows for other sentences"):
        train(override(config, {"distillation.targets": str(tmp_path / "targets.parquet")}), tmp_path / "student")


def test_made_and_unlabelled_sentences_of_the_fold_held_out_are_not_trained_on(
    config: TrainConfig, data: Path, tiny_float_model: Path, tmp_path: Path
) -> None:
    annotated, unlabelled = read_rows(data, "train"), read_rows(data, "unlabelled")
    made = annotated.assign(id="made-" + annotated["id"], text="Noise: " + annotated["text"])
    made.to_parquet(tmp_path / "made.parquet")
    everything = pd.concat([annotated, unlabelled, made], ignore_index=True)
    teacher_targets([tiny_float_model], everything).to_parquet(tmp_path / "targets.parquet")
    changes = {"targets": tmp_path / "targets.parquet", "made": [str(tmp_path / "made.parquet")]}
    fold = override(config, {f"distillation.{k}": str(v) for k, v in changes.items()})
    fold = override(fold, {"training_data.folds": "4", "training_data.fold": "1", "optimisation.epochs": "0.1"})
    train(fold, tmp_path / "run")
    kept = int((document_folds(everything, 4) != 1).sum())
    assert kept < len(everything)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["training_rows"] == kept


def test_a_corpus_without_its_test_split_cannot_be_checked_for_leaks(
    config: TrainConfig, data: Path, tmp_path: Path
) -> None:
    partial = shutil.copytree(data, tmp_path / "partial")
    (partial / "test.parquet").unlink()
    with pytest.raises(CorpusError, match="no test split"):
        train(config.model_copy(update={"data": str(partial)}), tmp_path / "run")


def test_a_student_imitates_its_teachers_token_states(
    config: TrainConfig, data: Path, tiny_float_model: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    everything = pd.concat([read_rows(data, "train"), read_rows(data, "unlabelled")], ignore_index=True)
    targets = teacher_targets([tiny_float_model], everything, states=tmp_path / "states")
    plain = teacher_targets([tiny_float_model], everything)
    assert np.allclose(targets[list(FACETS)], plain[list(FACETS)], atol=0.02), "one pass gives states and probabilities"
    targets.to_parquet(tmp_path / "targets.parquet")
    changes = {
        "distillation.targets": str(tmp_path / "targets.parquet"),
        "distillation.states": str(tmp_path / "states"),
    }
    changes |= {
        "optimisation.epochs": "6",
        "optimisation.learning_rate": "3e-3",
        "optimisation.evaluations_per_epoch": "1",
    }
    result = train(override(config, changes), tmp_path / "student")
    losses = [h["loss"] for h in json.loads((tmp_path / "student" / "run.json").read_text())["history"] if "loss" in h]
    assert losses[-1] < 0.95 * losses[0]
    assert not [name for name in load_file(result.model.path / "model.safetensors") if "projection" in name]


def test_the_loss_adds_the_error_of_imitated_states_where_there_are_any(tiny_float_model: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(tiny_float_model).eval()
    attach_projection(model, SimpleNamespace(width=7))
    settings = SimpleNamespace(loss_settings={}, states_weight=2.0)
    ids, targets = torch.tensor([[2, 5, 6, 3], [2, 7, 8, 3]]), torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    states, mask = torch.randn(2, 4, 7), torch.tensor([[True, True, True, False], [False] * 4])

    def loss(**more: Any) -> float:
        inputs = {"input_ids": ids, "labels": targets, **more}
        return FacetTrainer.compute_loss(settings, model, inputs).item()

    with torch.no_grad():
        hidden = model(input_ids=ids, output_hidden_states=True).hidden_states[LAYER]
        error = float(((model.state_projection(hidden) - states)[mask] ** 2).mean())
    assert error > 0
    assert loss(states=states, state_mask=mask) - loss() == pytest.approx(2 * error, rel=1e-4)
    assert loss(states=states, state_mask=torch.zeros_like(mask)) == pytest.approx(loss())


def test_a_student_as_wide_as_its_teacher_starts_from_the_map_that_is_right_for_the_teacher(
    data: Path, tiny_float_model: Path, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    write_states(tiny_float_model, read_rows(data, "train").head(8), tmp_path / "states")
    states = TokenStates(tmp_path / "states")
    model = AutoModelForSequenceClassification.from_pretrained(tiny_float_model)
    attach_projection(model, states)
    raw = torch.from_numpy(np.load(tmp_path / "states" / "states.npy")[:5].astype(np.float32))
    mapped = model.state_projection(raw).detach().numpy()
    np.testing.assert_allclose(mapped, states.read(0, 5), atol=1e-4)


def test_inputs_longer_than_the_encoders_positions_are_refused(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"input\.max_tokens must be at most 128, .* got 200"):
        train(override(config, {"input.max_tokens": "200"}), tmp_path)


def test_a_model_says_how_its_base_was_pruned(
    config: TrainConfig, data: Path, tiny_float_model: Path, tmp_path: Path
) -> None:
    prune(tiny_float_model, read_rows(data, "train"), tmp_path / "pruned", layers=1)
    changes = {"base": str(tmp_path / "pruned"), "head": "kept", "optimisation.epochs": "0.1"}
    settings = train(override(config, changes), tmp_path / "run").model.settings
    (pruning,) = settings.training["pruning"]
    assert pruning["pruned_from"]["name"] == "tiny"
    assert len(pruning["layers"]) == 1


def test_states_of_another_tokenisation_are_refused(data: Path, tiny_float_model: Path, tmp_path: Path) -> None:
    rows = read_rows(data, "train").head(8)
    write_states(tiny_float_model, rows, tmp_path / "states")
    states = TokenStates(tmp_path / "states")
    ids = rows["id"].tolist()
    lengths = pd.read_parquet(tmp_path / "states" / "index.parquet")["tokens"].tolist()
    hashes = text_hashes(rows)
    located = states.locate([*ids, "unknown"], [*hashes, "0"], [*lengths, 7])
    assert located == [*np.cumsum([0, *lengths[:-1]]), -1]
    batch = states.collate([(located[0], lengths[0]), (-1, 7)])
    assert batch["states"].shape == (2, max(lengths[0], 7), states.width)
    assert batch["state_mask"].sum() == lengths[0]
    with pytest.raises(CorpusError, match="same vocabulary"):
        states.locate(ids[:1], hashes[:1], [lengths[0] + 1])
    with pytest.raises(CorpusError, match="another sentence"):
        states.locate(ids[:1], ["0"], lengths[:1])
    with pytest.raises(CorpusError, match="teach MODEL --states"):
        TokenStates(tmp_path / "none")


def test_a_fold_that_there_is_not_is_refused(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fold must be from 0 to 4"):
        override(config, {"training_data.folds": "5", "training_data.fold": "5"})
    with pytest.raises(ConfigError, match="numbered from 0 to 4"):
        crossfit(config, 5, tmp_path, only=[5])


def test_crossfit_judges_each_document_once_by_a_model_that_never_saw_it(
    config: TrainConfig, data: Path, tmp_path: Path
) -> None:
    short = override(config, {"optimisation.epochs": "0.1"})
    found = crossfit(short, 2, tmp_path / "folds")
    train_rows = read_rows(data, "train")
    assert sorted(found["id"]) == sorted(train_rows["id"])
    docs = train_rows.set_index("id").loc[found["id"], "doc"].to_numpy()
    by_fold = [set(docs[found["fold"] == fold]) for fold in (0, 1)]
    assert not by_fold[0] & by_fold[1]
    kept = select_training_rows(train_rows, short.training_data.model_copy(update={"folds": 2, "fold": 0}), 0)
    assert set(kept["doc"]) == by_fold[1]
    assert set(document_folds(train_rows, 2)) == {0, 1}


def test_crossfit_marks_rows_that_nearly_stand_in_another_fold(config: TrainConfig, data: Path, tmp_path: Path) -> None:
    copied = read_rows(data, "train")
    folds = document_folds(copied, 2)
    one, other = copied.index[folds == 0][0], copied.index[folds == 1][0]
    copied.loc[other, "text"] = str(copied.loc[one, "text"]).upper()
    shutil.copytree(data, tmp_path / "data")
    copied.to_parquet(tmp_path / "data" / "train.parquet")
    short = override(config, {"optimisation.epochs": "0.1", "data": str(tmp_path / "data")})
    found = crossfit(short, 2, tmp_path / "folds").set_index("id")
    assert set(found.index[found["seen"]]) == {copied.loc[one, "id"], copied.loc[other, "id"]}
    judged = judged_rows(copied, found.reset_index())
    assert len(judged) == len(out_of_fold_answers(judged, found.reset_index())) == 158


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base": "bundled"}, "base=bundled, a model that was trained on annotations"),
        ({"base": "bundled", "head": "kept"}, "and head=kept"),
        ({"distillation.targets": "targets.parquet"}, "a teacher"),
    ],
)
def test_crossfit_refuses_a_recipe_that_knows_the_annotations_held_out(
    changes: dict[str, str], message: str, config: TrainConfig, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        crossfit(override(config, changes), 2, tmp_path / "folds")
    assert not (tmp_path / "folds").exists()


def test_an_ablation_compares_variants_on_rows_that_their_models_never_saw(config: TrainConfig, tmp_path: Path) -> None:
    data = shutil.copytree(config.data, tmp_path / "data")
    pd.read_parquet(data / "train.parquet").assign(quotation_open=True).to_parquet(data / "train.parquet")
    (tmp_path / "recipe.yaml").write_text(config.model_copy(update={"data": str(data)}).model_dump_json())
    ablation = tmp_path / "ablation.yaml"
    recipe = {"recipe": str(tmp_path / "recipe.yaml"), "folds": 2, "only": [1], "common": {"optimisation.epochs": 15}}
    variants = {"plain": {}, "hardly trained": {"optimisation.epochs": 0.1}}
    ablation.write_text(yaml.safe_dump({**recipe, "variants": variants}, sort_keys=False))
    seen: list[str] = []
    found = ablate(load_ablation(ablation), tmp_path / "out", report=lambda row: seen.append(row.variant))
    assert seen == ["plain", "hardly trained"] == [row.variant for row in found]
    assert found[0].gain == 0
    assert found[1].gain < -0.2
    assert found[1].low <= found[1].gain <= found[1].high < 0
    assert found[1].gain == pytest.approx(found[1].scores["macro_f1"] - found[0].scores["macro_f1"])
    judged = pd.read_parquet(tmp_path / "out" / "plain" / "out_of_fold.parquet")
    assert found[0].rows == len(judged) < 160
    assert [row.opened for row in found] == [len(judged)] * 2
    assert found[0].opened_wrong < 0.1 * len(judged) < found[1].opened_wrong
    assert json.loads((tmp_path / "out" / "plain" / "fold-1" / "run.json").read_text())["training_rows"] == 160 - len(
        judged
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"only": [2]}, "numbered from 0 to 1"),
        ({"variants": {}}, "variants"),
        ({"surprise": 1}, "surprise"),
        ({"variants": {"plain": {"loss.nothing": 1}}}, "cannot apply"),
    ],
)
def test_a_bad_ablation_is_refused(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    file = tmp_path / "ablation.yaml"
    file.write_text(yaml.safe_dump({"recipe": "minilm-l6", "folds": 2, "variants": {"plain": {}}, **changed}))
    with pytest.raises(ConfigError, match=message):
        ablate(load_ablation(file), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_audit_lists_what_models_contradict_and_says_when_some_are_missing() -> None:
    annotated = rows("train", 0, 8)
    logits = np.where(annotated[list(FACETS)].to_numpy() == 1, 5.0, -5.0)
    logits[3, 1], logits[6, 0] = 4.0, 6.0
    columns = {name: logits[:, i] for i, name in enumerate(LOGIT_COLUMNS)}
    found = pd.DataFrame({"id": annotated["id"], "seen": True, **columns})  # to be read again all the same
    listed = suspects(annotated, found)
    assert set(zip(listed["id"], listed["facet"], strict=True)) == {
        (annotated["id"][i], FACETS[column])
        for i in range(8)
        for column in range(3)
        if (logits[i, column] > 0) != (annotated[FACETS[column]][i] == 1)
    }
    assert listed["against"].is_monotonic_decreasing
    assert suspects(annotated.assign(sampling="authored"), found).empty
    with pytest.raises(CorpusError, match="1 of 8 annotated rows have no out-of-fold"):
        suspects(annotated, found.iloc[1:])


def test_the_doubtful_sentences_are_those_near_one_half_in_the_asked_facets() -> None:
    class Fixed:
        def predict_facets(self, sentences, quotation_open, previous):
            assert len(sentences) == len(quotation_open) == len(previous) == 4
            probabilities = np.array([[0.99, 0.01, 0.3], [0.5, 0.0, 0.0], [0.99, 0.01, 0.45], [0.97, 0.02, 0.98]])
            return FacetPredictions(probabilities, np.zeros(4, dtype=bool))

    sentences = rows("unlabelled", 0, 4).assign(start=range(4), end=range(1, 5))
    everything = doubtful(Fixed(), sentences)
    assert everything["text"].tolist() == sentences["text"].iloc[[1, 2, 0]].tolist()
    assert everything["quote"].tolist() == [0.5, 0.99, 0.99]
    assert doubtful(Fixed(), sentences, facets=["forecast"])["start"].tolist() == [2, 0]
    assert len(doubtful(Fixed(), sentences, 0.4)) == 2
    assert doubtful(Fixed(), sentences, facets=["threat"]).empty


def test_only_labels_that_a_sentence_was_written_for_silence_the_teacher(tmp_path: Path) -> None:
    annotated = rows("train", 0, 3).assign(sampling=["natural", "authored", "authored"])
    annotated["decided"] = ["single", "single", "authored"]
    taught = pd.DataFrame(0.25, index=range(3), columns=list(FACETS))
    taught.assign(id=annotated["id"], sha256=text_hashes(annotated)).to_parquet(tmp_path / "targets.parquet")
    _, targets = distillation_rows(annotated, [], DistillationConfig(targets=tmp_path / "targets.parquet"))
    hard = annotated[list(FACETS)].to_numpy()
    np.testing.assert_allclose(targets[:2], 0.5 * hard[:2] + 0.125)
    np.testing.assert_allclose(targets[2], hard[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--facet", "x"], "expected quote, threat, forecast, got x"),
        (["--least", "0.5"], "between 0 and 0.5, got 0.5"),
        (["--split", "test"], "expected unlabelled or train"),
    ],
)
def test_the_command_refuses_what_cannot_be_listed(
    options: list[str], message: str, data: Path, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["doubtful", "--data", str(data), "--out", str(tmp_path / "out.csv"), *options])
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out.csv").exists()


def test_the_command_lists_what_a_model_is_in_doubt_about(data: Path, tiny_float_model: Path, tmp_path: Path) -> None:
    spans = tmp_path / "data"
    spans.mkdir()
    read_rows(data, "unlabelled").assign(end=1).to_parquet(spans / "unlabelled.parquet")
    call = ["doubtful", str(tiny_float_model), "--data", str(spans), "--engine", "torch", "--out"]
    for name, more, wanted in (("all.csv", ["--least", "0.001"], 40), ("none.csv", ["--exclude", "own"], 0)):
        result = CliRunner().invoke(app, [*call, str(tmp_path / name), *more])
        assert result.exit_code == 0, result.output
        assert len(pd.read_csv(tmp_path / name)) == wanted


def test_finish_calibrates_exports_and_keeps_the_labels(
    tiny_float_model: Path, data: Path, tmp_path: Path, sentences: list[str]
) -> None:
    folder = finish(tiny_float_model, data, tmp_path / "out")
    calibrated = {c.scale for c in folder.settings.calibration.values()}
    assert calibrated != {1.0}
    assert folder.settings.training["calibration_rows"] == 96
    assert set(folder.settings.files) == {*TORCH_FILES, TOKENIZER_FILE, ONNX_FILE, RANGES_FILE}
    onnx = Predictor.from_pretrained(folder.path, engine="onnx").predict_facets(sentences).probabilities
    torch = Predictor.from_pretrained(folder.path, engine="torch").predict_facets(sentences).probabilities
    assert np.abs(onnx - torch).max() < 0.1


def test_out_of_fold_rows_add_to_the_calibration_unless_they_were_seen(
    tiny_float_model: Path, data: Path, tmp_path: Path
) -> None:
    train_rows = read_rows(data, "train")
    logits = dict.fromkeys(LOGIT_COLUMNS, 0.5)
    table = pd.DataFrame({"id": train_rows["id"], "fold": 0, "seen": train_rows.index < 10, **logits})
    table.to_parquet(tmp_path / "found.parquet")
    found, facets = held_out_natural(tiny_float_model, data, tmp_path / "found.parquet")
    assert found.shape == facets.shape == (96 + 150, 3)
    assert (found[96:] == 0.5).all()
    table.drop(columns="seen").to_parquet(tmp_path / "other.parquet")
    with pytest.raises(CorpusError, match=r"other\.parquet has no column seen.*claimstance crossfit"):
        held_out_natural(tiny_float_model, data, tmp_path / "other.parquet")


def test_plain_transformers_shows_the_four_names_with_the_same_probabilities(
    tiny_model: Path, sentences: list[str]
) -> None:
    from transformers import pipeline

    plain = pipeline("text-classification", model=str(tiny_model), top_k=None)
    ours = Predictor.from_pretrained(tiny_model, engine="torch")
    for sentence, shown in zip(sentences, plain(sentences), strict=True):
        mine = ours.label(sentence).probabilities
        assert mine is not None
        assert {s["label"]: s["score"] for s in shown} == pytest.approx(mine, abs=1e-4)


def test_every_shipped_training_configuration_loads() -> None:
    folder = Path(__file__).parent.parent / "configs" / "train"
    names = [load_train_config(file).name for file in sorted(folder.glob("*.yaml"))]
    assert [load_train_config(file.stem).name for file in sorted(folder.glob("*.yaml"))] == names
    assert len(names) >= 3
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "text", ["name: x\nbase: y\nsurprise: 1", "name: x", "name: x\nbase: y\noptimisation: {epochs: 0}", ": ["]
)
def test_a_bad_configuration_is_refused_with_its_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"bad\.yaml"):
        load_train_config(file)
    with pytest.raises(ConfigError, match=r"no configuration at .*missing\.yaml; the shipped ones are minilm-l6, "):
        load_train_config(tmp_path / "missing.yaml")


def test_overrides_are_checked_like_the_file(config: TrainConfig) -> None:
    assert override(config, {"optimisation.epochs": "2"}).optimisation.epochs == 2
    with pytest.raises(ConfigError, match="cannot apply"):
        override(config, {"optimisation.speed": "2"})
    with pytest.raises(ConfigError, match="cannot apply"):
        override(config, {"base": "[x"})
    with pytest.raises(ConfigError, match="focal_gamma is a value and has no keys"):
        override(config, {"loss.focal_gamma.x": "1"})


def test_a_change_without_a_value_is_refused() -> None:
    assert parse_changes(["a.b=1=2", "c="]) == {"a.b": "1=2", "c": ""}
    with pytest.raises(ConfigError, match=r"KEY=VALUE.*got 'distillation'"):
        parse_changes(["seed=1", "distillation"])
