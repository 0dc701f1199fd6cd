"""The training loss: binary cross-entropy on the facets that four label logits carry."""

from __future__ import annotations

import torch
from torch.nn import functional


def torch_facet_logits(logits: torch.Tensor) -> torch.Tensor:
    """Turn label logits (n, 4) into facet logits (n, 3); the same arithmetic as ``claimstance.model.labels``."""
    fact, quote, threat, forecast = logits.float().unbind(-1)
    spoken = torch.logaddexp(fact, quote)
    return torch.stack([quote - fact, threat - torch.logaddexp(spoken, forecast), forecast - spoken], dim=-1)


def facet_loss(
    logits: torch.Tensor,
    targets: torch.Tensor,
    *,
    threat_weight: float = 1.0,
    focal_gamma: float = 0.0,
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    """Return the mean facet loss.

    Args:
        logits: Label logits, shape (n, 4).
        targets: Facet targets between 0 and 1, shape (n, 3).
        threat_weight: Weight of positive examples of the threat facet.
        focal_gamma: Focusing parameter (Lin et al., 2017); 0 for plain cross-entropy.
        label_smoothing: Share of each target moved to one half.
    """
    facets = torch_facet_logits(logits)
    soft = targets.float() * (1.0 - label_smoothing) + 0.5 * label_smoothing
    weight = torch.tensor([1.0, threat_weight, 1.0], device=facets.device)
    loss = functional.binary_cross_entropy_with_logits(facets, soft, pos_weight=weight, reduction="none")
    if focal_gamma:
        probability = torch.sigmoid(facets)
        loss = loss * (soft - probability).abs() ** focal_gamma
    return loss.mean()
