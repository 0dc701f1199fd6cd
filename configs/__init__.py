"""Shipped configurations, one YAML a concern."""
