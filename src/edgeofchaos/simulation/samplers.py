"""Two samplers of one law: each draws random nets layer by layer, exactly.

y^1 = W^1 a + b^1, y^l = W^l phi(y^(l-1)) + b^l, W^l_ij ~ N(0, sigma_w^2/N_(l-1)),
b^l_i ~ N(0, sigma_b^2), all independent (section 2).

- *dense* draws the weights: O(N^2) a layer.
- *conditional* uses that, given layer l - 1, the rows of y^l on B inputs are i.i.d. N(0, K^l) with
  K^l = sigma_b^2 11^T + (sigma_w^2/N) H^T H, H = phi(y^(l-1)). Only K^l is needed to draw layer l,
  and only sums over the units of layer l to get K^(l+1): units are drawn, used and forgotten, a
  block at a time. O(N B^2) a layer, and memory for one block whatever the width.

All Gram matrices and covariances are in the difference basis of :mod:`.grams`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch

from edgeofchaos.simulation import grams
from edgeofchaos.simulation.nets import RandomNets

_BLOCK = 1 << 17  # numbers drawn at once: a block stays in the processor's cache
_DENSE_BLOCK = 1 << 24  # weights held at once


def covariance(values: torch.Tensor, sigma_b: float, sigma_w: float) -> torch.Tensor:
    """K = sigma_b^2 11^T + (sigma_w^2/N) H^T H: the covariance of a unit of the next layer.

    Args:
        values: H^T, (..., B, N), what the layer below gives each of B inputs, in the difference
            basis.

    Returns:
        (..., B, B), float64, in the difference basis, in which 11^T is 1 at (0, 0) and 0 elsewhere.
    """
    values = values.to(torch.float64)
    return _from_sums(values @ values.mT, values.shape[-1], sigma_b, sigma_w)


def _from_sums(sums: torch.Tensor, width: int, sigma_b: float, sigma_w: float) -> torch.Tensor:
    out = sums * (sigma_w**2 / width)
    if sigma_b:
        out[..., 0, 0].add_(sigma_b**2)
    return out


def _products(rows: torch.Tensor) -> torch.Tensor:
    """Sums over units of products of two rows, (..., B, B)."""
    return torch.bmm(rows, rows.mT).to(torch.float64)


class Sampler(ABC):
    """Nets as far as they are drawn: at first the inputs, then one more layer a ``step``."""

    def __init__(self, nets: RandomNets) -> None:
        self.nets = nets

    @abstractmethod
    def step(self, width: int, keep: int) -> torch.Tensor:
        """Draw the next layer of all nets; returns its first ``keep`` units, (draws, keep, B)."""

    @abstractmethod
    def empirical(self) -> torch.Tensor:
        """(1/N) sum_i y_i y_i^T over the units of the last layer drawn: (draws, B, B)."""

    @abstractmethod
    def covariance(self) -> torch.Tensor:
        """K of a unit of the layer that comes next, given what is drawn: (draws, B, B)."""


class Conditional(Sampler):
    """Draws units given the layer below.

    Args:
        ceiling: a net whose variance of the first input passes it is given up, and counts as
            infinite from there on.
    """

    def __init__(self, nets: RandomNets, ceiling: float = math.inf) -> None:
        super().__init__(nets)
        self.ceiling = ceiling
        a = grams.to_differences(nets.inputs.T)
        self._covariance = covariance(a, nets.sigma_b, nets.sigma_w).expand(nets.draws, -1, -1)
        self._given_up = torch.zeros(nets.draws, dtype=torch.bool, device=a.device)

    def covariance(self) -> torch.Tensor:
        return self._shown(self._covariance)

    def empirical(self) -> torch.Tensor:
        return self._shown(self._gram)

    def _shown(self, gram: torch.Tensor) -> torch.Tensor:
        if self.ceiling == math.inf:
            return gram
        return torch.where(self._given_up[:, None, None], math.inf, gram)

    def step(self, width: int, keep: int) -> torch.Tensor:
        nets, size = self.nets, self._covariance.shape[-1]
        root = grams.factor(self._covariance).to(nets.dtype)
        below = above = torch.empty(0)  # sums over units of y y^T and of phi(y) phi(y)^T
        block = max(1, _BLOCK // (nets.draws * size))
        kept: list[torch.Tensor] = []
        for start in range(0, width, block):
            count = min(block, width - start)
            z = nets.normal(nets.draws, size, count)
            y = root * z if size == 1 else torch.bmm(root, z)  # small batched products are slow
            of_y = _products(y)
            y[:, 1:].add_(y[:, :1])  # the pre-activations themselves
            if start < keep:
                kept.append(y[..., : keep - start].clone())
            value = nets.phi(y)
            value[:, 1:].sub_(value[:, :1])
            of_value = _products(value)
            below, above = (below + of_y, above + of_value) if start else (of_y, of_value)
        self._covariance = _from_sums(above, width, nets.sigma_b, nets.sigma_w)
        self._gram = below * (1.0 / width)
        if self.ceiling < math.inf:
            self._given_up = self._given_up | ~(self._covariance[:, 0, 0] <= self.ceiling)
            # Zeros cost nothing and cannot overflow.
            self._covariance = torch.where(self._given_up[:, None, None], 0.0, self._covariance)
        return torch.cat(kept, -1).mT if kept else y.new_empty(nets.draws, 0, size)


class Dense(Sampler):
    """Draws the weights and the biases."""

    def __init__(self, nets: RandomNets) -> None:
        super().__init__(nets)
        a = grams.to_differences(nets.inputs.T).to(nets.dtype)
        self._values = a.expand(nets.draws, -1, -1)  # (draws, B, d), then (draws, B, N)

    def covariance(self) -> torch.Tensor:
        return covariance(self._values, self.nets.sigma_b, self.nets.sigma_w)

    def empirical(self) -> torch.Tensor:
        return covariance(self._y, 0.0, 1.0)

    def step(self, width: int, keep: int) -> torch.Tensor:
        nets, fan_in = self.nets, self._values.shape[-1]
        block = max(1, _DENSE_BLOCK // (width * fan_in))
        parts = []
        for start in range(0, nets.draws, block):
            values = self._values[start : start + block]
            weights = nets.normal(values.shape[0], fan_in, width)
            y = (values @ weights) * (nets.sigma_w / math.sqrt(fan_in))
            y[:, 0] += nets.sigma_b * nets.normal(values.shape[0], width)
            parts.append(y)
        self._y = torch.cat(parts)
        plain = grams.from_differences(self._y)
        self._values = grams.to_differences(nets.phi(plain))
        return plain[..., :keep].clone().mT
