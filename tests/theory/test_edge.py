"""Edge points against reference values, their own definition, and what is refused."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from scipy.stats import norm

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.cli import main
from edgeofchaos.theory.edge import edge_or_at_zero, edge_points
from edgeofchaos.theory.edge_equation import NOT_SEARCHED, edge_equation

REFERENCES = [
    ("tanh", 0.05, 1.12253900, 0.15369194),
    ("tanh", 0.2, 1.30414584, 0.51207850),
    ("swish", 0.1, 1.82005172, 0.25971250),
    ("swish", 0.2, 1.67953160, 0.68945250),
    ("elu", 0.2, 1.22925112, 1.10693054),
]


@pytest.mark.parametrize(("name", "sigma_b", "sigma_w", "q"), REFERENCES)
def test_reference_values(name, sigma_b, sigma_w, q):
    point = eoc.edge_point(name, sigma_b=sigma_b)
    assert point.sigma_w == pytest.approx(sigma_w, abs=6e-9)
    assert point.q == pytest.approx(q, abs=6e-9)


@pytest.mark.parametrize("name", ["tanh", "swish", "elu", "selu", "gelu", "hardtanh"])
@pytest.mark.parametrize("sigma_b", [1e-6, 0.05, 0.7, 5.0])
def test_an_edge_point_solves_its_equations(name, sigma_b):
    point = eoc.edge_point(name, sigma_b=sigma_b)
    fmap = eoc.variance_map(name, sigma_b, point.sigma_w)
    assert fmap.chi1(point.q) == pytest.approx(1.0, abs=1e-13)
    assert fmap(point.q) == pytest.approx(point.q, rel=1e-13)
    assert fmap.derivative(point.q) == pytest.approx(point.alpha, abs=1e-12)


def test_no_edge_is_said_and_never_a_silent_nan():
    with pytest.raises(eoc.NoEdge, match="no edge at any sigma_b"):
        eoc.edge_point("softplus", sigma_b=0.2)
    with pytest.raises(eoc.NoEdge, match="single point"):
        eoc.edge_point("relu", sigma_b=0.2)
    assert eoc.edge_point("relu", sigma_b=0.0).status == "singleton"
    assert [p.status for p in eoc.edge_curve("softplus", [0.1])] == ["none"]


@pytest.mark.parametrize("sigma_b", [-0.1, np.nan, np.inf, "a", None])
def test_a_bad_sigma_b_is_refused_by_name(sigma_b):
    with pytest.raises(ValueError, match="sigma_b"):
        eoc.edge_point("tanh", sigma_b=sigma_b)


def test_command(capsys):
    assert main(["edge", "swish", "--sigma-b", "0.2", "--json"]) == 0
    assert '"status": "unstable"' in capsys.readouterr().out
    assert main(["edge", "softplus"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("sigma_b", [1e-3, 0.1, 1.0, 5.0])
@pytest.mark.slow(after=2)
def test_an_activation_that_oscillates_for_ever_against_its_closed_form(sigma_b):
    # E[sin^2] = (1 - e^-2q)/2 and E[cos^2] = (1 + e^-2q)/2: q = sigma_b^2 + tanh(q).
    point = eoc.edge_point(eoc.Activation("sin", torch.sin), sigma_b)
    q = brentq(lambda q: q - sigma_b**2 - math.tanh(q), 1e-9, 100, xtol=1e-15, rtol=1e-14)
    assert point.q == pytest.approx(q, rel=1e-9)
    assert point.sigma_w**2 == pytest.approx(2 / (1 + math.exp(-2 * q)), rel=1e-9)


@pytest.mark.parametrize("sigma_b", [1e-3, 0.1, 1.0, 5.0])
def test_a_quadratic_against_its_closed_form(sigma_b):
    # E[phi^2] = 3 q^2 and E[phi'^2] = 4 q: q = 4 sigma_b^2, where F'(q) = 6 q sigma_w^2 = 3/2.
    point = eoc.edge_point(eoc.Activation("square", lambda x: x * x), sigma_b)
    assert point.q == pytest.approx(4 * sigma_b**2, rel=1e-12)
    assert point.alpha == pytest.approx(1.5, rel=1e-12)
    assert point.smallest_fixed_point == pytest.approx(4 * sigma_b**2 / 3, rel=1e-12)
    assert not point.stable


@pytest.mark.parametrize("sigma_b", [0.1, 0.2, 1.0, 5.0])
def test_a_function_that_is_flat_about_zero_has_its_edge(sigma_b):
    # Soft-shrink: E[phi'^2] = 2 Q(k/s) and h = k s p(k/s)/Q(k/s) - k^2 > 0, s = sqrt(q).
    k = 0.5
    phi = Activation("softshrink", lambda x: torch.nn.functional.softshrink(x, k), (-k, k))
    h = lambda q: k * q**0.5 * norm.pdf(k / q**0.5) / norm.sf(k / q**0.5) - k * k  # noqa: E731
    q = brentq(lambda q: h(q) - sigma_b**2, 3e-3, 1e5, xtol=1e-14, rtol=1e-14)
    point = eoc.edge_point(phi, sigma_b)
    assert point.q == pytest.approx(q, rel=1e-9)
    assert point.sigma_w == pytest.approx((2 * norm.sf(k / q**0.5)) ** -0.5, rel=1e-9)
    with pytest.raises(eoc.NoEdge, match="none is looked for"):
        eoc.edge_point(phi, 1e-3)


def test_where_there_is_no_edge_the_one_without_biases_stands_in():
    assert edge_or_at_zero("tanh", 0.2) == eoc.edge_point("tanh", 0.2)
    assert edge_or_at_zero("relu", 0.2) == eoc.edge_point("relu", 0.0)
    assert edge_or_at_zero("softplus", 0.2).status == "none"


def test_a_net_starts_at_q_or_at_one_where_every_variance_stays():
    tanh, relu = eoc.edge_point("tanh", 0.2), eoc.edge_point("relu", 0.0)
    assert tanh.start_variance == tanh.q
    assert (relu.q, relu.start_variance) == (0.0, 1.0)


@pytest.mark.parametrize("name", ["tanh", "swish", "hardtanh"])
def test_the_first_of_all_edge_points_is_the_edge_point(name):
    assert edge_points(name, 0.3) == [eoc.edge_point(name, 0.3)]
    assert edge_points(name, 0.0) == [eoc.edge_point(name, 0.0)]
    assert edge_points("softplus", 0.3) == []


def capped(ceiling):
    return Activation("capped", lambda x: torch.clamp(x, 0.0, ceiling), (0.0, ceiling))


def far_softplus(ceiling):
    soft = torch.nn.functional.softplus
    return Activation("far", lambda x: ceiling * torch.tanh(soft(x, threshold=40.0) / ceiling))


@pytest.mark.parametrize(
    ("phi", "sigma_b", "told"),
    [
        # h of tanh grows like q, so that there is an edge at every sigma_b, beyond 1e10 here.
        ("tanh", 1e5, "the largest sigma_b there is 99999.1, at q = 1e+10"),
        ("tanh", 1e-300, "the least sigma_b there is 1.08"),
        # ReLU and Softplus up to 1e9 and 1e12, then bounded: their edges lie beyond 1e10.
        (capped(1e9), 0.2, "there phi is ReLU-like or linear"),
        (far_softplus(1e12), 0.2, "q - E[phi^2]/E[phi'^2] is negative"),
        (Activation("late", lambda x: torch.relu(x - 1e7)), 0.2, "E[phi'^2] is 0 to all digits"),
    ],
)
def test_the_end_of_the_search_is_no_theorem(phi, sigma_b, told):
    with pytest.raises(eoc.NoEdge) as caught:
        eoc.edge_point(phi, sigma_b)
    message = str(caught.value)
    assert f"no edge at sigma_b = {sigma_b:g} has q from 1e-16 to 1e+10 (" in message
    assert told in message and message.endswith(NOT_SEARCHED)
    assert eoc.edge_curve(phi, [sigma_b])[0].reason == message


def test_edges_of_what_looks_like_relu_and_softplus_lie_beyond_the_search():
    for phi in (capped(1e9), far_softplus(1e12)):
        h = edge_equation(phi, [1e10, 1e18, 1e26])
        assert h[0] <= 0 < h[2]


def test_what_has_been_looked_at_far_out_is_said():
    for name, told in (("softplus", "from 1e-16 to 1e+10"), ("log_sigmoid", "on to 1e+20")):
        with pytest.raises(eoc.NoEdge, match=r"no edge at any sigma_b: .* is negative") as caught:
            eoc.edge_point(name, 0.2)
        assert told in str(caught.value)
