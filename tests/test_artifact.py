"""A model folder: found, checked, and refused with a reason."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from claimstance.model.artifact import ONNX_FILE, SETTINGS_FILE, load_folder, resolve, seal_folder
from claimstance.model.errors import ConfigError, ModelError
from claimstance.model.predictor import Predictor
from claimstance.model.settings import FacetCalibration, InputSettings, ModelSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    """Return a copy of the tiny model that a test may damage."""
    return shutil.copytree(tiny_model, tmp_path / "copy")


def test_settings_survive_the_round_trip() -> None:
    settings = ModelSettings(
        name="x",
        input=InputSettings(48, "both"),
        calibration={f: FacetCalibration(0.7, -0.1, 0.4) for f in ("quote", "threat", "forecast")},
        training={"data": "abc"},
    )
    assert ModelSettings.from_json(settings.to_json()) == settings


def test_a_sealed_folder_loads_and_its_revision_follows_its_content(folder: Path) -> None:
    before = load_folder(folder)
    assert before.file(ONNX_FILE).is_file()
    after = seal_folder(folder, replace(before.settings, name="other"))
    assert load_folder(folder) == after
    assert after.revision != before.revision


def test_a_sealed_folder_is_readable_to_all(folder: Path) -> None:
    (folder / ONNX_FILE).chmod(0o600)  # as safetensors leaves the files it writes
    seal_folder(folder, load_folder(folder).settings)
    assert (folder / ONNX_FILE).stat().st_mode & 0o044 == 0o044


@pytest.mark.parametrize("name", [ONNX_FILE, "tokenizer.json"])
def test_a_changed_file_is_refused(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="damaged or was changed"):
        Predictor.from_pretrained(folder, engine="onnx")


def test_a_changed_weight_file_is_refused_by_the_torch_engine(folder: Path) -> None:
    file = folder / "model.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(ModelError, match="damaged or was changed"):
        Predictor.from_pretrained(folder, engine="torch")


def test_a_missing_file_is_named_with_what_is_there(folder: Path) -> None:
    (folder / ONNX_FILE).unlink()
    with pytest.raises(ModelError, match=rf"no {ONNX_FILE}; it holds .*tokenizer.json"):
        Predictor.from_pretrained(folder, engine="onnx")


def test_a_folder_without_settings_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").touch()
    with pytest.raises(ModelError, match=r"holds pytorch_model\.bin"):
        load_folder(tmp_path)


@pytest.mark.parametrize("name", ["./missing", "/no/such/folder", "missing", "a/b/c"])
def test_a_name_that_is_neither_folder_nor_hub_id_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        resolve(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 99}, "format 99 is not supported"),
        ({"labels": ["quote", "fact", "threat", "forecast"]}, "labels must be"),
        ({"surprise": 1}, "unknown keys"),
        ({"input": {"max_tokens": 4}}, "max_tokens must be between"),
        ({"input": {"context": "all"}}, "context must be one of"),
        ({"calibration": {"quote": {}}}, "calibration needs exactly"),
    ],
)
def test_bad_settings_are_refused_with_the_file_and_the_reason(folder: Path, change: dict, message: str) -> None:
    file = folder / SETTINGS_FILE
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(ModelError, match=message) as caught:
        load_folder(folder)
    assert SETTINGS_FILE in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [b'{"name": "\xff"}', b'{"calibration": []}', b'{"name": "x", "input": null}', b'{"name": "x", "labels": null}'],
)
def test_settings_with_values_of_the_wrong_kind_are_a_model_error(folder: Path, damage: bytes) -> None:
    (folder / SETTINGS_FILE).write_bytes(damage)
    with pytest.raises(ModelError, match=SETTINGS_FILE):
        load_folder(folder)


NAN = float("nan")


@pytest.mark.parametrize("numbers", [(NAN, 0.0, 0.5), (1.0, 0.0, NAN), (1.0, 0.0, 1.5), (1.0, "0", 0.5)])
def test_a_calibration_that_no_probability_can_meet_is_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ModelError, match="finite"):
        FacetCalibration(*numbers)


def test_settings_that_are_not_json_are_refused(folder: Path) -> None:
    (folder / SETTINGS_FILE).write_text("{")
    with pytest.raises(ModelError, match="not valid JSON"):
        load_folder(folder)


def test_an_unknown_engine_or_device_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="engine must be auto or one of"):
        Predictor.from_pretrained(folder, engine="abacus")
    with pytest.raises(ModelError, match="runs on 'cpu'"):
        Predictor.from_pretrained(folder, engine="onnx", device="cuda")


def test_a_device_that_torch_lacks_is_a_model_error(folder: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded on 'xla'"):
        Predictor.from_pretrained(folder, device="xla")


def test_a_hub_id_is_fetched_without_anything_that_could_run_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    asked = {}

    def snapshot(name: str, allow_patterns: list[str]) -> str:
        asked.update(name=name, patterns=allow_patterns)
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    assert load_folder("someone/some-model").path == folder
    assert asked["name"] == "someone/some-model"
    assert not any(pattern.endswith((".py", ".bin", ".pkl", ".pt", "*")) for pattern in asked["patterns"])


def test_a_hub_that_cannot_be_reached_is_a_model_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*_: object, **__: object) -> str:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(ModelError, match="nor could it be fetched"):
        load_folder("someone/some-model")
