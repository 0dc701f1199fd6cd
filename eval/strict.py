"""The base of every configuration that is read from a file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A configuration that refuses keys it does not know, and does not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
