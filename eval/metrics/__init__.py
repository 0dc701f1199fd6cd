"""Scores of labelled sentences, with confidence intervals that respect the dependence within an article."""
