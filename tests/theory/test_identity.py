"""How far f is from the identity on the edge: f(0), and its limit as sigma_b -> 0."""

import math

import numpy as np
import pytest
import torch
from independent import SELU_ALPHA, SELU_SCALE, expect

import edgeofchaos as eoc
from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.edge import edge_or_none
from edgeofchaos.theory.edge_equation import edge_equation
from edgeofchaos.theory.identity import _beside_zero, _distance_to_limit, settled


@pytest.mark.parametrize("name", ["tanh", "elu", "selu", "hardtanh", "swish"])
@pytest.mark.parametrize("sigma_b", [0.05, 0.7])
def test_the_distance_is_the_supremum_and_f_at_zero(name, sigma_b):
    point = eoc.edge_point(name, sigma_b)
    f = eoc.correlation_map(name, point)
    c = np.linspace(0.0, 1.0, 1001)
    distance = eoc.identity_distance(name, point)
    assert np.abs(f(c) - c).max() == pytest.approx(distance, rel=1e-11)
    assert float(f(0.0)) == pytest.approx(distance, rel=1e-11)


def test_at_zero_variance_the_distance_is_the_limit():
    relu = eoc.edge_point("relu", 0.0)
    assert eoc.identity_distance("relu", relu) == pytest.approx(1 / math.pi, rel=1e-15)


def test_without_an_edge_point_there_is_no_distance():
    with pytest.raises(ValueError, match="point: it has no finite variance"):
        eoc.identity_distance("softplus", edge_or_none("softplus", 0.2))


@pytest.mark.parametrize("name", ["tanh", "elu", "arctan", "hardtanh"])
def test_f_tends_to_the_identity_where_phi_is_differentiable_at_zero(name):
    assert eoc.identity_distance_at_zero(name) == 0.0
    limit = eoc.identity_distance_limit(name)
    assert abs(limit.value) < max(1e-6, 10 * limit.error)


def test_selu_stays_at_a_distance():
    above, below = SELU_SCALE, SELU_SCALE * SELU_ALPHA
    expected = (below - above) ** 2 / (math.pi * (below**2 + above**2))
    assert expected == pytest.approx(0.0380, abs=5e-5)
    assert eoc.identity_distance_at_zero("selu") == pytest.approx(expected, rel=1e-13)
    limit = eoc.identity_distance_limit("selu")
    assert limit.value == pytest.approx(expected, abs=1e-6)
    assert limit.expected == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ["relu", "softplus"])
def test_without_an_edge_there_is_no_limit(name):
    assert eoc.identity_distance_limit(name) is None


@pytest.mark.parametrize("sigma_b", [0.1, 0.7])
def test_the_distance_by_quadpack(sigma_b):
    point = eoc.edge_point("elu", sigma_b)
    mean = expect(lambda u: u if u > 0 else math.expm1(u), point.q, (0.0,))
    expected = (sigma_b**2 + point.sigma_w**2 * mean**2) / point.q
    assert eoc.identity_distance("elu", point) == pytest.approx(expected, rel=1e-9)


def rounded(scale):
    """tanh x and a part that is |x| but for a rounding of this width about 0."""
    root = lambda x: torch.sqrt(x * x + scale**2) - scale  # noqa: E731
    return Activation("rounded", lambda x: torch.tanh(x) + 0.3 * torch.tanh(root(x)))


@pytest.mark.parametrize("scale", [1e-2, 1e-4, 1e-6])
def test_the_limit_is_read_below_the_width_of_what_is_round_at_zero(scale):
    limit = eoc.identity_distance_limit(rounded(scale))
    assert abs(limit.value) <= limit.error < 1e-4 and limit.expected == 0


def test_where_phi_has_not_settled_the_limit_is_open():
    # Rounded at 1e-14, that is where sqrt(q) is at the least q.
    phi = rounded(1e-14)
    limit = eoc.identity_distance_limit(phi)
    assert limit is None or limit.error > 0.1
    assert settled(phi) is None and settled(activation("tanh"))


@pytest.mark.parametrize("name", ["swish", "selu", "elu", "hardtanh", "shifted_softplus", "gelu"])
@pytest.mark.parametrize("q", [1e-3, 1e-5, 1e-8, 1e-12, 1e-16])
def test_the_bound_on_the_way_to_the_limit_holds(name, q):
    phi = activation(name)
    if name == "shifted_softplus" and q == 1e-16:  # log(1 + exp(x)) - log(2) has no digits there
        assert gaussian.relative_error(phi, q) == math.inf
        return
    mean, slope2 = gaussian.moments(phi, q, [gaussian.MEAN, gaussian.SLOPE2])
    there = (float(edge_equation(phi, q)) + mean**2 / slope2) / q
    away = abs(there - eoc.identity_distance_at_zero(phi))
    assert away <= _distance_to_limit(phi, q) + 4 * gaussian.relative_error(phi, q)


def test_without_a_slope_at_zero_there_is_no_limit():
    assert eoc.identity_distance_limit(Activation("flat", lambda x: torch.tanh(x**3))) is None


def test_what_a_few_samples_would_miss_is_in_the_bound():
    # phi' is off 1 by 0.3 within an eighth of the octave from 2^-20 on alone.
    centre, width = 1.06 * 2.0**-20, 0.06 * 2.0**-20
    phi = Activation(
        "ripple", lambda x: torch.tanh(x) + 0.3 * width * torch.tanh((x - centre) / width)
    )
    for q in (1e-10, 1e-12):
        u = np.linspace(centre - 5 * width, centre + 5 * width, 1001)
        u = u[(u > 0) & (u < 12 * math.sqrt(q))]
        off = float(np.abs(phi.derivatives(u)[1] - phi.one_sided(0.0)[1, 1]).max())
        octaves, deviations, _, _ = _beside_zero(phi)
        assert deviations[1][octaves < 12 * math.sqrt(q)].max() >= off > 0.29
        assert _distance_to_limit(phi, q) > 0.3


@pytest.mark.parametrize("name", ["tanh", "swish", "selu", "hardtanh"])
def test_no_slope_in_an_octave_is_off_by_more_than_said(name):
    phi = activation(name)
    octaves, deviations, _, _ = _beside_zero(phi)
    for row, side in enumerate((-1, 1)):
        for low, most in zip(octaves[::10], deviations[row][::10], strict=True):
            u = side * np.linspace(low, 2 * low, 200)
            slope = phi.one_sided(0.0)[row, 1]
            assert np.abs(phi.derivatives(u)[1] - slope).max() <= most + 1e-15
