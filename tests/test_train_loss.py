"""The facet loss, and that torch and numpy read the same facets off the logits."""

from __future__ import annotations

import numpy as np
import torch

from claimstance.model.labels import facet_logits
from claimstance.train.loss import facet_loss, torch_facet_logits


def test_torch_and_numpy_facets_are_equal() -> None:
    logits = np.random.default_rng(0).normal(0, 4, (50, 4)).astype(np.float32)
    assert np.allclose(torch_facet_logits(torch.from_numpy(logits)).numpy(), facet_logits(logits), atol=1e-4)


def test_plain_loss_is_the_mean_binary_cross_entropy() -> None:
    logits = torch.tensor([[0.0, 2.0, -1.0, 0.5], [1.0, -1.0, 0.0, 3.0]])
    targets = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    p = torch.sigmoid(torch_facet_logits(logits))
    expected = -(targets * p.log() + (1 - targets) * (1 - p).log()).mean()
    assert torch.isclose(facet_loss(logits, targets), expected)


def test_threat_weight_scales_only_positive_threats() -> None:
    logits = torch.zeros(1, 4)
    quote, threat = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0]])
    assert torch.isclose(facet_loss(logits, quote, threat_weight=5.0), facet_loss(logits, quote))
    assert facet_loss(logits, threat, threat_weight=5.0) > 2 * facet_loss(logits, threat)


def test_focal_loss_discounts_what_is_already_right() -> None:
    right, wrong = torch.tensor([[8.0, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 8.0, 0.0, 0.0]])
    fact = torch.zeros(1, 3)
    discount = [facet_loss(z, fact, focal_gamma=2.0) / facet_loss(z, fact) for z in (right, wrong)]
    assert discount[0] < 0.1 < discount[1]


def test_gradient_reaches_all_four_logits() -> None:
    logits = torch.zeros(3, 4, requires_grad=True)
    facet_loss(logits, torch.eye(3)).backward()
    assert logits.grad is not None
    assert (logits.grad.abs().sum(0) > 0).all()
