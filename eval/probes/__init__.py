"""Behavioural probes: what a model understands, and what should not matter to it but does."""
