"""Labelling any amount of text: readers, windows, writers, restart.

from claimstance.model.job import JobSettings, label_job

summary = label_job("in/*.parquet", "out/", settings=JobSettings(id_column="url"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimstance.model.job.documents import BadRow, Document, to_items
    from claimstance.model.job.labelling import label_documents
    from claimstance.model.job.run import JobSummary, label_job
    from claimstance.model.job.settings import JobSettings

__all__ = ["BadRow", "Document", "JobSettings", "JobSummary", "label_documents", "label_job", "to_items"]

_HOME = {
    "BadRow": "documents",
    "Document": "documents",
    "JobSettings": "settings",
    "JobSummary": "run",
    "label_documents": "labelling",
    "label_job": "run",
    "to_items": "documents",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: pyarrow takes a while."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
