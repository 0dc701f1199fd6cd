"""Corpora, fine-tuning, distillation, calibration and export."""
