"""A model folder: a plain Hugging Face sequence classifier, an ONNX file for the CPU, and ``claimstance.json``."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from claimstance.model.errors import ConfigError, MissingDependencyError, ModelError
from claimstance.model.settings import ModelSettings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

SETTINGS_FILE = "claimstance.json"
TOKENIZER_FILE = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
"""Only plain transformers reads it; a folder may lack it."""
ONNX_FILE = "model.int8.onnx"
TORCH_FILES = ("config.json", "model.safetensors")
"""Read by the torch engine, and by plain transformers."""
RANGES_FILE = "model.ranges.safetensors"
"""For the openvino engine's int8: the least and greatest value of every channel that enters a matrix product."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model folder on disk and what it says of itself.

    Attributes:
        path: The folder.
        settings: Its ``claimstance.json``.
    """

    path: Path
    settings: ModelSettings

    @property
    def revision(self) -> str:
        """First 12 hex digits of a SHA-256 over the settings, which hold the hash of every file."""
        return hashlib.sha256(self.settings.to_json().encode()).hexdigest()[:12]

    def file(self, name: str) -> Path:
        """Return the path of a file after checking its SHA-256 against the settings.

        Raises:
            ModelError: If the file is missing, not listed, or not the one that was saved.
        """
        path = self.path / name
        if not path.is_file():
            msg = f"model folder {self.path} has no {name}; it holds {', '.join(_names(self.path)) or 'nothing'}"
            if name == ONNX_FILE:  # a training run writes none
                msg += "; use engine='torch', or run `claimstance export` to write it"
            raise ModelError(msg)
        expected = self.settings.files.get(name)
        if expected is None:
            msg = f"{SETTINGS_FILE} in {self.path} lists no hash for {name}, so it cannot be trusted; save it anew"
            raise ModelError(msg)
        if (found := sha256(path)) != expected:
            msg = f"{path} is damaged or was changed: SHA-256 {found[:12]}…, expected {expected[:12]}…; fetch it again"
            raise ModelError(msg)
        return path


def bundled_path() -> Path:
    """Return the folder of the model that ships with the package."""
    return Path(__file__).parent / "weights"


def resolve(model: str | PathLike[str] | None = None) -> Path:
    """Return the local folder of a model: the bundled one for None, a folder, or a hub id to fetch.

    Raises:
        ModelError: If ``model`` is neither an existing folder nor of the form ``owner/name``, or cannot be fetched.
        MissingDependencyError: If a hub id is given and huggingface-hub is not installed.
    """
    if model is None:
        return bundled_path()
    path = Path(model)
    if path.is_dir():
        return path
    name = str(model)
    if name.count("/") != 1 or name.startswith((".", "/", "~")) or path.exists():
        msg = f"no model folder at {name!r}; give a folder with {SETTINGS_FILE}, a hub id like 'owner/name', or nothing"
        raise ModelError(msg)
    return _fetch(name)


def _fetch(name: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        msg = f"{name!r} is no folder here; to fetch it from the hub: pip install 'claimstance[hub]'"
        raise MissingDependencyError(msg) from error
    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.onnx", "vocab.txt"]))
    except Exception as error:  # the hub client raises a wide tree; the user needs one sentence
        msg = f"{name!r} is neither a folder here nor could it be fetched from the hub: {error}"
        raise ModelError(msg) from error


def load_folder(model: str | PathLike[str] | None = None) -> ModelFolder:
    """Find a model folder and read its settings.

    Args:
        model: None for the bundled model, a folder, or a hub id.

    Raises:
        ModelError: If there is none, or its settings cannot be read.
    """
    path = resolve(model)
    settings = path / SETTINGS_FILE
    if not settings.is_file():
        held = ", ".join(_names(path)) or "nothing"
        msg = f"{path} is no claimstance model: it has no {SETTINGS_FILE} (it holds {held})"
        raise ModelError(msg)
    try:
        return ModelFolder(path, ModelSettings.from_json(settings.read_text(encoding="utf-8")))
    except (ModelError, UnicodeDecodeError) as error:
        msg = f"{settings}: {error}"
        raise ModelError(msg) from error


def check_target(out: Path, source: Path) -> None:
    """Check that a model can be written to ``out`` without harm to the one that is read.

    Raises:
        ConfigError: If ``out`` is a file, or the folder of ``source`` itself.
    """
    if (out.exists() and not out.is_dir()) or out.resolve() == source.resolve():
        msg = f"a model is written to a folder other than that of the model that is read, got {out}"
        raise ConfigError(msg)


def copy_files(source: Path, out: Path, *names: str) -> None:
    """Copy those of the named files that ``source`` has to ``out``, a folder that is there."""
    for name in names:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)


def seal_folder(path: Path, settings: ModelSettings, names: Iterable[str] | None = None) -> ModelFolder:
    """Hash the files of a folder, make them readable to all, and write its ``claimstance.json``, last and atomically.

    Args:
        path: A folder that holds the files already.
        settings: Everything but the hashes.
        names: Files to list; by default each model file that is there.
    """
    known = (*TORCH_FILES, TOKENIZER_FILE, ONNX_FILE, RANGES_FILE)
    files = {name: sha256(path / name) for name in (names or known) if (path / name).is_file()}
    for name in files:
        (path / name).chmod(0o644)  # safetensors writes files that only their owner may read
    sealed = replace(settings, files=files)
    temporary = path / f".{SETTINGS_FILE}.partial"
    temporary.write_text(sealed.to_json(), encoding="utf-8")
    temporary.replace(path / SETTINGS_FILE)
    return ModelFolder(path, sealed)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _names(path: Path) -> list[str]:
    return sorted(p.name for p in path.iterdir())
