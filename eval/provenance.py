"""Where numbers come from: command, commit, versions."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = ("claimstance", "numpy", "scikit-learn", "onnxruntime", "tokenizers", "torch", "transformers", "pyarrow")


def provenance() -> dict[str, Any]:
    """Return the command line, time, commit of the checkout (None for an installed wheel) and library versions."""
    return {
        "command": " ".join(["claimstance", *sys.argv[1:]]),
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "git_commit": git_commit(Path(__file__).parent),
        "versions": {"python": platform.python_version(), **{n: v for n in LIBRARIES if (v := _version(n))}},
    }


def git_commit(folder: Path) -> str | None:
    """Return the commit of the checkout that ``folder`` is in, with ``+changes`` if tracked files differ from it."""
    git = shutil.which("git")
    if git is None:
        return None

    def run(*arguments: str) -> str | None:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            [git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout.strip() if done.returncode == 0 else None

    # A wheel may be installed below somebody else's repository; only our own checkout tracks this file.
    if not run("ls-files", Path(__file__).name):
        return None
    commit = run("rev-parse", "HEAD")
    return f"{commit}+changes" if commit and run("status", "--porcelain", "--untracked-files=no") else commit


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
