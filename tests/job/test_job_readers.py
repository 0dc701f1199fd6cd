"""Every kind of input, and every kind of bad row, becomes documents and bad rows with their place."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claimstance.model.errors import InputError, MissingDependencyError
from claimstance.model.job.documents import BadRow, Document, ReadSettings
from claimstance.model.job.readers import DocumentStream, Position, expand

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ["The council met.", "Rates may rise, the bank said.", 'He said "no", twice.\nThen he left.']


def read(*inputs: Path | str, **settings: Any) -> list[Document | BadRow]:
    stream = DocumentStream(expand([str(i) for i in inputs]), ReadSettings(**settings))
    return [item for _, item in stream.items()]


def write_jsonl(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def test_a_txt_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfThe council met.\r\n\r\nIt rose.")
    assert read(path) == [Document(str(path), "The council met.\r\n\r\nIt rose.")]


def test_in_sentence_mode_a_line_of_a_txt_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The council met.\n\nIt rose.\n")
    expected = [Document(f"{path}:1", "The council met."), Document(f"{path}:3", "It rose.")]
    assert read(path, mode="sentence") == expected


def test_a_folder_is_searched_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "deep/c.txt", ".hidden.txt", "_manifest.json", "picture.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [d.text for d in read(tmp_path) if isinstance(d, Document)] == ["a.txt", "b.txt", "deep/c.txt"]


@pytest.mark.parametrize("hidden", [".git", ".ipynb_checkpoints", "_temporary", "deep/.out.jsonl.parts"])
def test_a_hidden_folder_below_the_input_is_passed_over(tmp_path: Path, hidden: str) -> None:
    folder = tmp_path / ".given by name"
    (folder / hidden).mkdir(parents=True)
    (folder / hidden / "part-00000.jsonl").write_text('{"text": "Hidden."}\n')
    (folder / "a.txt").write_text("Read.")
    assert read(folder) == [Document(str(folder / "a.txt"), "Read.")]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The council met.")
    assert len(read(tmp_path / "a.txt", f"{tmp_path}/*.txt")) == 1


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.csv", "a.csv.gz", "a.tsv", "a.parquet"])
def test_tables_have_text_and_id_columns(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = [{"url": f"u{i}", "body": t, "other": None} for i, t in enumerate(TEXTS)]
    if "jsonl" in name:
        data = "".join(json.dumps(r) + "\n" for r in rows).encode()
    elif name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
        data = path.read_bytes()
    else:
        mark = "\t" if "tsv" in name else ","
        body = "".join(f'{r["url"]}{mark}"{str(r["body"]).replace(chr(34), chr(34) * 2)}"\r\n' for r in rows)
        header = '"url"\t"body"' if mark == "\t" else "url,body"
        data = f"{header}\r\n{body}".encode()
    if name.endswith(".gz"):
        data = gzip.compress(data)
    elif name.endswith(".zst"):
        data = pytest.importorskip("zstandard").compress(data)
    path.write_bytes(data)
    expected = [Document(f"u{i}", t) for i, t in enumerate(TEXTS)]
    assert read(path, text_column="body", id_column="url") == expected
    rows_only = read(path, text_column="body")
    assert [d.id for d in rows_only] == [f"{path}:{i}" for i in (1, 2, 3)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "caf\xe9"}', "not UTF-8: byte 0xe9"),
        (b"{broken", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'"a string"', "must be a JSON object, got str"),
        (b'{"body": "x"}', "no key 'text'; keys: 'body'"),
        (b'{"text": null}', "must be a str, got NoneType"),
        (b'{"text": 3}', "must be a str, got int"),
        (b'{"text": ""}', "must hold some text"),
        (b'{"text": "  "}', "must hold some text"),
        (b'{"text": "a\\u0000b"}', "NUL character at character 1"),
        (b'{"text": "\\ud83d"}', "lone surrogate"),
        (b'{"text": "' + b"x" * 2000 + b'"}', "longer than 1,000 bytes"),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_read(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "First."}\n' + line + b'\n{"text": "Third."}\n')
    limit = 200_000 if line.startswith(b"[[") else 1000
    first, bad, third = read(path, max_bytes=limit)
    assert (first, third) == (Document(f"{path}:1", "First."), Document(f"{path}:3", "Third."))
    assert isinstance(bad, BadRow)
    assert (bad.id, bad.where) == (f"{path}:2", f"{path}, row 2")
    assert message in bad.error


@pytest.mark.parametrize("identity", [None, 1.5, True, ["a"]])
def test_an_id_is_a_string_or_integer(tmp_path: Path, identity: Any) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "First.", "id": identity}, {"text": "Second.", "id": 7}])
    bad, good = read(path, id_column="id")
    assert isinstance(bad, BadRow)
    assert "id column 'id' must be a string or integer" in bad.error
    assert good == Document("7", "Second.")


def test_csv_rows_are_checked_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'id,text\n1,First.\n2\n3,"caf\xe9"\n\n4,"a\0b"\n5,"Two\nlines."\n')
    items = read(path, id_column="id")
    assert items[0] == Document("1", "First.")
    assert items[-1] == Document("5", "Two\nlines.")
    errors = [i.error for i in items if isinstance(i, BadRow)]
    assert "row has 1 fields, the header 2" in errors[0]
    assert "not UTF-8: byte 0xe9 at character 3" in errors[1]
    assert "NUL" in errors[2]


def test_an_unclosed_quotation_mark_ends_its_csv_not_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'text\nFirst.\n"open ' + b"x\n" * 5000 + b"Last.\n")
    first, bad = read(path, max_bytes=1000)
    assert first == Document(f"{path}:1", "First.")
    assert isinstance(bad, BadRow)
    assert "longer than 1,000 bytes" in bad.error
    assert "rest of the file was not read" in bad.error


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_missing_column_is_an_error_of_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("body,url\nx,y\n")
    else:
        pq.write_table(pa.table({"body": ["x"], "url": ["y"]}), path)
    (tmp_path / "b.txt").write_text("Next file.")
    bad, good = read(tmp_path)
    assert isinstance(bad, BadRow)
    assert (bad.where, bad.id) == (str(path), str(path))
    assert "no column 'text'; columns: 'body', 'url'" in bad.error
    assert good.id.endswith("b.txt")


def test_parquet_values_of_other_types_are_bad_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"text": ["x", None]}), tmp_path / "b.parquet")
    items = read(tmp_path)
    assert [i.error.split(", ")[-1] for i in items if isinstance(i, BadRow)] == ["got int", "got int", "got NoneType"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.parquet", b"PAR1 not really"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "x"}\n' * 9999)[:-200]),
        ("a.jsonl.gz", b"not gzip"),
        ("a.jsonl.zst", b"not zstd"),
    ],
)
def test_a_damaged_file_is_an_error_and_the_next_file_is_read(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "b.txt").write_text("Next file.")
    *_, bad, good = read(tmp_path)
    assert isinstance(bad, BadRow)
    assert "file cannot be read" in bad.error
    assert good == Document(str(tmp_path / "b.txt"), "Next file.")


@pytest.mark.parametrize("name", ["a.txt.gz", "a.jsonl.gz", "a.csv.gz"])
def test_a_gzip_bomb_does_not_fill_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"text\n" + b"x" * 100_000_000, 1))
    tracemalloc.start()
    items = read(path, max_bytes=2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(items[-1], BadRow)
    assert "longer than" in items[-1].error
    assert peak < 10_000_000


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
def test_reading_can_begin_at_any_position(tmp_path: Path, name: str) -> None:
    for folder in ("1", "2"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / name
        table = pa.table({"text": [f"Text {i}." if i % 3 else "" for i in range(7)]})
        if name.endswith("parquet"):
            pq.write_table(table, path)
        elif name.endswith("csv"):
            path.write_text("text\n" + "".join(f'"{t}"\n' for t in table.column("text").to_pylist()))
        else:
            write_jsonl(path, table.to_pylist())
    stream = DocumentStream(expand([str(tmp_path)]), ReadSettings())
    whole = list(stream.items())
    assert len(whole) == 14
    for n, (position, _) in enumerate(whole):
        assert list(stream.items(position)) == whole[n + 1 :]
    assert stream.bytes_read == stream.bytes_total


def test_a_file_that_has_gone_is_an_error_of_the_file(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    files = expand([str(tmp_path)])
    (tmp_path / "a.txt").unlink()
    bad, good = (item for _, item in DocumentStream(files, ReadSettings()).items())
    assert isinstance(bad, BadRow)
    assert "file cannot be read: [Errno 2]" in bad.error
    assert good.id.endswith("b.txt")


def test_a_broken_file_is_not_told_of_twice(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 9999)[:-200])
    (tmp_path / "b.txt").write_text("Next file.")
    stream = DocumentStream(expand([str(tmp_path)]), ReadSettings())
    position, bad = list(stream.items())[-2]
    assert isinstance(bad, BadRow)
    assert [i.id for _, i in stream.items(position)] == [str(tmp_path / "b.txt")]
    assert position > Position(0, 1)


@pytest.mark.parametrize("name", ["nope.txt", "*.nope", "what.xyz"])
def test_no_input_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "what.xyz").write_text("x")
    with pytest.raises(InputError):
        expand([str(tmp_path / name)])


def test_an_empty_folder_is_no_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no input file"):
        expand([str(tmp_path)])


def test_fsspec_addresses_are_read(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for name in ("b", "a"):
        with memory.open(f"/claimstance/{name}.jsonl", "wb") as file:
            file.write(json.dumps({"text": f"Text {name}."}).encode())
    try:
        found = read("memory://claimstance/*.jsonl")
        assert [d.text for d in found if isinstance(d, Document)] == ["Text a.", "Text b."]
        with pytest.raises(InputError, match=r"cannot read memory://claimstance/c\.jsonl"):
            expand(["memory://claimstance/c.jsonl"])
    finally:
        memory.rm("/claimstance", recursive=True)


def test_an_unknown_scheme_says_what_is_missing() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(MissingDependencyError, match="nosuchscheme"):
        expand(["nosuchscheme://bucket/a.jsonl"])
