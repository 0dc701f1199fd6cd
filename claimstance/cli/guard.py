"""From typed errors to one line on stderr and a documented exit code."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import typer

from claimstance.model.errors import (
    ClaimstanceError,
    ConfigError,
    CorpusError,
    InputError,
    MissingDependencyError,
    ModelError,
    OutputError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_CODES: dict[type[ClaimstanceError], int] = {
    ConfigError: 2,
    MissingDependencyError: 2,
    InputError: 3,
    CorpusError: 3,
    ModelError: 4,
    OutputError: 5,
}
"""0 is success, 2 wrong usage or a missing dependency, 3 unusable input, 4 unusable model, 5 unusable output, 130
interrupted by Ctrl-C, 143 by SIGTERM."""


@contextmanager
def guarded() -> Iterator[None]:
    """Report an error of claimstance as one line and end with its exit code; let everything else through."""
    try:
        yield
    except ClaimstanceError as error:
        tell(f"error: {error}")
        code = next((c for kind, c in EXIT_CODES.items() if isinstance(error, kind)), 1)
        raise typer.Exit(code) from error
    except ModuleNotFoundError as error:
        tell(f"error: this command needs {error.name}: pip install 'claimstance[train,eval]'")
        raise typer.Exit(2) from error


def tell(message: str) -> None:
    """Write a message to stderr; that nobody reads it any more changes no exit code."""
    with suppress(BrokenPipeError):
        typer.echo(message, err=True)
