"""Gram matrices in the difference basis: 1 - c against mpmath, and factors of singular matrices."""

import mpmath
import numpy as np
import pytest
import torch

from edgeofchaos.simulation import grams

EPS = np.finfo(float).eps


def gram_of(vectors):
    v = grams.to_differences(torch.tensor(vectors, dtype=torch.float64))
    return v @ v.mT / v.shape[-1]


@pytest.mark.parametrize("gap", [1.0, 1e-3, 1e-7, 1e-12])
@pytest.mark.parametrize(("i", "j"), [(0, 1), (1, 2), (2, 0)])
def test_complement_against_thirty_digits(gap, i, j):
    rng = np.random.default_rng(0)
    base = rng.standard_normal(50)
    d = np.stack([np.zeros(50), rng.standard_normal(50) * gap, rng.standard_normal(50) * gap])
    found = gram_of(base + d)  # rounded: compare with what these floats are
    v = [[mpmath.mpf(x) for x in row] for row in (base + d).tolist()]
    with mpmath.workdps(40):
        dot = lambda a, b: mpmath.fsum(x * y for x, y in zip(v[a], v[b], strict=True))  # noqa: E731
        exact = 1 - dot(i, j) / mpmath.sqrt(dot(i, i) * dot(j, j))
    # to_differences subtracts floats exactly here; pair (1, 2) is left to the first input's scale
    assert float(grams.complement(found, i, j)) == pytest.approx(float(exact), rel=1e-10)


def test_variances_are_mean_squares():
    v = np.random.default_rng(1).standard_normal((4, 30))
    np.testing.assert_allclose(grams.variances(gram_of(v)), (v**2).mean(1), rtol=1e-13)


def test_differences_and_back():
    v = torch.randn(2, 5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(grams.from_differences(grams.to_differences(v)), v)


def singular(kind, size):
    rng = np.random.default_rng(2)
    a = rng.standard_normal((size, size))
    if kind == "rank 2":
        a[:, 2:] = 0
    if kind == "zero":
        a[:] = 0
    if kind == "zero row":
        a[size // 2] = 0
    if kind == "graded":
        a = np.diag(10.0 ** -np.arange(0, 4 * size, 4)) @ a
    if kind == "equal rows":
        a[-1] = a[size // 2 - 1]
    return torch.tensor(a @ a.T)


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("kind", ["full", "rank 2", "zero", "zero row", "graded", "equal rows"])
def test_factor_gives_the_matrix_back_entry_by_entry(kind, size):
    k = singular(kind, size)
    for root in (grams.factor(k), grams._pivoted(k)):
        check_factor(root, k)


def check_factor(root, k):
    scale = k.diagonal().sqrt()
    # relative to the scale of each pair of rows, however different the rows are
    error = (root @ root.mT - k).abs()
    assert (error <= 200 * EPS * scale[:, None] * scale[None, :]).all()


def test_factor_keeps_equal_inputs_equal_and_works_on_batches():
    k = torch.stack([singular("equal rows", 5), singular("full", 5), singular("zero", 5)])
    root = grams.factor(k)
    z = torch.randn(5, 1000, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    drawn = root[0] @ z
    # a pivot below 8 B eps counts as 0: rows 1 and 4 differ by its root at most
    assert (drawn[1] - drawn[4]).abs().max() <= 1e-6 * drawn[1].abs().max()
    torch.testing.assert_close(root[1] @ root[1].mT, k[1])
    assert (root[2] == 0).all()
