"""Second moments of B vectors in the difference basis, and factors of a covariance.

The difference basis is (v_1, v_2 - v_1, ..., v_B - v_1). In it a Gram matrix keeps the digits of
small differences, so that 1 - c of two nearly equal inputs is computed from their difference, and
not by subtracting a correlation from 1.
"""

from __future__ import annotations

import torch


def to_differences(v: torch.Tensor) -> torch.Tensor:
    """B vectors as rows, (..., B, n), with rows 2 to B replaced by their difference from row 1."""
    return torch.cat([v[..., :1, :], v[..., 1:, :] - v[..., :1, :]], dim=-2)


def from_differences(v: torch.Tensor) -> torch.Tensor:
    """The inverse of :func:`to_differences`."""
    return torch.cat([v[..., :1, :], v[..., 1:, :] + v[..., :1, :]], dim=-2)


def variances(gram: torch.Tensor) -> torch.Tensor:
    """The mean squares q_1, ..., q_B, shape (..., B).

    Args:
        gram: (..., B, B), the means of v_i v_j over units, in the difference basis.
    """
    first = gram[..., :1, 0]
    rest = first + 2 * gram[..., 0, 1:] + gram.diagonal(dim1=-2, dim2=-1)[..., 1:]
    return torch.cat([first, rest], dim=-1)


def complement(gram: torch.Tensor, i: int = 0, j: int = 1) -> torch.Tensor:
    """1 - c of vectors i and j, where c = E[v_i v_j]/sqrt(q_i q_j) and q = E[v^2].

    With D = E[(v_i - v_j)^2], 1 - c = (D - (sqrt(q_i) - sqrt(q_j))^2)/(2 sqrt(q_i q_j)).

    Args:
        gram: (..., B, B), the means of v_i v_j over units, in the difference basis.
        i, j: which two, counted from 0, in either order.

    Returns:
        Shape (...).
    """
    i, j = sorted((i, j))
    q = variances(gram)
    root_i, root_j = q[..., i].sqrt(), q[..., j].sqrt()
    if i == 0:
        apart = gram[..., j, j]
        gap = 2 * gram[..., 0, j] + gram[..., j, j]  # q_j - q_i
    else:
        apart = gram[..., i, i] + gram[..., j, j] - 2 * gram[..., i, j]
        gap = 2 * (gram[..., 0, j] - gram[..., 0, i]) + gram[..., j, j] - gram[..., i, i]
    roots = gap / (root_i + root_j)
    return (apart - roots**2) / (2 * root_i * root_j)


def factor(covariance: torch.Tensor) -> torch.Tensor:
    """A square root R of a positive semi-definite matrix: R R^T = covariance.

    It is Cholesky's factor where the matrix is far from singular, else one with complete pivoting,
    in which a pivot below 8 B eps of its variance is taken as 0: at most that part of the variance
    is left out. Nothing is added to the diagonal, so equal inputs stay equal, and both ways are
    accurate relative to each variance, even where the variances differ by many orders.

    Args:
        covariance: (..., B, B).

    Returns:
        (..., B, B). All matrices of a batch are factored in the same way.
    """
    root, info = torch.linalg.cholesky_ex(covariance)
    pivots = root.diagonal(dim1=-2, dim2=-1)
    parts = pivots.square() / covariance.diagonal(dim1=-2, dim2=-1)  # NaN at a variance of 0
    if float(parts.amin()) > _floor(covariance) and not info.any():
        return root
    return _pivoted(covariance)


def _floor(covariance: torch.Tensor) -> float:
    """The part of its variance up to which a pivot may be rounding alone."""
    return 8 * covariance.shape[-1] * torch.finfo(covariance.dtype).eps


def _pivoted(covariance: torch.Tensor) -> torch.Tensor:
    """Cholesky's factor with complete pivoting, rows in their old order."""
    size, floor = covariance.shape[-1], _floor(covariance)
    scale = covariance.diagonal(dim1=-2, dim2=-1).clamp(min=0).sqrt()
    inverse = torch.where(scale > 0, 1 / scale.where(scale > 0, torch.ones_like(scale)), 0.0)
    scaled = covariance * inverse[..., :, None] * inverse[..., None, :]
    # What of each variance the columns so far do not account for.
    left = scaled.diagonal(dim1=-2, dim2=-1).clone()
    root = torch.zeros_like(scaled)
    for k in range(size):
        pivot = left.argmax(dim=-1, keepdim=True)
        value = left.gather(-1, pivot)
        live = value > floor
        at = pivot[..., None].expand(*scaled.shape[:-1], 1)
        column = scaled.gather(-1, at)[..., 0]
        done = root.gather(-2, pivot[..., None].expand(*pivot.shape[:-1], 1, size))[..., 0, :]
        column = column - (root * done[..., None, :]).sum(-1)
        column = torch.where(live, column / value.clamp(min=floor).sqrt(), 0.0)
        column = torch.where(left > 0, column, 0.0)  # nothing of these rows is left
        root[..., k] = column
        left = (left - column**2).clamp(min=0)
        left.scatter_(-1, pivot, 0.0)
    return root * scale[..., :, None]
