"""Nets on either side of Swish's fold at sigma_b = 0.72, against a recursion of the tests' own."""

import math

import numpy as np
import pytest
from independent import normal_pdf
from scipy.special import expit

from edgeofchaos.experiments.nets_window import nets_window

Z = np.linspace(-12, 12, 481)
WEIGHT = normal_pdf(Z) * (Z[1] - Z[0])


def recursion(start, sigma_b, w2, layers):
    """The variances q^1 ... q^layers of Swish, by the trapezoid rule, and chi_1 at each."""
    path, chi1 = [start], []
    for _ in range(layers):
        u = math.sqrt(path[-1]) * Z
        s = expit(u)
        chi1.append(w2 * float((s + u * s * (1 - s)) ** 2 @ WEIGHT))
        path.append(sigma_b**2 + w2 * float((u * s) ** 2 @ WEIGHT))
    return np.array(path[:-1]), np.array(chi1)


@pytest.fixture(scope="module")
def table():
    found = nets_window(
        sigma_b=0.72, sigma_w_squared=[1.990, 1.997], starts=[0.5, 1.4], width=4000, layers=60,
        draws=24, seed=1, device="cpu",
    )  # fmt: skip
    return found["nets_window"]


def test_the_limiting_variances_and_chi_1_beside_them(table):
    assert [r["q"] for r in table[::2]] == pytest.approx([4.84034, 234.821], rel=1e-5)
    assert [r["chi1"] for r in table[::2]] == pytest.approx([0.945106, 1.00886], rel=1e-5)


def test_nets_follow_the_recursion_and_1_minus_c_falls_below_the_fold_and_grows_above(table):
    for row in table:
        path, chi1 = recursion(row["start_q"], 0.72, row["sigma_w"] ** 2, 60)
        assert row["growth_theory"] == pytest.approx(np.log(chi1[30:-1]).mean(), abs=1e-6)
        assert (
            abs(row["log_ratio"])
            < 6 * row["log_ratio_error"] + row["log_ratio_finite"]
            < math.log(2)
        )
        assert row["growth"] * (row["chi1"] - 1) > 0
        assert row["growth"] == pytest.approx(row["growth_theory"], abs=0.01)
        assert np.isfinite(path).all()


def test_where_every_variance_diverges_there_is_no_limit_to_start_from():
    with pytest.raises(ValueError, match="no finite limit"):
        nets_window(
            sigma_b=0.72, sigma_w_squared=[2.1], starts=[1.0], width=10, layers=5, draws=8, seed=1,
            device="cpu",
        )  # fmt: skip
