"""The exceptions that claimstance raises: one small tree, each also a standard error that callers already catch."""

from __future__ import annotations


class ClaimstanceError(Exception):
    """Base of every error that claimstance raises on purpose."""


class InputError(ClaimstanceError, ValueError):
    """A text, row or file cannot be read or labelled; the message says what was got, what is allowed and where."""


class InputTypeError(InputError, TypeError):
    """A value of the wrong type was given where text was expected."""


class ConfigError(ClaimstanceError, ValueError):
    """A configuration has an unknown key, a missing key or a value out of range."""


class ModelError(ClaimstanceError, OSError):
    """A model folder is missing, incomplete, damaged or of a format this version does not read."""


class OutputError(ClaimstanceError, OSError):
    """Results cannot be written: the disk is full, another job is at work there, or other results stand there."""


class CorpusError(ClaimstanceError, ValueError):
    """A corpus text does not match what the annotations point at, or a split leaks into another."""


class MissingDependencyError(ClaimstanceError, ImportError):
    """An optional dependency is needed for what was asked; the message names the extra to install."""
