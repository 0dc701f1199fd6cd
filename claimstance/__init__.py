"""Labels each sentence of a news article as a fact, a quote, a threat or a forecast."""

from __future__ import annotations

__version__ = "0.1.0"
