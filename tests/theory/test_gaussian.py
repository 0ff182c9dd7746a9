"""One-dimensional moments against 30-digit references and closed forms."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch

from edgeofchaos.activations import Activation, activation, names
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.closed_forms import hardtanh_moments
from edgeofchaos.theory.relu_like import relu_like

TOLERANCE = 1e-12


def swish(u):
    return u / (1 + mp.exp(-u))


# phi, phi', phi'' independently of torch, for mpmath.
REFERENCES = {
    "tanh": (
        mp.tanh,
        lambda u: mp.sech(u) ** 2,
        lambda u: -2 * mp.tanh(u) * mp.sech(u) ** 2,
        [],
    ),
    "swish": (
        swish,
        lambda u: (1 + mp.exp(-u) * (1 + u)) / (1 + mp.exp(-u)) ** 2,
        lambda u: mp.diff(swish, u, 2),
        [],
    ),
    "gelu": (
        lambda u: u * mp.ncdf(u),
        lambda u: mp.ncdf(u) + u * mp.npdf(u),
        lambda u: (2 - u * u) * mp.npdf(u),
        [],
    ),
    "elu": (
        lambda u: u if u > 0 else mp.expm1(u),
        lambda u: mp.mpf(1) if u > 0 else mp.exp(u),
        lambda u: mp.mpf(0) if u > 0 else mp.exp(u),
        [0],
    ),
    "sigmoid": (
        lambda u: 1 / (1 + mp.exp(-u)),
        lambda u: 1 / (4 * mp.cosh(u / 2) ** 2),
        lambda u: -mp.tanh(u / 2) / (4 * mp.cosh(u / 2) ** 2),
        [],
    ),
    "softplus": (
        lambda u: mp.log1p(mp.exp(u)),
        lambda u: 1 / (1 + mp.exp(-u)),
        lambda u: 1 / (4 * mp.cosh(u / 2) ** 2),
        [],
    ),
}


def reference(integrand, q, kinks):
    with mp.workdps(30):
        root = mp.sqrt(q)
        density = lambda u: mp.exp(-u * u / (2 * q)) / (root * mp.sqrt(2 * mp.pi))  # noqa: E731
        steps = {s * root * k for k in (0, 0.5, 1, 2, 3, 4.5, 6, 8, 11, 14) for s in (-1, 1)}
        fine = {mp.mpf(s) * k for k in (0, 1, 2, 4, 8, 16) for s in (-1, 1)}
        edge = 14 * root
        points = sorted(steps | {f for f in fine if abs(f) < edge} | {mp.mpf(k) for k in kinks})
        return mp.quad(lambda u: integrand(u) * density(u), points)


@pytest.mark.parametrize("q", [1e-4, 0.5, 30.0])
@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.slow(after=6)
def test_moments_against_30_digits(name, q):
    value, slope, curvature, kinks = REFERENCES[name]
    phi = activation(name)
    expected = {
        gaussian.SECOND: lambda u: value(u) ** 2,
        gaussian.SLOPE2: lambda u: slope(u) ** 2,
    }
    for row, integrand in expected.items():
        exact = reference(integrand, mp.mpf(q), kinks)
        measured = float(gaussian.moments(phi, q, [row])[0])
        assert abs(measured / float(exact) - 1) < TOLERANCE
    if name != "swish":  # its second derivative by mp.diff is slow
        exact = float(reference(lambda u: curvature(u) * value(u), mp.mpf(q), kinks))
        size = float(gaussian.slope_second_moment(phi, q))
        assert abs(float(gaussian.curvature_phi(phi, q)) - exact) < TOLERANCE * size


@pytest.mark.parametrize("slopes", [(1.0, 0.0), (1.0, 0.3), (2.0, -1.0)])
def test_relu_like_closed_form(slopes):
    phi = relu_like(*slopes)
    q = np.geomspace(1e-12, 1e12, 25)
    exact = (slopes[0] ** 2 + slopes[1] ** 2) / 2
    np.testing.assert_allclose(gaussian.second_moment(phi, q), exact * q, rtol=TOLERANCE)
    np.testing.assert_allclose(gaussian.slope_second_moment(phi, q), exact, rtol=TOLERANCE)


def test_erf_arcsine_law():
    q = np.geomspace(1e-8, 1e6, 29)
    exact = 2 / math.pi * np.arcsin(2 * q / (1 + 2 * q))
    np.testing.assert_allclose(gaussian.second_moment(activation("erf"), q), exact, rtol=2e-12)
    slope = 4 / math.pi / np.sqrt(1 + 4 * q)
    measured = gaussian.slope_second_moment(activation("erf"), q)
    np.testing.assert_allclose(measured, slope, rtol=TOLERANCE)


def test_hardtanh_closed_forms_with_the_atoms_of_its_second_derivative():
    phi = activation("hardtanh")
    q = np.geomspace(0.05, 1e4, 23)
    second, slope2, curvature = hardtanh_moments(q)
    np.testing.assert_allclose(gaussian.second_moment(phi, q), second, rtol=TOLERANCE)
    np.testing.assert_allclose(gaussian.slope_second_moment(phi, q), slope2, rtol=TOLERANCE)
    np.testing.assert_allclose(gaussian.curvature_phi(phi, q), curvature, rtol=TOLERANCE)


@pytest.mark.parametrize("name", names())
def test_stein_identity(name):
    # E[u phi phi'] = q (E[phi'^2] + E[phi'' phi]), atoms included.
    phi = activation(name)
    for q in (1e-3, 0.7, 11.0, 400.0):
        cross, slope2 = gaussian.moments(phi, q, [gaussian.U_PHI_SLOPE, gaussian.SLOPE2])
        other = q * (slope2 + float(gaussian.curvature_phi(phi, q)))
        assert cross == pytest.approx(other, rel=1e-11, abs=1e-11 * q * slope2)


@pytest.mark.parametrize("name", names())
def test_scalars_and_arrays_agree(name):
    phi = activation(name)
    q = np.array([[1e-9, 0.3], [2.0, 5e5]])
    together = gaussian.second_moment(phi, q)
    one_by_one = [[float(gaussian.second_moment(phi, float(x))) for x in row] for row in q]
    np.testing.assert_allclose(together, one_by_one, rtol=1e-13)


def test_an_undeclared_kink_is_one_of_the_atoms():
    found = Activation("hat", lambda x: torch.clamp(x, max=0.7))
    declared = Activation("hat", lambda x: torch.clamp(x, max=0.7), kinks=[0.7])
    q = np.geomspace(0.01, 100, 9)
    for moment in (gaussian.second_moment, gaussian.curvature_phi):
        np.testing.assert_allclose(moment(found, q), moment(declared, q), rtol=1e-13)


def test_growth_that_overflows_is_refused():
    phi = Activation("square_exp", lambda x: torch.exp(x * x))
    with pytest.raises(ValueError, match=r"need \|u\| up to 1200, and phi'' is .* at u = -?18"):
        gaussian.second_moment(phi, 1e4)


@pytest.mark.parametrize("q", [0.0, -1.0, math.nan, math.inf])
def test_a_variance_has_to_be_positive(q):
    with pytest.raises(ValueError, match="variance"):
        gaussian.second_moment(activation("tanh"), q)
