"""Where the edge is stable, and the phases at one sigma_b, against brute-force iteration of F."""

import math
from dataclasses import replace

import numpy as np
import pytest
from independent import normal_pdf
from scipy.special import expit

import edgeofchaos as eoc
from edgeofchaos.theory import stability
from edgeofchaos.theory.stability import has_edge_at_limit

# The trapezoid rule in z, whose error is below 1e-12 for these smooth integrands.
Z = np.linspace(-12, 12, 481)
WEIGHT = normal_pdf(Z) * (Z[1] - Z[0])


def swish_moments(x):
    """E[phi^2] and E[phi'^2] of Swish under N(0, x)."""
    u = math.sqrt(x) * Z
    s = expit(u)
    return float((u * s) ** 2 @ WEIGHT), float((s + u * s * (1 - s)) ** 2 @ WEIGHT)


def swish_at_its_limit(sigma_b, sigma_w2):
    """The variance that iterating F from sigma_b^2 leads to, and chi_1 there; inf if it grows."""
    x = sigma_b**2
    for _ in range(100_000):
        new = sigma_b**2 + sigma_w2 * swish_moments(x)[0]
        if abs(new - x) < 1e-12 * x:
            return x, sigma_w2 * swish_moments(x)[1]
        if new > 1e4:
            return math.inf, math.nan
        x = new
    raise AssertionError("no limit in 100,000 layers")


def test_swish_is_unstable_below_its_threshold_and_stable_above():
    turn = eoc.stability_threshold("swish")
    assert turn.sigma_b**2 == pytest.approx(0.555143, abs=1e-6)
    assert turn.sigma_w**2 == pytest.approx(1.988005, abs=1e-6)
    assert turn.q == pytest.approx(14.32017, abs=1e-5)
    below = eoc.edge_point("swish", sigma_b=0.2)
    assert (below.status, below.stable) == ("unstable", False)
    assert below.smallest_fixed_point == pytest.approx(0.19403796, abs=1e-8)
    assert eoc.edge_point("swish", sigma_b=0.8).stable
    assert eoc.stability_threshold("tanh") is None
    assert eoc.stability_threshold("relu") is None


@pytest.mark.parametrize(
    ("name", "sigma_b", "chaotic", "edge"),
    [
        ("tanh", 0.2, True, True),
        ("swish", 0.2, False, False),
        ("swish", 0.5, False, False),
        # Between 0.71129 and 0.74508 the fold lies below sigma_w^2 = 2: chi_1 jumps over 1.
        ("swish", 0.72, True, False),
        ("swish", 0.74, True, False),
        ("swish", 0.75, True, True),
        ("relu", 0.2, False, False),
        ("softplus", 0.2, False, False),
    ],
)
def test_a_chaotic_phase_and_an_edge_are_two_things(name, sigma_b, chaotic, edge):
    found = eoc.limiting_phases(name, sigma_b)
    assert (found.chaotic_phase, found.edge_at_limit) == (chaotic, edge)
    assert has_edge_at_limit(name, sigma_b) == edge


@pytest.mark.slow
def test_across_swishs_fold_chi1_jumps_over_one_by_brute_force():
    found = eoc.limiting_phases("swish", 0.72)
    fold = found.sigma_w_fold**2
    assert fold == pytest.approx(1.99632, abs=5e-6)
    below, above = swish_at_its_limit(0.72, fold - 2e-5), swish_at_its_limit(0.72, fold + 2e-5)
    assert below[0] < found.q_fold == pytest.approx(7.66, abs=5e-3)
    assert below[1] < found.chi1_fold == pytest.approx(0.980, abs=5e-4)
    assert above == (pytest.approx(180, abs=1), pytest.approx(1.0097, abs=1e-4))
    assert swish_at_its_limit(0.72, 1.997) == (
        pytest.approx(234.8, abs=0.1),
        pytest.approx(1.0089, abs=1e-4),
    )
    # Ordered at all smaller sigma_w, chaotic at larger ones: 1 is never met.
    smaller = [swish_at_its_limit(0.72, w2)[1] for w2 in np.linspace(0.5, fold - 1e-4, 9)]
    larger = [swish_at_its_limit(0.72, w2)[1] for w2 in np.linspace(fold + 1e-4, 1.999, 5)]
    assert max(smaller) < 0.98
    assert min(larger) > 1.005
    assert found.chi1_sup == pytest.approx(above[1], abs=1e-4)


def test_above_its_threshold_swish_meets_one_by_brute_force():
    point = eoc.edge_point("swish", 0.8)
    q, chi1 = swish_at_its_limit(0.8, point.sigma_w**2)
    assert q == pytest.approx(point.q, rel=1e-8)
    assert chi1 == pytest.approx(1.0, abs=1e-9)


def test_any_solution_that_is_the_limit_makes_an_edge(monkeypatch):
    stable = eoc.edge_point("tanh", 0.2)
    repelling = replace(stable, stable=False, status="unstable")
    for points, edge in (([repelling], False), ([repelling, stable], True), ([], False)):
        monkeypatch.setattr(stability, "edge_points", lambda phi, b, points=points: points)
        assert has_edge_at_limit("tanh", 0.2) == edge


def test_without_a_fold_there_is_none():
    found = eoc.limiting_phases("tanh", 0.3)
    assert found.sigma_w_fold == math.inf
    assert math.isnan(found.q_fold)


@pytest.mark.parametrize("sigma_b", [0.0, -1.0, math.nan, "a"])
def test_limiting_phases_need_a_positive_sigma_b(sigma_b):
    with pytest.raises(ValueError, match="sigma_b"):
        eoc.limiting_phases("tanh", sigma_b)
