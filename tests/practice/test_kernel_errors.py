"""What kernels may be off by, against a recursion of the test's own, in each phase."""

import math

import numpy as np
import pytest
from scipy.stats import norm

import edgeofchaos as eoc

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
Z = (np.linspace(-12, 12, 41)[:-1, None] + 0.3 * (1 + NODES)).ravel()
BELL = np.tile(0.3 * WEIGHTS, 40) * norm.pdf(Z)


def by_hand(X, depth, sigma_b, sigma_w):
    """The NNGP and the NTK of tanh, by sums over U1 and what of U2 is independent of it."""
    K = sigma_b**2 + sigma_w**2 * X @ X.T / X.shape[1]
    theta = K.copy()
    n = len(X)
    for _ in range(depth):
        value, slope = np.empty_like(K), np.empty_like(K)
        for i in range(n):
            u = math.sqrt(K[i, i]) * Z
            value[i, i], slope[i, i] = BELL @ np.tanh(u) ** 2, BELL @ np.cosh(u) ** -4.0
            for j in range(i):
                c = K[i, j] / math.sqrt(K[i, i] * K[j, j])
                v = math.sqrt(K[j, j]) * (c * Z[:, None] + math.sqrt(1 - c * c) * Z)
                t = np.tanh(v)
                value[i, j] = value[j, i] = (BELL * np.tanh(u)) @ t @ BELL
                slope[i, j] = slope[j, i] = (BELL * np.cosh(u) ** -2.0) @ (1 - t * t) @ BELL
        K = sigma_b**2 + sigma_w**2 * value
        theta = K + sigma_w**2 * slope * theta
    return K, theta


@pytest.mark.parametrize(("sigma_w", "depth"), [(0.8, 40), (1.3041, 40), (1.5, 40), (2.5, 15)])
@pytest.mark.slow(after=1)
def test_the_errors_hold_in_each_phase(sigma_w, depth):
    X = np.random.default_rng(3).normal(size=(4, 12))
    found = eoc.kernel("tanh", X, depth=depth, sigma_b=0.2, sigma_w=sigma_w)
    for got, right, error in zip(
        (found.nngp, found.ntk), by_hand(X, depth, 0.2, sigma_w),
        (found.nngp_error, found.ntk_error), strict=True,
    ):  # fmt: skip
        root = np.sqrt(np.diag(right))
        off = np.abs((got - right) / np.outer(root, root)).max()
        assert off <= error + 1e-12  # and what the sum by hand is rounded by
        assert error < 1e-10


def test_a_chaotic_net_that_parts_its_inputs_forgets_its_errors():
    X = np.random.default_rng(0).normal(size=(6, 20))
    deep = eoc.kernel("tanh", X, depth=100, sigma_b=0.1, sigma_w=1.5)
    assert deep.nngp_error < 1e-12
    # Those that differ by little are parted layer by layer, and so is what they are off by.
    X[1] = X[0] * (1 + 1e-6) + 1e-7
    close = eoc.kernel("tanh", X, depth=25, sigma_b=0.1, sigma_w=1.5, tolerance=1.0)
    assert close.nngp_error > 5 * deep.nngp_error
