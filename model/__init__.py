"""Prediction: labels, segmentation, encoding, engines, predictor."""
