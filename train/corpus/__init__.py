"""From stand-off annotations and public texts to Parquet files for training: join, check, split, write."""

from claimstance.train.corpus.build import SPLITS, BuildReport, build_corpus
from claimstance.train.corpus.join import Mismatch
from claimstance.train.corpus.leakage import Leak, check_leakage

__all__ = ["SPLITS", "BuildReport", "Leak", "Mismatch", "build_corpus", "check_leakage"]
