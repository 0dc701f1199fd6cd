"""Every kind of input, and every kind of bad row, becomes documents and bad rows with their place."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claimstance.model.errors import ConfigError, InputError, MissingDependencyError
from claimstance.model.job.documents import BadRow, Document, ReadSettings
from claimstance.model.job.readers import DocumentStream, Position, expand

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


@pytest.mark.parametrize("out", ["fin/out", "fin/out.csv"])
@pytest.mark.parametrize("name", ["fin", "fin/**", "file://{}/fin/**/*.csv"])
def test_an_output_inside_the_input_folder_is_not_read_as_input(tmp_path: Path, name: str, out: str) -> None:
    pytest.importorskip("fsspec")
    for file in ("a.csv", "out.csv" if out.endswith("csv") else "out/deep/part-00000.csv"):
        (tmp_path / "fin" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fin" / file).write_text("text\nThey met.\n")
    given = name.format(tmp_path) if "://" in name else str(tmp_path / name)
    assert [Path(f.address).name for f in expand([given], "csv", tmp_path / out)] == ["a.csv"]
    assert len(expand([given], "csv")) == 2


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("a.jsonl", "a.jsonl"),
        ("link.jsonl", "deep/../a.jsonl"),
        ("file://{}/a.jsonl", "a.jsonl"),
        ("*.jsonl", "a.jsonl"),
        ("deep/b.jsonl", "deep"),
        ("deep", "."),
        ("deep", "deep"),
        ("deep/*", "deep"),
    ],
)
def test_an_input_that_is_the_output_is_refused(tmp_path: Path, name: str, out: str) -> None:
    pytest.importorskip("fsspec")
    (tmp_path / "deep").mkdir()
    for file in ("a.jsonl", "deep/b.jsonl"):
        write_jsonl(tmp_path / file, [{"text": "They met."}])
    if name == "link.jsonl":
        (tmp_path / name).symlink_to(tmp_path / "a.jsonl")
    given = name.format(tmp_path) if "://" in name else str(tmp_path / name)
    with pytest.raises(ConfigError, match=r"(is also an input|or in it); choose another -o"):
        expand([given], None, tmp_path / out)


def test_paths_are_inputs_as_strings_are(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The council met.")
    assert expand([tmp_path / "a.txt"]) == expand([str(tmp_path / "a.txt")])


@pytest.mark.parametrize("text", ["They met.\n" * 500, "Will it rise?", "They met."])
def test_a_text_in_place_of_a_file_is_no_input(text: str) -> None:
    with pytest.raises(InputError, match=r"to label a text, pipe it in: echo .* \| claimstance label -$") as caught:
        expand([text])
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".bz2", ".xz", ".zip"])
def test_an_unsupported_compression_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(bz2.compress(b'{"text": "They met."}\n'))
    with pytest.raises(InputError, match=rf"is compressed as \{suffix}, allowed are \.gz, \.zst; decompress it"):
        expand([path])
    (bad,) = (item for _, item in DocumentStream(expand([path], "jsonl"), ReadSettings()).items())
    assert isinstance(bad, BadRow)
    assert f"compressed as {suffix}, allowed are .gz, .zst" in bad.error


def test_a_compressed_parquet_says_that_it_must_be_a_file(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["They met."]}), tmp_path / "a.parquet")
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    (bad,) = read(tmp_path / "a.parquet.gz")
    assert isinstance(bad, BadRow)
    assert "Parquet needs a file, not a pipe or a compressed one" in bad.error


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="needs /dev/fd")
def test_a_parquet_from_a_pipe_says_that_it_must_be_a_file() -> None:
    end, other = os.pipe()
    os.write(other, b"PAR1")
    os.close(other)
    try:
        (bad,) = (item for _, item in DocumentStream(expand([f"/dev/fd/{end}"], "parquet"), ReadSettings()).items())
    finally:
        os.close(end)
    assert isinstance(bad, BadRow)
    assert "Parquet needs a file, not a pipe or a compressed one" in bad.error


@pytest.mark.parametrize("name", ["nope.txt", "*.nope", "what.xyz"])
def test_no_input_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "what.xyz").write_text("x")
    with pytest.raises(InputError):
        expand([str(tmp_path / name)])


def test_an_empty_folder_is_no_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no input file .*\.tsv, each also \.gz or \.zst, and \.parquet, \.pq"):
        expand([str(tmp_path)])


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_folder_named_by_an_address_says_how_to_name_its_files(tmp_path: Path, slash: str) -> None:
    pytest.importorskip("fsspec")
    (tmp_path / "in.csv").mkdir()
    address = f"file://{tmp_path}/in.csv"
    with pytest.raises(InputError, match=rf"is a folder, .* give {address}/\*\.jsonl$"):
        expand([f"{address}{slash}"])
    (tmp_path / "a.csv").write_text("text\nThey met.\n")
    assert [f.address for f in expand([f"file://{tmp_path}/*.csv"])] == [f"file://{tmp_path}/a.csv"]


def test_fsspec_addresses_are_read(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for name in ("b", "a"):
        with memory.open(f"/claimstance/{name}.jsonl", "wb") as file:
            file.write(json.dumps({"text": f"Text {name}."}).encode())
    try:
        found = read("memory://claimstance/*.jsonl")
        assert [d.text for d in found if isinstance(d, Document)] == ["Text a.", "Text b."]
        for name in ("c.jsonl", "**.jsonl"):
            with pytest.raises(InputError, match=rf"cannot read memory://claimstance/{re.escape(name)}"):
                expand([f"memory://claimstance/{name}"])
    finally:
        memory.rm("/claimstance", recursive=True)


def test_an_unknown_scheme_says_what_is_missing() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(MissingDependencyError, match="nosuchscheme"):
        expand(["nosuchscheme://bucket/a.jsonl"])
