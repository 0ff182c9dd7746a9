"""Activations and Gaussian expectations that share no code with the library, for the tests."""

import itertools
import math

import numpy as np
from scipy.integrate import quad
from scipy.special import erf, expit, log_ndtr

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def normal_pdf(u):
    return np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)


def normal_cdf(u):
    return np.exp(log_ndtr(u))


def _elu(scale, alpha):
    return (
        lambda u: scale * (u if u > 0 else alpha * math.expm1(u)),
        lambda u: scale * (1.0 if u > 0 else alpha * math.exp(u)),
        lambda u: scale * (0.0 if u > 0 else alpha * math.exp(u)),
        {0.0: scale * (1 - alpha)},
    )


# name -> (phi, phi', phi'' off the kinks, {kink: jump of phi'}), of one float.
PHI = {
    "relu": (lambda u: max(u, 0.0), lambda u: float(u > 0), lambda u: 0.0, {0.0: 1.0}),
    "tanh": (
        math.tanh,
        lambda u: math.cosh(u) ** -2,
        lambda u: -2 * math.tanh(u) * math.cosh(u) ** -2,
        {},
    ),
    "erf": (
        erf,
        lambda u: 2 / math.sqrt(math.pi) * math.exp(-u * u),
        lambda u: -4 * u / math.sqrt(math.pi) * math.exp(-u * u),
        {},
    ),
    "hardtanh": (
        lambda u: min(max(u, -1.0), 1.0),
        lambda u: float(abs(u) < 1),
        lambda u: 0.0,
        {-1.0: 1.0, 1.0: -1.0},
    ),
    "swish": (
        lambda u: u * expit(u),
        lambda u: expit(u) + u * expit(u) * expit(-u),
        lambda u: expit(u) * expit(-u) * (2 + u * (expit(-u) - expit(u))),
        {},
    ),
    "gelu": (
        lambda u: u * normal_cdf(u),
        lambda u: normal_cdf(u) + u * normal_pdf(u),
        lambda u: (2 - u * u) * normal_pdf(u),
        {},
    ),
    "sigmoid": (
        expit,
        lambda u: expit(u) * expit(-u),
        lambda u: expit(u) * expit(-u) * (expit(-u) - expit(u)),
        {},
    ),
    "elu": _elu(1.0, 1.0),
    "selu": _elu(SELU_SCALE, SELU_ALPHA),
}


def expect(g, q, kinks=()):
    """E[g(U)], U ~ N(0, q), by QUADPACK between kinks and fixed points."""
    root = math.sqrt(q)
    steps = {s * k * root for k in (0, 1, 2, 4, 6, 9, 12) for s in (-1, 1)}
    near = {s * k for k in (1.0, 3.0, 9.0) for s in (-1, 1) if k < 12 * root}
    edges = sorted(steps | near | {k for k in kinks if abs(k) < 12 * root})
    density = lambda u: g(u) * math.exp(-u * u / (2 * q)) / (root * math.sqrt(2 * math.pi))  # noqa: E731
    pairs = itertools.pairwise(edges)
    return math.fsum(quad(density, a, b, epsabs=1e-13, epsrel=1e-11)[0] for a, b in pairs)


def variance_step(name, sigma_b, sigma_w, x):
    """F(x)."""
    phi, _, _, jumps = PHI[name]
    return sigma_b**2 + sigma_w**2 * expect(lambda u: phi(u) ** 2, x, jumps)


def slope_square(name, x):
    """E[phi'^2]."""
    _, slope, _, jumps = PHI[name]
    return expect(lambda u: slope(u) ** 2, x, jumps)


def curvature_phi(name, x):
    """E[phi'' phi], the atoms of phi'' included."""
    phi, _, curvature, jumps = PHI[name]
    atoms = sum(j * phi(k) * normal_pdf(k / math.sqrt(x)) / math.sqrt(x) for k, j in jumps.items())
    return expect(lambda u: curvature(u) * phi(u), x, jumps) + atoms


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(120)
_WEIGHTS = _WEIGHTS / math.sqrt(2 * math.pi)


def pair_expectation(g, q_a, q_b, c):
    """E[g(U1, U2)] of a smooth g for variances q_a, q_b and correlation c: 120^2 Hermite nodes."""
    z1, z2 = _NODES[:, None], _NODES[None, :]
    u1 = math.sqrt(q_a) * z1
    u2 = math.sqrt(q_b) * (c * z1 + math.sqrt(1 - c * c) * z2)
    return float(_WEIGHTS @ g(u1, u2) @ _WEIGHTS)
