"""A predictor on the tiny model, shared by the tests of the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from claimstance.model.predictor import Predictor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def predictor(tiny_model: Path) -> Predictor:
    return Predictor.from_pretrained(tiny_model, threads=1)
