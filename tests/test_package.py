"""The package as users get it: light to import, whole in a wheel, one list of packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "datasets", "sklearn", "pandas", "matplotlib", "onnxruntime", "pyarrow")
INSTALLS_AS = {
    "claimstance": "claimstance",
    "model": "claimstance.model",
    "train": "claimstance.train",
    "eval": "claimstance.eval",
    "configs": "claimstance.configs",
}


def python(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_importing_the_package_loads_nothing_heavy(tmp_path: Path) -> None:
    code = f"import sys, claimstance; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(code, tmp_path).stdout.strip() == "[]"


def test_importing_the_predictor_needs_neither_torch_nor_pandas(tmp_path: Path) -> None:
    code = "import sys, claimstance; claimstance.Predictor; print([m for m in ('torch', 'pandas') if m in sys.modules])"
    assert python(code, tmp_path).stdout.strip() == "[]"


def test_the_package_can_be_imported_inside_the_clone() -> None:
    result = python("from claimstance import Predictor; print(Predictor.__name__)", ROOT)
    assert result.stdout.strip() == "Predictor", result.stderr


def test_the_command_says_its_version() -> None:
    command = [sys.executable, "-m", "claimstance", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == version("claimstance")


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    import claimstance

    with pytest.raises(AttributeError, match="no attribute 'Predicter'"):
        claimstance.Predicter  # noqa: B018


def test_every_folder_with_code_is_listed_as_a_package() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {
        ".".join([name, *init.parent.relative_to(ROOT / folder).parts])
        for folder, name in INSTALLS_AS.items()
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert listed == found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a freshly built wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(out), str(ROOT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=out)
    assert result.returncode == 0, result.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_holds_code_model_configs_and_nothing_generic(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names} == {"claimstance", wheel.name.split("-py3")[0] + ".dist-info"}
    for expected in (
        "claimstance/py.typed",
        "claimstance/example_article.txt",
        "claimstance/model/weights/claimstance.json",
        "claimstance/model/weights/model.int8.onnx",
        "claimstance/model/weights/model.safetensors",
        "claimstance/model/weights/tokenizer.json",
        "claimstance/train/data/annotations.csv",
        "claimstance/configs/train/minilm-l6.yaml",
        "claimstance/configs/corpora.yaml",
    ):
        assert expected in names


def test_the_wheel_labels_an_article_with_its_own_model(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import json, pathlib, claimstance\n"
        "text = (pathlib.Path(claimstance.__file__).parent / 'example_article.txt').read_text()\n"
        "rows = claimstance.Predictor.from_pretrained().label_article(text)\n"
        "print(json.dumps([claimstance.__file__, [r.label for r in rows]]))"
    )
    result = python(code, tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert result.returncode == 0, result.stderr
    file, labels = json.loads(result.stdout)
    assert Path(file).is_relative_to(tmp_path)
    assert {"fact", "quote", "threat", "forecast", None} == set(labels)
