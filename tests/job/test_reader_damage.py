"""What breaks off, is quoted by halves or stands at a limit is told of, and never read as something else."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claimstance.model.job.documents import BadRow, Document, ReadSettings
from claimstance.model.job.readers import DocumentStream, expand

if TYPE_CHECKING:
    from pathlib import Path

BOM = b"\xef\xbb\xbf"


def read(path: Path | str, format_: Any = None, **settings: Any) -> list[Document | BadRow]:
    return [i for _, i in DocumentStream(expand([str(path)], format_), ReadSettings(**settings)).items()]


def texts(items: list[Document | BadRow]) -> list[str]:
    """Return the texts, and in place of a bad row what is wrong with it."""
    return [i.text if isinstance(i, Document) else f"! {i.error}" for i in items]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("cut", [1, 4, 200])
def test_a_zst_that_breaks_off_is_damaged_as_a_gz_is(tmp_path: Path, cut: int) -> None:
    zstandard = pytest.importorskip("zstandard")
    rows = "".join(f'{{"text": "Row {i}: {os.urandom(8).hex()}"}}\n' for i in range(2000)).encode()
    whole = zstandard.ZstdCompressor(write_checksum=True).compress(rows)
    assert len(read(written(tmp_path / "a.jsonl.zst", whole + whole))) == 4000
    *_, bad = read(written(tmp_path / "b.jsonl.zst", whole[:-cut]))
    assert isinstance(bad, BadRow)
    assert "file cannot be read" in bad.error
    *_, bad = read(written(tmp_path / "c.jsonl.gz", gzip.compress(rows)[:-cut]))
    assert isinstance(bad, BadRow)


def test_a_zst_is_read_without_zstandard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.jsonl.zst", pa.compress(b'{"text": "x"}\n', codec="zstd", asbytes=True))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert texts(read(path)) == ["x"]


def test_an_unclosed_quotation_mark_does_not_swallow_the_rest_as_one_row(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b'id,text\n0,First.\n1,"An unclosed quote.\n2,Second row.\n3,Third row.\n')
    first, bad = read(path, id_column="id")
    assert first == Document("0", "First.")
    assert isinstance(bad, BadRow)
    assert bad.where == f"{path}, row 2"
    assert "a quoted field is never closed (the rest of the file was not read)" in bad.error


def test_a_csv_does_not_lose_its_quotation_marks(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b'id,text\n1,"We will win" he said.\n2,Second.\n')
    (bad,) = read(path)
    assert isinstance(bad, BadRow)
    assert "row is not CSV: ',' expected after '\"'" in bad.error


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('1\t"We will win," he said.\n', ['"We will win," he said.']),
        ('1\t"We will win."\n', ['"We will win."']),
        ('1\t"We waited.\n2\tNobody came," he said.\n', ['"We waited.', 'Nobody came," he said.']),
        ('1\t"We waited.', ['"We waited.']),
        ('1\t"""We will win,"" he said."\n', ['"We will win," he said.']),
        ('1\t"He said ""no"".\r\n\r\nThen\the left."\r\n2\tx\r\n', ['He said "no".\r\n\r\nThen\the left.', "x"]),
        ('1\t"Two\nlines," he said.\n2\tx\n', ["! row is not CSV: '\t' expected after '\"' (the rest"]),
        ("1\tThe\tcouncil\n2\tx\n", ["! row has 3 fields, the header 2", "x"]),
    ],
)
def test_a_tsv_keeps_the_marks_of_a_text_and_drops_those_of_a_quoted_field(
    tmp_path: Path, rows: str, expected: list[str]
) -> None:
    found = texts(read(written(tmp_path / "a.tsv", f"id\ttext\n{rows}".encode())))
    assert len(found) == len(expected)
    assert all(f == e or (e[0] == "!" and f.startswith(e)) for f, e in zip(found, expected, strict=True)), found


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE])
def test_a_tsv_is_read_as_it_was_written(tmp_path: Path, quoting: Any) -> None:
    pieces = ['"', '""', '"We will," he said.', "\n", "\n\n", "\r\n", "The council met.", " "]
    pieces = [p for p in pieces if quoting != csv.QUOTE_NONE or "\n" not in p]
    expected = [between.join(p) + "." for p in itertools.product(pieces, repeat=3) for between in ("", "x")]
    with open(tmp_path / "a.tsv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=quoting, quotechar=None if quoting == csv.QUOTE_NONE else '"')
        writer.writerows([("id", "text"), *enumerate(expected)])
    assert texts(read(tmp_path / "a.tsv")) == expected


def test_a_tsv_whose_header_is_quoted_is_quoted_throughout(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", BOM + b'"id"\t"text"\n"1"\t"The\tcouncil."\n"2"\t"We" will\n')
    first, bad = read(path, id_column="id")
    assert first == Document("1", "The\tcouncil.")
    assert isinstance(bad, BadRow)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_offsets_in_a_quoted_field_count_its_own_line_breaks(tmp_path: Path, name: str) -> None:
    data = b'id,text\r\n1,"One.\r\nTwo.\nThree."\r\n'
    path = written(tmp_path / name, data if name == "a.csv" else data.replace(b",", b"\t"))
    assert texts(read(path)) == ["One.\r\nTwo.\nThree."]


@pytest.mark.parametrize("bom", [b"", BOM])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_byte_order_mark_does_not_tear_the_first_line(tmp_path: Path, bom: bytes, end: bytes) -> None:
    for length in range(18, 30):
        path = written(tmp_path / "a.txt", bom + b"x" * length + end)
        (found,) = texts(read(path, mode="sentence", max_bytes=20))
        assert found == "x" * length if length <= 20 else found.startswith("! row is longer than 20 bytes")


@pytest.mark.parametrize("length", [20, 21])
def test_a_byte_order_mark_does_not_count_as_text(tmp_path: Path, length: int) -> None:
    (found,) = read(written(tmp_path / "a.txt", BOM + b"x" * length), max_bytes=20)
    assert isinstance(found, Document if length == 20 else BadRow)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_the_header_does_not_count_as_part_of_the_first_record(tmp_path: Path, name: str) -> None:
    data = b"text,another_column\n" + b"x" * 20 + b",y\n"
    path = written(tmp_path / name, data if name == "a.csv" else data.replace(b",", b"\t"))
    assert texts(read(path, max_bytes=25)) == ["x" * 20]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet"])
def test_two_text_columns_are_an_error_of_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], names=["text", "text"]), path)
    else:
        path.write_text("text,text\nx,y\n" if name == "a.csv" else "text\ttext\nx\ty\n")
    (bad,) = read(path)
    assert isinstance(bad, BadRow)
    assert (bad.where, bad.error[:31]) == (str(path), "2 columns are named 'text'; col")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_bytes, args=(b'{"text": "x"}\n{"text": "y"}\n',), daemon=True).start()
    assert texts(read(pipe, "jsonl")) == ["x", "y"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.jsonl.gz", "a.parquet"])
def test_a_remote_file_that_reads_lines_of_any_length_only(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = pytest.importorskip("fsspec.spec")
    table = pa.table({"text": ["One.", "Two."]})
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    content = {
        "a.jsonl": b'{"text": "One."}\n{"text": "Two."}\n',
        "a.csv": b"text\nOne.\nTwo.\n",
        "a.txt": b"One.\nTwo.\n",
        "a.jsonl.gz": gzip.compress(b'{"text": "One."}\n{"text": "Two."}\n'),
        "a.parquet": parquet.getvalue(),
    }[name]

    class Stored(spec.AbstractBufferedFile):  # type: ignore[misc, name-defined, unused-ignore]
        def _fetch_range(self, start: int, end: int) -> bytes:
            return content[start:end]

    class Storage(spec.AbstractFileSystem):  # type: ignore[misc, name-defined, unused-ignore]
        def info(self, path: str, **_: Any) -> dict[str, Any]:
            return {"name": path, "size": len(content), "type": "file"}

        def _open(self, path: str, mode: str = "rb", **_: Any) -> Stored:
            return Stored(self, path, mode, size=len(content))

    monkeypatch.setattr("fsspec.core.url_to_fs", lambda address: (Storage(), address.partition("://")[2]))
    assert texts(read(f"stored://{name}", mode="sentence")) == ["One.", "Two."]
