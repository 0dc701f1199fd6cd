"""A folder of parts. Whatever happens, the parts that its manifest names are whole, and it holds no other parts."""

from __future__ import annotations

import contextlib
import os
import re
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from claimstance.model.errors import OutputError
from claimstance.model.job.counts import Counts
from claimstance.model.job.output.formats import OUTPUT_FORMATS, TableFile
from claimstance.model.job.output.lock import FolderLock
from claimstance.model.job.output.manifest import MANIFEST_FILE, Manifest, Part, sync_folder
from claimstance.model.job.readers.stream import Position

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from claimstance.model.job.output.formats import OutputFormat

PART_SECONDS = 300.0
"""A part also ends after this long: the most that a kill can cost, however slow the model."""
_PREFIX = "part-"
_FORMATS = "|".join(map(re.escape, OUTPUT_FORMATS))
_PART_NAME = re.compile(rf"{_PREFIX}\d{{5,}}\.({_FORMATS})|\.{_PREFIX}\d{{5,}}\.({_FORMATS})\.tmp")
"""What a job calls its parts, whole and in work; nothing else in a folder is a job's to delete."""


class PartFolder:
    """A sink that writes ``part-00000.parquet`` and so on, and goes on where an earlier job stopped.

    A part is written under a hidden name, put on the disk, renamed, and then named in the manifest; only that makes it
    count. A part that the manifest does not name is deleted when the next job opens the folder.

    Args:
        folder: Made if missing.
        format_: Of the parts.
        fingerprint: Input, model and settings.
        part_rows: Rows after which a part ends, with the window that reaches it.
        one_header: Whether only the first part has a CSV header, because the parts will be joined.
        restart: Whether to discard the results of an earlier job, which are known by its manifest.

    Raises:
        OutputError: If another job is at work in the folder, it holds other results, or cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        format_: OutputFormat,
        fingerprint: dict[str, Any],
        part_rows: int,
        *,
        one_header: bool = False,
        restart: bool = False,
    ) -> None:
        self.folder = folder
        self._format = format_
        self._part_rows = part_rows
        self._one_header = one_header
        self._part: TableFile | None = None
        self._part_counts = Counts()
        self._part_began = 0.0
        self._part_end = Position()
        with written(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(folder)
        try:
            with written(folder):
                if restart and (folder / MANIFEST_FILE).exists():
                    Manifest(fingerprint).save(folder)  # disowns the parts, which are deleted next
                self.manifest = self._open(fingerprint)
        except BaseException:
            self._lock.release()
            raise
        parts = self.manifest.parts
        self.start = Position(*parts[-1].end) if parts else Position()
        self.counts = Counts()
        for part in parts:
            self.counts.add(Counts.from_dict(part.counts))

    def _open(self, fingerprint: dict[str, Any]) -> Manifest:
        manifest = Manifest.load(self.folder)
        if manifest is None:
            strangers = [p.name for p in self.folder.iterdir() if not p.name.startswith(".")]
            if strangers:
                msg = f"{self.folder} holds {strangers[0]} and no manifest of a job; choose an empty or new folder"
                raise OutputError(msg)
            manifest = Manifest(fingerprint)
            manifest.save(self.folder)
        manifest.check(fingerprint, self.folder)
        self._delete_parts({p.name for p in manifest.parts})
        return manifest

    def _delete_parts(self, keep: set[str]) -> None:
        for path in self.folder.iterdir():
            if _PART_NAME.fullmatch(path.name) and path.name not in keep:
                path.unlink()

    @property
    def complete(self) -> bool:
        """See ``Sink``."""
        return self.manifest.complete

    def write(self, table: pa.Table, counts: Counts, end: Position) -> None:
        """See ``Sink``."""
        with self._in_work():
            if self._part is None:
                header = not (self._one_header and self.manifest.parts)
                self._part = TableFile(self._temporary(), self._format, header=header)
                self._part_began = time.monotonic()
            self._part.write(table)
            self._part_counts.add(counts)
            self._part_end = end
            self.counts.add(counts)
        if self._part_counts.rows >= self._part_rows or time.monotonic() - self._part_began >= PART_SECONDS:
            self._finish_part()

    def close(self, complete: bool) -> None:
        """See ``Sink``. Frees the folder, too."""
        try:
            self.finish(complete)
        finally:
            self.release()

    def finish(self, complete: bool) -> None:
        """Finish the part in work and, if so, note that the input came to its end."""
        self._finish_part()
        if complete and not self.manifest.complete:
            self.manifest.complete = True
            with written(self.folder):
                self.manifest.save(self.folder)

    def release(self) -> None:
        """Free the folder for other jobs."""
        self._lock.release()

    def remove(self) -> None:
        """Delete the folder. After a kill in here it is that of a job which has written nothing yet."""
        self.manifest = Manifest(self.manifest.fingerprint)
        self.manifest.save(self.folder)
        self._delete_parts(set())
        (self.folder / MANIFEST_FILE).unlink()
        self._lock.remove()
        with contextlib.suppress(OSError):  # another job is there already, or somebody's file
            self.folder.rmdir()

    def _finish_part(self) -> None:
        if self._part is None:
            return
        name = f"{_PREFIX}{len(self.manifest.parts):05d}.{self._format}"
        with self._in_work():
            self._part.close()
            os.replace(self._temporary(), self.folder / name)
            sync_folder(self.folder)
            size = (self.folder / name).stat().st_size
            part = Part(name, size, (self._part_end.file, self._part_end.rows), self._part_counts.to_dict())
            self.manifest.parts.append(part)
            try:
                self.manifest.save(self.folder)
            except BaseException:
                self.manifest.parts.pop()
                raise
            self._part = None
            self._part_counts = Counts()

    def _temporary(self) -> Path:
        return self.folder / f".{_PREFIX}{len(self.manifest.parts):05d}.{self._format}.tmp"

    @contextlib.contextmanager
    def _in_work(self) -> Iterator[None]:
        """After a failed or interrupted write, give up the part in work, so that closing does not call it whole."""
        try:
            with written(self.folder):
                yield
        except BaseException:
            if self._part is not None:
                self._part.abandon()
                self._part = None
            with contextlib.suppress(OSError):
                self._temporary().unlink()
            raise


@contextlib.contextmanager
def written(folder: Path) -> Iterator[None]:
    """Turn what the system says into an error that says what it means for the job."""
    try:
        yield
    except OutputError:
        raise
    except (OSError, pa.ArrowException) as error:
        goes_on = "the same command goes on from there, unless it reads a pipe"
        msg = f"cannot write to {folder}: {error}. Finished parts are kept; {goes_on}"
        raise OutputError(msg) from error
