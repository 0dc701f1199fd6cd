"""From what the user names (files, folders, globs, addresses, ``-``) to a list of files."""

from __future__ import annotations

import glob
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from claimstance.model.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def expand(inputs: Sequence[str], format_: Format | None = None) -> list[SourceFile]:
    """Return the files that ``inputs`` name, each once, folders and globs in sorted order.

    Args:
        inputs: Files, folders (searched through for files of a known kind, but not what is hidden or begins with
            ``_``), globs, fsspec addresses, or ``-``.
        format_: Read every file as this; None to go by its name, and standard input as plain text.

    Raises:
        InputError: If nothing is found, or a file is of no known kind.
        MissingDependencyError: If an address needs fsspec and it is not installed.
    """
    found: dict[str, SourceFile] = {}
    for name in inputs:
        for file in _expand_one(name, format_):
            found.setdefault(file.address, file)
    if not found:
        msg = f"no input file in {', '.join(inputs) or 'nothing'}; kinds: {', '.join(_SUFFIXES)}, each also .gz or .zst"
        raise InputError(msg)
    return list(found.values())


def _expand_one(name: str, format_: Format | None) -> list[SourceFile]:
    if name == STDIN:
        return [SourceFile(STDIN, format_ or "txt")]
    if "://" in name:
        return _remote_files(name, format_)
    path = Path(name)
    if path.is_dir():
        inside = [p for p in sorted(path.rglob("*")) if p.is_file() and not _passed_over(p.relative_to(path))]
        return [_local(p, format_) for p in inside if format_ or known_format(p.name)]
    if path.exists():
        return [_local(path, format_)]
    matches = [Path(m) for m in sorted(glob.glob(name, recursive=True))]
    if not matches:
        msg = f"no such file, folder or glob: {name}"
        raise InputError(msg)
    return [_local(m, format_) for m in matches if m.is_file()]


def _passed_over(inside: Path) -> bool:
    """Tell whether a file of a folder, or a folder on the way to it, is hidden or marked as no data by ``_``."""
    return any(part.startswith((".", "_")) for part in inside.parts)


def _local(path: Path, format_: Format | None) -> SourceFile:
    status = path.stat()
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return SourceFile(str(path), format_ or require_format(str(path)), size, str(status.st_mtime_ns))


def _remote_files(name: str, format_: Format | None) -> list[SourceFile]:
    filesystem, path = filesystem_of(name)
    scheme = name.partition("://")[0]
    paths = sorted(filesystem.glob(path)) if any(c in path for c in "*[") else [path]
    files = []
    for p in paths:
        try:
            info = filesystem.info(p)
        except (OSError, ValueError) as error:
            msg = f"cannot read {name}: {error}"
            raise InputError(msg) from error
        address = p if "://" in p else f"{scheme}://{p}"
        changed = next((str(info[k]) for k in ("ETag", "etag", "mtime", "LastModified", "updated") if info.get(k)), "")
        files.append(SourceFile(address, format_ or require_format(address), info.get("size"), changed))
    return files


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


def require_format(name: str) -> Format:
    """Return the format that a file's name stands for.

    Raises:
        InputError: If it stands for none.
    """
    found = known_format(name)
    if found is None:
        msg = f"cannot tell what {name} is from its name; give --format {'|'.join(FORMATS)}"
        raise InputError(msg)
    return found
