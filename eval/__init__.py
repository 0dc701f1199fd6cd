"""Metrics, reports, comparisons, probes and baselines."""
