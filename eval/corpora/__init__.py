"""The public corpora: where they come from, how a document's text is made, and their own human labels."""

from claimstance.eval.corpora.benchmarks import (
    BenchmarkSentence,
    RoleSentence,
    read_finnumclaim,
    read_newsdiscourse_roles,
    read_plover_threaten,
)
from claimstance.eval.corpora.config import CorporaConfig, CorpusConfig, SourceFile, load_corpora_config
from claimstance.eval.corpora.documents import CORPORA, Documents, blank_markers
from claimstance.eval.corpora.fetch import FetchedFile, fetch_corpora

__all__ = [
    "CORPORA",
    "BenchmarkSentence",
    "CorporaConfig",
    "CorpusConfig",
    "Documents",
    "FetchedFile",
    "RoleSentence",
    "SourceFile",
    "blank_markers",
    "fetch_corpora",
    "load_corpora_config",
    "read_finnumclaim",
    "read_newsdiscourse_roles",
    "read_plover_threaten",
]
