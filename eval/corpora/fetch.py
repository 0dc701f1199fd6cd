"""Fetching corpus files at their pinned commit, each checked against its SHA-256."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from claimstance.model.artifact import sha256
from claimstance.model.errors import ConfigError, CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from claimstance.eval.corpora.config import CorporaConfig, SourceFile

BASE_URL_VARIABLE = "CLAIMSTANCE_CORPORA_URL"
"""Environment variable that names a mirror, laid out ``BASE/{repository}/{commit}/{path}``."""

ATTEMPTS = 3
_CHUNK = 1 << 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """One file that is now in place.

    Attributes:
        corpus: The corpus it belongs to.
        path: Where it is.
        downloaded: False if it was there already with the right hash.
    """

    corpus: str
    path: Path
    downloaded: bool


def _address(template: str, repository: str, commit: str, path: str) -> str:
    address = template.format(repository=repository, commit=commit, path=quote(path))
    if not address.startswith(("https://", "http://")):
        msg = f"corpora are fetched over http or https, got the address {address!r}"
        raise ConfigError(msg)
    return address


def _download(address: str, target: Path, timeout: float) -> str:
    """Write what the address gives to ``target`` and return its SHA-256."""
    digest = hashlib.sha256()
    received = 0
    request = Request(address, headers={"User-Agent": "claimstance"})  # noqa: S310 - _address checked the scheme
    with urlopen(request, timeout=timeout) as response, target.open("wb") as file:  # noqa: S310
        length = response.headers.get("Content-Length")
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            received += len(chunk)
    if length is not None and received != int(length):
        # urllib returns a short body silently when the server hangs up between two reads.
        msg = f"the connection ended after {received} of {length} bytes"
        raise URLError(msg)
    return digest.hexdigest()


def _download_with_retries(address: str, target: Path, timeout: float, pause: float) -> str:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _download(address, target, timeout)
        except (OSError, HTTPException) as error:
            # A client error (no such file) is the server's final answer; anything else may pass.
            final = isinstance(error, HTTPError) and error.code < 500
            if final or attempt == ATTEMPTS:
                msg = f"{address} could not be fetched ({error}); give a mirror with {BASE_URL_VARIABLE} or --base-url"
                raise CorpusError(msg) from error
            _log.warning("%s: %s; trying again", address, error)
            time.sleep(pause * attempt)
    raise AssertionError  # the loop returns or raises


def _fetch_file(file: SourceFile, target: Path, address: str, timeout: float, pause: float) -> bool:
    if target.is_file() and sha256(target) == file.sha256:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    # The final name only ever holds a complete, checked file: an interrupted run leaves a ".part" behind at worst.
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        got = _download_with_retries(address, part, timeout, pause)
        if got != file.sha256:
            msg = f"{address} is not the file that was annotated: its SHA-256 is {got}, expected {file.sha256}"
            raise CorpusError(msg)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return True


def fetch_corpora(
    config: CorporaConfig,
    folder: Path,
    *,
    names: Iterable[str] | None = None,
    base_url: str | None = None,
    timeout: float = 60.0,
    pause: float = 1.0,
    on_file: Callable[[FetchedFile], None] | None = None,
) -> list[FetchedFile]:
    """Bring the corpora's files into ``folder``, downloading those that are not there with the right hash.

    Args:
        config: What to fetch.
        folder: Gets one sub-folder a corpus, the layout that ``Documents`` reads.
        names: Corpora to fetch; None for all.
        base_url: A mirror to fetch from instead of ``config.url``; default the environment variable
            ``CLAIMSTANCE_CORPORA_URL`` if set.
        timeout: Seconds without an answer before a try counts as failed.
        pause: Seconds before the second try; the third waits twice as long.
        on_file: Called with each file once it is in place, to show progress.

    Returns:
        The files, in the config's order.

    Raises:
        CorpusError: If a name is unknown, a file cannot be fetched, or its hash differs. Files fetched before stay.
        ConfigError: If the address is not http or https.
    """
    base = base_url or os.environ.get(BASE_URL_VARIABLE)
    template = f"{base.rstrip('/')}/{{repository}}/{{commit}}/{{path}}" if base else config.url
    fetched = []
    for name in config.corpora if names is None else names:
        if name not in config.corpora:
            msg = f"unknown corpus {name!r}; known are {', '.join(config.corpora)}"
            raise CorpusError(msg)
        corpus = config.corpora[name]
        for file in corpus.files:
            target = Path(folder) / name / file.local
            address = _address(template, corpus.repository, corpus.commit, file.path)
            fetched.append(FetchedFile(name, target, _fetch_file(file, target, address, timeout, pause)))
            if on_file is not None:
                on_file(fetched[-1])
    return fetched
