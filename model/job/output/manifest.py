"""The manifest of an output folder: what the results are of, and which parts are whole."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from claimstance.model.errors import OutputError
from claimstance.model.job.readers import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from claimstance.model.job.readers import SourceFile
    from claimstance.model.job.settings import JobSettings
    from claimstance.model.predictor import Predictor

MANIFEST_FILE = "_manifest.json"
"""The underscore makes Parquet readers pass over it when they are given the folder."""
_VERSION = 1
_PASSING = " at "
"""Between the name of an input that can be read only once and the time of the job."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is whole and on the disk.

    Attributes:
        name: File name.
        bytes: Its size.
        end: Position in the input behind its last document: number of the file, rows of it.
        counts: See ``Counts``.
    """

    name: str
    bytes: int
    end: tuple[int, int]
    counts: dict[str, Any]


@dataclass(slots=True)
class Manifest:
    """What ``_manifest.json`` holds.

    Attributes:
        fingerprint: Input, model and settings; a job may only go on where these are the same.
        parts: In order.
        complete: Whether the input came to its end.
    """

    fingerprint: dict[str, Any]
    parts: list[Part] = field(default_factory=list)
    complete: bool = False

    def save(self, folder: Path) -> None:
        """Replace the manifest on disk in one step."""
        text = json.dumps({"version": _VERSION, **asdict(self)}, indent=1)
        temporary = folder / f".{MANIFEST_FILE}.tmp"
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / MANIFEST_FILE)
        sync_folder(folder)

    @classmethod
    def load(cls, folder: Path) -> Manifest | None:
        """Return the manifest of a folder, None if it has none.

        Raises:
            OutputError: If it cannot be read.
        """
        path = folder / MANIFEST_FILE
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            if record["version"] != _VERSION:
                msg = f"{path} has version {record['version']}, this claimstance reads {_VERSION}; choose another -o"
                raise OutputError(msg)
            parts = [Part(**{**p, "end": tuple(p["end"])}) for p in record["parts"]]
            return cls(record["fingerprint"], parts, record["complete"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            msg = f"{path} is damaged ({error}); --restart makes all anew"
            raise OutputError(msg) from error

    def check(self, fingerprint: dict[str, Any], folder: Path) -> None:
        """Check that a job may go on here.

        Raises:
            OutputError: If the results here are of something else, or a part is gone or was changed.
        """
        different = [
            _difference(key, self.fingerprint.get(key), fingerprint.get(key))
            for key in {**self.fingerprint, **fingerprint}
            if self.fingerprint.get(key) != fingerprint.get(key)
        ]
        if different:
            what = "; ".join(different)
            msg = f"{folder} holds results of another job: {what}. Choose another -o, or --restart to discard them"
            raise OutputError(msg)
        for part in self.parts:
            path = folder / part.name
            if not path.is_file() or path.stat().st_size != part.bytes:
                msg = f"{path} is missing or was changed since it was written; --restart makes all anew"
                raise OutputError(msg)


def _difference(key: str, before: Any, now: Any) -> str:
    if key == "input" and not any(_PASSING in str(value) for value in (before, now)):  # two hashes tell nobody anything
        return "the list of its input files (address, size or time of change) is another"
    return f"{key} was {before!r} and is {now!r}"


def fingerprint_of(
    files: Sequence[SourceFile], predictor: Predictor, settings: JobSettings, format_: str
) -> dict[str, Any]:
    """Return what decides every row: the files by address, size and time, the model, the settings."""
    listing = "\n".join(f"{f.address}\t{f.format}\t{f.size}\t{f.modified}" for f in files)
    digest = hashlib.sha256(listing.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    passing = next((f for f in files if f.once), None)
    if passing is not None:  # no job can go on with it
        name = "standard input" if passing.address == STDIN else passing.address
        digest = f"{name}{_PASSING}{time.time_ns()}"
    return {
        "input": digest,
        "input files": len(files),
        "input bytes": sum(f.size or 0 for f in files),
        "model": predictor.folder.revision,
        "engine": predictor.engine.name,
        "min_confidence": predictor.min_confidence,
        "output format": format_,
        **settings.fingerprint(),
    }


def sync_folder(folder: Path) -> None:
    """Put a folder's list of names on the disk, where the system lets one (not on Windows)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
