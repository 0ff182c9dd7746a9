"""Depth scales, the chaotic phase and Lemma 1, measured on the recursions."""

import math

import numpy as np
import pytest
from independent import pair_expectation, slope_square, variance_step

from edgeofchaos.experiments.depth_scales import chaotic_limits, decays, decorrelations


def tanh_map(sigma_b, sigma_w, q):
    """f of tanh by Hermite quadrature."""

    def f(c):
        product = pair_expectation(lambda u, v: np.tanh(u) * np.tanh(v), q, q, c)
        return (sigma_b**2 + sigma_w**2 * product) / q

    return f


@pytest.mark.parametrize("name", ["tanh", "elu", "hardtanh"])
def test_measured_decays_have_the_predicted_lengths(name):
    fits, paths = decays(name, 0.3, [0.8, 0.95], 300)
    assert [f["quantity"] for f in fits] == ["q", "c", "q", "c"]
    for fit in fits:
        assert fit["points"] >= 3
        assert fit["predicted"] == pytest.approx(-1 / math.log(fit["slope"]), rel=1e-12)
        assert fit["fitted"] == pytest.approx(fit["predicted"], rel=2e-3)
    assert min(p["deviation"] for p in paths) > 1e-14


def test_no_decay_of_1_minus_c_in_the_chaotic_phase():
    fits, _ = decays("tanh", 0.3, [1.8], 100)
    assert [f["quantity"] for f in fits] == ["q"]
    assert fits[0]["chi1"] > 1


@pytest.mark.parametrize(("sigma_b", "sigma_w"), [(0.3, 1.8), (0.1, 1.5)])
def test_chaos_has_one_limit_from_every_start(sigma_b, sigma_w):
    rows = chaotic_limits("tanh", sigma_b, sigma_w, [1e-6, 0.1, 0.9, 1.5])
    limits = [r["limit"] for r in rows]
    assert np.ptp(limits) < 1e-11
    q = 1.0
    for _ in range(300):
        q = variance_step("tanh", sigma_b, sigma_w, q)
    f, c = tanh_map(sigma_b, sigma_w, q), 0.5
    for _ in range(300):
        c = f(c)
    assert 0 < c < 0.95
    assert 1 - limits[0] == pytest.approx(c, abs=1e-7)
    slope = (f(c + 1e-4) - f(c - 1e-4)) / 2e-4
    assert rows[0]["slope"] == pytest.approx(slope, rel=1e-5)
    assert rows[0]["slope"] < 1 < rows[0]["chi1"]
    assert rows[0]["chi1"] == pytest.approx(sigma_w**2 * slope_square("tanh", q), rel=1e-9)


def test_close_inputs_part_after_a_logarithm_of_their_distance():
    rows = decorrelations("tanh", 0.3, 1.8, [1e-2, 1e-4, 1e-6, 1e-8])
    layers = np.array([r["layers"] for r in rows])
    predicted = np.array([r["predicted"] for r in rows])
    np.testing.assert_allclose(predicted, [2 * k * math.log(10) / math.log(rows[0]["chi1"])
                                           for k in (2, 4, 6, 8)])  # fmt: skip
    # The linear regime gives the growth with log(1/epsilon); start and end add a constant.
    np.testing.assert_allclose(np.diff(layers), np.diff(predicted), atol=1.5)
    assert len({r["limit"] for r in rows}) == 1
