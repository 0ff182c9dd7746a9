"""The laws that weights are drawn from: Gaussian, orthogonal, delta-orthogonal.

An m x n matrix is drawn as sqrt(max(m, n)) times a Haar orthogonal one (orthonormal rows where
m <= n, columns where m > n), whose entries have mean square 1, and is then multiplied by the
standard deviation that Gaussian entries would have. So |W x|^2/m has the expectation
sigma_w^2 |x|^2/n of the Gaussian law; where m >= n it is that without scatter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from edgeofchaos.practice.given import mean_square
from edgeofchaos.practice.layers import row_deviation, taps_at
from edgeofchaos.theory.edge import EdgePoint

WEIGHTS = ("gaussian", "orthogonal", "delta-orthogonal")


@dataclass(frozen=True)
class Law:
    """What one layer is drawn from.

    Attributes:
        sigma_w, sigma_b: of the layer.
        weights: one of ``WEIGHTS``.
        generator: the random stream.
    """

    sigma_w: float
    sigma_b: float
    weights: str
    generator: torch.Generator | None

    def why_not(self, layer: Any, mask: torch.Tensor | None) -> str:
        """Why its weight cannot be drawn from this law; empty if nothing says so."""
        if self.weights == "gaussian":
            return ""
        if mask is not None:
            return f"what a pruning mask leaves of {self.weights} weights is not orthogonal"
        if not layer.weight.is_floating_point():
            return f"{self.weights} weights are real"
        if self.weights == "orthogonal" or not isinstance(layer, _ConvNd):
            return ""
        if any(size % 2 == 0 for size in layer.kernel_size):
            return "delta-orthogonal weights need an odd kernel, which has a middle"
        if any(step != 1 for step in layer.stride):
            return "delta-orthogonal weights would leave out what a stride steps over"
        return ""

    def weight(self, layer: Any, mask: torch.Tensor | None) -> tuple[torch.Tensor, float, float]:
        """A weight, the root mean square of its entries, and the fan-in.

        Under a mask both are those of an output with the mean fan-in, and of a delta-orthogonal
        weight those of the middle tap.
        """
        empty = torch.empty_like(layer.weight)
        deviation, of_mean, count = row_deviation(layer, mask, self.sigma_w)
        if isinstance(deviation, torch.Tensor):
            deviation = deviation.to(empty.device)
        if self.weights == "gaussian":
            drawn = empty.normal_(generator=self.generator)
            return (drawn * deviation).to(drawn.dtype), of_mean, count
        if self.weights == "orthogonal" or not isinstance(layer, _ConvNd):
            return (self._haar(layer, empty) * deviation).to(empty.dtype), of_mean, count
        inner = tuple(size // 2 for size in layer.kernel_size)
        at: Any = (slice(None), slice(None), *inner)
        count = float(layer.in_channels // layer.groups)
        of_mean = self.sigma_w / math.sqrt(count)
        empty.zero_()
        empty[at] = (self._haar(layer, empty[at]) * of_mean).to(empty.dtype)
        return empty, of_mean, count

    def remark(self, layer: Any) -> str:
        """What to know about how it was drawn."""
        said = "" if self.weights == "gaussian" else self.weights
        taps = taps_at(layer)
        if any(len(set(axis)) > 1 for axis in taps):
            channels = layer.in_channels // layer.groups
            least, most = (channels * math.prod(map(pick, taps)) for pick in (min, max))
            by = f"by position its fan-in is {least} to {most}, and each tap drawn for its own"
            said = f"{said}, {by}" if said else by
        return said

    def _haar(self, layer: Any, like: torch.Tensor) -> torch.Tensor:
        """Haar orthogonal matrices, one a group, of mean square 1, in the layout of ``like``."""
        transposed = isinstance(layer, _ConvTransposeNd)
        groups = getattr(layer, "groups", 1)
        # (in, out/groups, ...) in transposed convolutions, and else (out, in/groups, ...).
        grouped = like.reshape(groups, like.shape[0] // groups, *like.shape[1:])
        if transposed:
            grouped = grouped.transpose(1, 2)
        matrices = [
            haar(part.shape[0], part[0].numel(), self.generator, like).reshape(part.shape)
            for part in grouped
        ]
        found = torch.stack(matrices)
        if transposed:
            found = found.transpose(1, 2)
        return found.reshape(like.shape)


def haar(
    rows: int, columns: int, generator: torch.Generator | None, like: torch.Tensor
) -> torch.Tensor:
    """sqrt(max(rows, columns)) times a Haar orthogonal matrix, (rows, columns), float64.

    Example:
        >>> w = haar(3, 5, torch.Generator().manual_seed(0), torch.empty(0))
        >>> torch.allclose(w @ w.T, 5 * torch.eye(3, dtype=torch.float64))
        True
    """
    wide = rows < columns
    shape = (columns, rows) if wide else (rows, columns)
    normal = torch.empty(shape, dtype=like.dtype, device=like.device).normal_(generator=generator)
    q, r = torch.linalg.qr(normal.to(torch.float64))
    q = q * torch.where(r.diagonal() < 0, -1.0, 1.0)  # R with a positive diagonal makes Q Haar
    q = q * math.sqrt(max(rows, columns))
    return q.T if wide else q


def first_sigma(layer: nn.Module, point: EdgePoint, inputs: Any) -> float:
    """sigma_1 with sigma_b^2 + sigma_1^2 s = q, s the mean square of the inputs' coordinates.

    Raises:
        ValueError: the inputs are not what the layer takes, their mean square is not positive, or
            q is not above sigma_b^2.

    Example:
        >>> import edgeofchaos as eoc
        >>> round(first_sigma(nn.Linear(2, 3), eoc.edge_point("relu", 0.0), [[2.0, 2.0]]), 6)
        0.5
    """
    rows, size = mean_square("inputs", inputs)
    shape = tuple(getattr(inputs, "shape", rows.shape))
    if isinstance(layer, _ConvNd):
        takes, fits = layer.in_channels, len(shape) > 1 and shape[1] == layer.in_channels
    else:
        takes = int(getattr(layer, "in_features", 0))
        fits = takes in (shape[-1], rows.shape[1])
    if not fits:
        what = "channels" if isinstance(layer, _ConvNd) else "features"
        raise ValueError(
            f"inputs of shape {shape}; allowed are (n, ...) with the {takes} {what} that the first "
            f"layer ({type(layer).__name__}) takes"
        )
    left = point.start_variance - point.sigma_b**2
    if not left > 0:
        raise ValueError(
            f"point: its q = {point.q:g} is not above sigma_b^2 = {point.sigma_b**2:g}, so that no "
            "scale of the first layer starts inputs at q"
        )
    return math.sqrt(left / size)
