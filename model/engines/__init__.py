"""Interchangeable back ends that turn token batches into logits."""
