"""From what the user names (files, folders, globs, addresses, ``-``) to a list of files."""

from __future__ import annotations

import errno
import glob
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from claimstance.model.errors import ConfigError, InputError, MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

Format = Literal["txt", "jsonl", "csv", "tsv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
STDIN = "-"
_SUFFIXES: dict[str, Format] = {
    ".txt": "txt",
    ".text": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_COMPRESSED = (".gz", ".zst")
_OTHER_COMPRESSIONS = (".bz2", ".xz", ".zip", ".7z", ".lz4", ".br")
_PIPE_A_TEXT = 'to label a text, pipe it in: echo "..." | claimstance label -'
_SHOWN = 200
"""Most characters of a name in a message: it may be a whole article."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One input file.

    Attributes:
        address: Path, fsspec address, or ``-`` for standard input.
        format: How to read it.
        size: Bytes, None if unknown.
        modified: A text that changes when the file does, as far as its storage tells; else empty.
    """

    address: str
    format: Format
    size: int | None = None
    modified: str = ""

    @property
    def compression(self) -> str | None:
        """``".gz"``, ``".zst"`` or None, by name."""
        return next((s for s in _COMPRESSED if self.address.lower().endswith(s)), None)

    @property
    def once(self) -> bool:
        """Whether what it holds is gone when it was read: standard input, a pipe."""
        return self.size is None and "://" not in self.address


def expand(
    inputs: Sequence[str | PathLike[str]], format_: Format | None = None, out: str | PathLike[str] | None = None
) -> list[SourceFile]:
    """Return the files that ``inputs`` name, each once, folders and globs in sorted order.

    Args:
        inputs: Files, folders (searched through for files of a known kind, but not what is hidden or begins with
            ``_``), globs, fsspec addresses, or ``-``.
        format_: Read every file as this; None to go by its name, and standard input as plain text.
        out: File or folder that the job writes: folders and globs leave it out, with what is in it.

    Raises:
        InputError: If nothing is found, or a file is of no known kind.
        ConfigError: If an input that is named is ``out``, or in it, or a glob finds nothing else.
        MissingDependencyError: If an address needs fsspec and it is not installed.
    """
    names = [os.fspath(name) for name in inputs]
    written = None if out is None else os.path.realpath(out)
    found: dict[str, SourceFile] = {}
    for name in names:
        for file in _expand_one(name, format_, written):
            found.setdefault(file.address, file)
    if not found:
        kinds = ", ".join(s for s, kind in _SUFFIXES.items() if kind != "parquet")
        where = ", ".join(map(_shown, names)) or "nothing"
        msg = f"no input file in {where}; kinds: {kinds}, each also .gz or .zst, and .parquet, .pq"
        raise InputError(msg)
    return list(found.values())


def _expand_one(name: str, format_: Format | None, out: str | None) -> list[SourceFile]:
    if name == STDIN:
        return [SourceFile(STDIN, format_ or "txt")]
    if "://" in name:
        return _remote_files(name, format_, out)
    try:
        return [_local(path, format_) for path in _local_paths(name, format_, out)]
    except OSError as error:
        hint = f"; {_PIPE_A_TEXT}" if error.errno == errno.ENAMETOOLONG else ""
        msg = f"cannot read {_shown(str(error.filename or name))}: {error.strerror or error}{hint}"
        raise InputError(msg) from error


def _local_paths(name: str, format_: Format | None, out: str | None) -> list[Path]:
    path = Path(name)
    if path.exists():
        _refuse_output(name, out)
    if path.is_dir():
        inside = [p for p in sorted(path.rglob("*")) if p.is_file() and not _passed_over(p.relative_to(path))]
        return [p for p in inside if (format_ or known_format(p.name)) and not _is_output(str(p), out)]
    if path.exists():
        return [path]
    matches = sorted(glob.glob(name, recursive=True))
    if not matches:
        msg = f"no such file, folder or glob: {_shown(name)}; {_PIPE_A_TEXT}"
        raise InputError(msg)
    return [Path(m) for m in _without_output(matches, out) if os.path.isfile(m)]


def _shown(name: str) -> str:
    """Return a name as a message shows it: on one line, and cut if it is long."""
    line = " ".join(name.splitlines())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _is_output(address: str, out: str | None) -> bool:
    """Tell whether a file or folder of this system is the output, or in it; ``out`` is a real path."""
    path = address.removeprefix("file://").removeprefix("local://")
    if out is None or "://" in path:
        return False
    real = os.path.realpath(path)
    return real == out or real.startswith(os.path.join(out, ""))


def _refuse_output(name: str, out: str | None) -> None:
    if out is None or not _is_output(name, out):
        return
    if os.path.isdir(out):
        msg = f"the input {name} is the output folder {out}, or in it; choose another -o"
    else:
        msg = f"{out} is also an input; choose another -o"
    raise ConfigError(msg)


def _without_output(found: list[str], out: str | None) -> list[str]:
    """Return what is not the output, or in it, of what a glob found; refuse a glob that finds nothing else."""
    kept = [f for f in found if not _is_output(f, out)]
    if found and not kept:
        _refuse_output(found[0], out)
    return kept


def _passed_over(inside: Path) -> bool:
    """Tell whether a file of a folder, or a folder on the way to it, is hidden or marked as no data by ``_``."""
    return any(part.startswith((".", "_")) for part in inside.parts)


def _local(path: Path, format_: Format | None) -> SourceFile:
    status = path.stat()
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return SourceFile(str(path), format_ or require_format(str(path)), size, str(status.st_mtime_ns))


def _remote_files(name: str, format_: Format | None, out: str | None) -> list[SourceFile]:
    filesystem, path = filesystem_of(name)
    scheme = name.partition("://")[0]
    searched = any(c in path for c in "*[")
    with _looking_up(name):
        paths = sorted(filesystem.glob(path)) if searched else [path]
    addresses = {p if "://" in p else f"{scheme}://{p}": p for p in paths}
    files = []
    for address in _without_output(list(addresses), out):
        with _looking_up(name):
            info = filesystem.info(addresses[address])
        if info.get("type") != "directory":
            files.append(_remote(address, format_, info))
        elif not searched:
            inside = f"{name.rstrip('/')}/*.{format_ or 'jsonl'}"
            msg = f"{name} is a folder, and one that is named by an address is not searched through; give {inside}"
            raise InputError(msg)
    return files


@contextmanager
def _looking_up(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        msg = f"cannot read {name}: {error}"
        raise InputError(msg) from error


def _remote(address: str, format_: Format | None, info: dict[str, Any]) -> SourceFile:
    changed = next((str(info[k]) for k in ("ETag", "etag", "mtime", "LastModified", "updated") if info.get(k)), "")
    return SourceFile(address, format_ or require_format(address), info.get("size"), changed)


def filesystem_of(address: str) -> tuple[Any, str]:
    """Return the fsspec file system of an address, and the path in it.

    Raises:
        MissingDependencyError: If fsspec, or what it needs for this kind of address, is not installed.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        msg = f"{address} needs fsspec: pip install 'claimstance[remote]'"
        raise MissingDependencyError(msg) from error
    try:
        return url_to_fs(address)
    except (ImportError, ValueError) as error:
        msg = f"cannot open {address}: {error}"
        raise MissingDependencyError(msg) from error


def known_format(name: str) -> Format | None:
    """Return the format that a file's name stands for, or None."""
    lower = name.lower()
    for suffix in _COMPRESSED:
        lower = lower.removesuffix(suffix)
    return _SUFFIXES.get(Path(lower).suffix)


def other_compression(name: str) -> str | None:
    """Say of a file that is compressed, by its name, in a way that is not read, what to do; None for all others."""
    suffix = next((s for s in _OTHER_COMPRESSIONS if name.lower().endswith(s)), None)
    if suffix is None:
        return None
    return f"compressed as {suffix}, allowed are {', '.join(_COMPRESSED)}; decompress it, or compress it as one of them"


def require_format(name: str) -> Format:
    """Return the format that a file's name stands for.

    Raises:
        InputError: If it stands for none.
    """
    if problem := other_compression(name):
        msg = f"{name} is {problem}"
        raise InputError(msg)
    found = known_format(name)
    if found is None:
        msg = f"cannot tell what {name} is from its name; give --format {'|'.join(FORMATS)}"
        raise InputError(msg)
    return found
