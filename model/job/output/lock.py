"""One job a folder."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from claimstance.model.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

LOCK_FILE = ".lock"
_HELD = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOENT)
"""What systems say where another process holds a lock, or deleted it just now, as a job does at its end."""


class FolderLock:
    """Holds a folder for this process. The system frees it when the process ends, however it ends.

    Args:
        folder: An existing folder.

    Raises:
        OutputError: If another job holds it, or its file system has no locks.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._descriptor: int | None = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(self._descriptor)
            if not os.path.samestat(os.fstat(self._descriptor), os.stat(self._path)):
                msg = "the lock was deleted while it was taken"
                raise FileNotFoundError(errno.ENOENT, msg)
        except OSError as error:
            holder = os.read(self._descriptor, 40).decode("ascii", "replace").strip()
            self.release()
            raise _refusal(self._path, error, holder) from error
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Free the folder; a second time does nothing. The file stays, as another job may be about to lock it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def remove(self) -> None:
        """Free the folder and delete the file, so that the folder can go, too."""
        if os.name == "nt":  # where an open file cannot be deleted, and one that another job has locked neither
            self.release()
            with contextlib.suppress(OSError):
                self._path.unlink()
            return
        self._path.unlink()
        self.release()


def _refusal(path: Path, error: OSError, holder: str) -> OutputError:
    if error.errno in _HELD:
        who = f"process {holder or 'unknown'}"
        return OutputError(f"another job is at work in {path.parent} ({who}); wait for it, or choose another -o")
    return OutputError(f"cannot lock {path}: {error}; choose an -o on a file system that has locks")


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        os.lseek(descriptor, 1000, os.SEEK_SET)  # behind the process id, which others must be able to read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        os.lseek(descriptor, 0, os.SEEK_SET)
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
