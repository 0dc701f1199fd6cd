"""The report of an evaluation: numbers as JSON, plots, one HTML page."""
