"""What breaks off, is quoted by halves or stands at a limit is told of, and never read as something else."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import itertools
import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claimstance.model.errors import ConfigError, InputError
from claimstance.model.job.documents import BadRow, Document, ReadSettings
from claimstance.model.job.readers import DocumentStream, SourceFile, expand
from claimstance.model.job.run import label_job
from claimstance.model.job.settings import JobSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from claimstance.model.predictor import Predictor

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


class Failing(io.RawIOBase):
    """A file that cannot be read past its middle."""

    def __init__(self, content: bytes, error: OSError) -> None:
        self._content, self._error, self._middle = io.BytesIO(content), error, len(content) // 2

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        return self._content.tell()

    def readinto(self, buffer: Any) -> int:
        if self.tell() >= self._middle:
            raise self._error
        return self._content.readinto(memoryview(buffer)[: self._middle - self.tell()])


def fail(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    """Let reading of any file fail in its middle."""

    @contextmanager
    def opened(file: SourceFile) -> Iterator[io.BufferedReader]:
        yield io.BufferedReader(Failing(Path(file.address).read_bytes(), error))

    monkeypatch.setattr("claimstance.model.job.readers.stream.open_raw", opened)


class OfALibraryError(IOError):
    """As the errors of requests: an OSError without a number."""


def stored(path: Path, n: int = 4000) -> Path:
    """Return the path, written with as many rows of text, in the format of its name."""
    rows = [f"Row {i}: {os.urandom(16).hex()}." for i in range(n)]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"text": rows}), path, row_group_size=500)
        return path
    lines = [f'{{"text": "{row}"}}' for row in rows] if ".jsonl" in path.name else ["text", *rows]
    data = "".join(f"{line}\n" for line in lines).encode()
    packed = {".gz": gzip.compress, ".zst": lambda d: pa.compress(d, codec="zstd", asbytes=True)}
    return written(path, packed.get(path.suffix, bytes)(data))


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv", "a.tsv", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
        TimeoutError("timed out"),
        OSError(errno.EIO, "Input/output error"),
        OSError(errno.ESTALE, "Stale file handle"),
        OfALibraryError("connection aborted"),
    ],
    ids=repr,
)
def test_a_passing_failure_to_read_does_not_lose_the_rest_of_the_file(
    tmp_path: Path, name: str, error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path / name)
    fail(monkeypatch, error)
    with pytest.raises(InputError, match="the same command goes on from there") as raised:
        read(path, mode="sentence")
    assert str(raised.value).startswith(f"{path}: reading broke off after ")
    assert f"{type(error).__name__}: {error}" in str(raised.value)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("on_error", ["skip", "record"])
def test_a_job_goes_on_where_the_connection_broke(
    tmp_path: Path, predictor: Predictor, rows_of: Callable[[Path], list[str]], on_error: Any
) -> None:
    path, out = stored(tmp_path / "a.jsonl", 40), tmp_path / "out"
    settings = JobSettings(mode="sentence", on_error=on_error, workers=1)
    with pytest.MonkeyPatch.context() as monkeypatch:
        fail(monkeypatch, ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))
        with pytest.raises(InputError, match="reading broke off"):
            label_job(str(path), out, predictor=predictor, settings=settings)
    summary = label_job(str(path), out, predictor=predictor, settings=settings)
    assert 0 < summary.rows_before < 40
    assert (len(rows_of(out)), summary.counts.errors) == (40, 0)


def test_a_pipe_that_breaks_off_is_not_promised_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path / "a.jsonl", 40)
    fail(monkeypatch, OSError(errno.EIO, "Input/output error"))
    stream = DocumentStream([SourceFile(str(path), "jsonl")], ReadSettings())
    with pytest.raises(InputError, match="it cannot be read twice: save it to a file"):
        list(stream.items())


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, IsADirectoryError])
def test_what_stays_unreadable_is_a_bad_row(
    tmp_path: Path, error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path / "a.jsonl")
    fail(monkeypatch, error(1, "no"))
    *_, bad = read(path)
    assert isinstance(bad, BadRow)
    assert "file cannot be read" in bad.error


def test_a_damaged_parquet_is_a_bad_row(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.parquet")
    data = path.read_bytes()
    middle = len(data) // 2
    *rows, bad = read(written(path, data[:middle] + bytes(2000) + data[middle + 2000 :]))
    assert rows
    assert isinstance(bad, BadRow)
    assert "file cannot be read as Parquet" in bad.error


def test_a_missing_id_key_is_told_of_as_a_missing_text_key_is(tmp_path: Path) -> None:
    bad, good = read(written(tmp_path / "a.jsonl", b'{"text": "x"}\n{"text": "y", "url": "u"}\n'), id_column="url")
    assert isinstance(bad, BadRow)
    assert (bad.id, bad.error) == (f"{tmp_path}/a.jsonl:1", "no key 'url'; keys: 'text'. See --id-column")
    assert good == Document("u", "y")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
@pytest.mark.parametrize("identity", ["", "  "])
def test_rows_with_an_empty_id_do_not_become_one_document(tmp_path: Path, name: str, identity: str) -> None:
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(pa.table({"id": [identity, "7"], "text": ["x", "y"]}), path)
    elif name == "a.jsonl":
        path.write_text(f'{{"id": "{identity}", "text": "x"}}\n{{"id": 7, "text": "y"}}\n')
    else:
        mark = "," if name == "a.csv" else "\t"
        path.write_text("".join(f"{i}{mark}{text}\n" for i, text in (("id", "text"), (identity, "x"), ("7", "y"))))
    bad, good = read(path, id_column="id")
    assert bad == BadRow(f"{path}:1", f"{path}, row 1", f"id column 'id' must hold some text, got {identity!r}")
    assert good == Document("7", "y")


@pytest.mark.parametrize("mode", ["document", "sentence"])
def test_an_id_column_of_plain_text_is_refused(tmp_path: Path, mode: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x", "id": 1}\n')
    (tmp_path / "b.txt").write_text("The council met.\n")
    with pytest.raises(ConfigError, match=r"id column 'id' was asked for, and .*b\.txt is read as plain text"):
        read(tmp_path, mode=mode, id_column="id")
    assert read(tmp_path / "b.txt", "jsonl", id_column="id") != []


@pytest.mark.parametrize(("limit", "kind"), [(8, BadRow), (9, Document)])
def test_the_limit_counts_the_bytes_of_a_parquet_text(tmp_path: Path, limit: int, kind: type) -> None:
    pq.write_table(pa.table({"text": ["これは"]}), tmp_path / "a.parquet")
    (found,) = read(tmp_path / "a.parquet", max_bytes=limit)
    assert isinstance(found, kind)


def test_half_a_surrogate_pair_in_json_is_not_taken_for_a_byte(tmp_path: Path) -> None:
    (bad,) = read(written(tmp_path / "a.jsonl", b'{"text": "ab\\udc80 c"}\n'))
    assert isinstance(bad, BadRow)
    assert "a lone surrogate, half of a pair (U+DC80) at character 2" in bad.error
    assert "UTF-8" not in bad.error


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv"])
def test_a_byte_that_is_not_utf_8_is_named(tmp_path: Path, name: str) -> None:
    (bad,) = read(written(tmp_path / name, (b"" if name == "a.txt" else b"text\n") + b"caf\xe9"), max_bytes=6)
    assert isinstance(bad, BadRow)
    assert bad.error == "text is not UTF-8: byte 0xe9 at character 3"
