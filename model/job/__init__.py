"""Labelling any amount of text: readers, windows, writers, restart."""
