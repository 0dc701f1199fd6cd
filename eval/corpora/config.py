"""The typed form of ``configs/corpora.yaml``: address, commit, files, hashes and licence of each corpus."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from claimstance.eval.strict import Strict
from claimstance.model.errors import ConfigError

_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or ".." in parts:
        msg = f"must be a relative path that stays inside its folder, got {path!r}"
        raise ValueError(msg)
    return path


class SourceFile(Strict):
    """One file of a corpus.

    Attributes:
        path: Where it stands in the repository.
        local: Where it goes, relative to the corpus's folder.
        sha256: SHA-256 of its bytes, in hexadecimal.
    """

    path: str
    local: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    _paths = field_validator("path", "local")(_inside)


class CorpusConfig(Strict):
    """One public corpus.

    Attributes:
        repository: ``owner/name`` on the host that ``CorporaConfig.url`` names.
        commit: The pinned commit; abbreviated where the full id is not known.
        licence: What the repository says of the licence, and what the texts are.
        description: What the corpus is.
        use: What this project uses it for.
        files: The files that are read.
        manifest: File beside the config, in the format of ``sha256sum``, for a corpus of many files that stand in the
            repository as they stand here.
    """

    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{8,40}$")]
    licence: str
    description: str
    use: Annotated[list[Literal["train", "evaluation"]], Field(min_length=1)]
    files: tuple[SourceFile, ...] = ()
    manifest: str | None = None


class CorporaConfig(Strict):
    """All corpora.

    Attributes:
        url: Address of a file, with the places ``{repository}``, ``{commit}`` and ``{path}``.
        corpora: By name, which is also the name of the corpus's folder.
    """

    url: str
    corpora: dict[str, CorpusConfig]

    @field_validator("url")
    @classmethod
    def _has_places(cls, url: str) -> str:
        if missing := [place for place in ("{repository}", "{commit}", "{path}") if place not in url]:
            msg = f"lacks {', '.join(missing)}"
            raise ValueError(msg)
        return url


def _manifest_files(text: str, name: str) -> list[SourceFile]:
    files = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = _MANIFEST_LINE.fullmatch(line)
        if match is None:
            msg = f"{name}, line {number}: expected 'SHA256  PATH' as sha256sum writes it, got {line[:80]!r}"
            raise ConfigError(msg)
        files.append(SourceFile(path=match.group(2), local=match.group(2), sha256=match.group(1)))
    return files


def load_corpora_config(path: Path | None = None) -> CorporaConfig:
    """Read the corpora's description; corpora with a manifest get its files.

    Args:
        path: The YAML file; None for the one that ships with the package.

    Raises:
        ConfigError: If it cannot be read, has an unknown or missing key, or a value out of range.
    """
    file = Path(str(resources.files("claimstance.configs"))) / "corpora.yaml" if path is None else Path(path)
    try:
        config = CorporaConfig.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        corpora = {}
        for name, corpus in config.corpora.items():
            files = list(corpus.files)
            if corpus.manifest is not None:
                manifest = file.with_name(corpus.manifest).read_text(encoding="utf-8")
                files += _manifest_files(manifest, corpus.manifest)
            corpora[name] = corpus.model_copy(update={"files": files})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        msg = f"corpora config {file}: {error}"
        raise ConfigError(msg) from error
    return config.model_copy(update={"corpora": corpora})
