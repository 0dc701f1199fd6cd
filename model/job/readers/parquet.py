"""Parquet, a batch of rows at a time, only the columns that are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from claimstance.model.job.documents import RawRow
from claimstance.model.job.readers.csv import column_problem
from claimstance.model.job.readers.failures import may_pass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimstance.model.job.documents import ReadSettings

_BATCH = 256


def read_parquet(stream: BinaryIO, settings: ReadSettings) -> Iterator[RawRow]:
    """Yield each row.

    Raises:
        OSError: If reading failed in a way that may pass.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        file = pq.ParquetFile(stream)
        names = file.schema_arrow.names
        columns = [settings.text_column] + ([settings.id_column] if settings.id_column else [])
        problem = column_problem(names, settings)
        if problem is not None:
            yield RawRow(0, error=problem)
            return
        for batch in file.iter_batches(_BATCH, columns=columns, use_threads=False):
            texts = batch.column(settings.text_column)
            ids = batch.column(settings.id_column) if settings.id_column else None
            for i in range(len(texts)):
                number += 1
                yield _row(number, texts[i], None if ids is None else ids[i])
    except (pa.ArrowException, OSError) as error:
        if may_pass(error):
            raise
        yield RawRow(number + 1 if number else 0, error=f"file cannot be read as Parquet: {error}")


def _row(number: int, text: Any, identity: Any) -> RawRow:
    try:
        return RawRow(number, text.as_py(), None if identity is None else identity.as_py())
    except UnicodeDecodeError as error:
        return RawRow(number, error=f"text is not UTF-8: byte {error.start}")
