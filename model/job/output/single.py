"""One output file, made of parts that are joined at the end; until then nothing stands under its name."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from claimstance.model.job.output.manifest import sync_folder
from claimstance.model.job.output.parts import PartFolder, written

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from claimstance.model.job.counts import Counts
    from claimstance.model.job.output.formats import OutputFormat
    from claimstance.model.job.readers.stream import Position


def parts_folder(path: Path) -> Path:
    """Return the hidden folder in which the parts of a file gather."""
    return path.parent / f".{path.name}.parts"


class SingleFile:
    """A sink for one file.

    Args:
        path: The file; one that stands there is replaced when the job is done.
        format_: Of the file.
        fingerprint: Input, model and settings.
        part_rows: Rows of a part.
        restart: Whether to discard what an interrupted job left.
    """

    def __init__(
        self,
        path: Path,
        format_: OutputFormat,
        fingerprint: dict[str, Any],
        part_rows: int,
        *,
        restart: bool = False,
    ) -> None:
        self.path = path
        self._format = format_
        folder = parts_folder(path)
        self._parts = PartFolder(folder, format_, fingerprint, part_rows, one_header=True, restart=restart)
        self.start: Position = self._parts.start
        self.counts: Counts = self._parts.counts

    @property
    def complete(self) -> bool:
        """See ``Sink``. False, since a complete file leaves no parts to go on from."""
        return False

    def write(self, table: pa.Table, counts: Counts, end: Position) -> None:
        """See ``Sink``."""
        self._parts.write(table, counts, end)

    def close(self, complete: bool) -> None:
        """See ``Sink``."""
        try:
            self._parts.finish(complete)
            if complete:
                with written(self._parts.folder):
                    self._join()
                    self._parts.remove()
        finally:
            self._parts.release()

    def _join(self) -> None:
        folder = self._parts.folder
        parts = [folder / p.name for p in self._parts.manifest.parts]
        temporary = folder / ".joined.tmp"
        if self._format == "parquet":
            _join_parquet(parts, temporary)
        else:
            _join_bytes(parts, temporary)
        os.replace(temporary, self.path)
        sync_folder(self.path.parent)


def _join_bytes(parts: list[Path], out: Path) -> None:
    """Join parts of a format in which files end to end are a file (gzip and zstd frames, too)."""
    with open(out, "wb") as joined:
        for part in parts:
            with open(part, "rb") as file:
                shutil.copyfileobj(file, joined, 2**20)
        joined.flush()
        os.fsync(joined.fileno())


def _join_parquet(parts: list[Path], out: Path) -> None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(parts[0])
    with open(out, "wb") as joined:
        with pq.ParquetWriter(joined, schema, compression="zstd") as writer:
            for part in parts:
                file = pq.ParquetFile(part)
                for group in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(group))
        joined.flush()
        os.fsync(joined.fileno())
