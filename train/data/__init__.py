"""Annotations and sentences of our own, as data files."""
