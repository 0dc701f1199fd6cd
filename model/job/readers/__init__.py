"""From input files to documents, streamed in bounded memory."""

from __future__ import annotations

from claimstance.model.job.readers.files import FORMATS, STDIN, Format, SourceFile, expand
from claimstance.model.job.readers.stream import DocumentStream, Position

__all__ = ["FORMATS", "STDIN", "DocumentStream", "Format", "Position", "SourceFile", "expand"]
