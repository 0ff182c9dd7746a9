"""The paper's table as printed: what is tabulated of it, against independent numbers."""

import math

import pytest
from independent import slope_square, variance_step

from edgeofchaos.experiments.printed import PRINTED
from edgeofchaos.experiments.printed_table import printed_table


@pytest.fixture(scope="module")
def tables():
    return printed_table(layers=[10, 30, 100, 200], depth=200)


def row(tables, point, sigma_b):
    found = [r for r in tables["printed_points"] if (r["point"], r["sigma_b"]) == (point, sigma_b)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("printed", PRINTED, ids=lambda p: str(p.sigma_b))
def test_chi_1_and_the_gap_at_the_printed_points(printed, tables):
    found = row(tables, "printed", printed.sigma_b)
    chi1 = printed.sigma_w**2 * slope_square("swish", printed.q)
    assert found["chi1"] == pytest.approx(chi1, rel=1e-9)
    gap = variance_step("swish", printed.sigma_b, printed.sigma_w, printed.q) - printed.q
    assert found["gap"] == pytest.approx(gap, abs=1e-10)
    # No rounding of the printed digits makes it 1.
    assert found["chi1"] + found["chi1_rounding"] < 0.97


# As found by hand before this table was made: chi_1, the sigma_w of the fold, its q, and the
# sigma_w that solves chi_1(q^200) = 1.
KNOWN = {
    0.1: (0.956, 1.84241, 0.1395, 1.8450), 0.2: (0.967, 1.71471, 0.3418, 1.7167),
    0.3: (0.905, 1.61409, 0.6390, 1.6159), 0.4: (0.898, 1.53713, 1.0872, 1.5391),
    0.5: (0.950, 1.48036, 1.8005, 1.4827),
}  # fmt: skip


@pytest.mark.parametrize("sigma_b", KNOWN)
def test_the_fold_and_the_edge_at_depth_200(sigma_b, tables):
    found = row(tables, "printed", sigma_b)
    chi1, fold, q, at_depth = KNOWN[sigma_b]
    assert found["chi1"] == pytest.approx(chi1, abs=6e-4)
    assert found["sigma_w_fold"] == pytest.approx(fold, abs=6e-6)
    assert found["q_fold"] == pytest.approx(q, abs=6e-5)
    assert found["sigma_w_at_depth"] == pytest.approx(at_depth, abs=6e-5)
    # Fixed points are left only where the printed sigma_w is below the fold.
    below = found["sigma_w"] < found["sigma_w_fold"]
    assert found["fixed_points"] == (2 if below else 0)
    assert math.isnan(found["bottleneck_gap"]) == below


def test_where_variances_are_at_the_printed_point(tables):
    path = {
        r["layer"]: r["q"]
        for r in tables["printed_paths"]
        if (r["point"], r["sigma_b"], r["start"]) == ("printed", 0.2, "sigma_b^2")
    }
    q = 0.04
    for layer in range(1, 101):
        if layer in path:
            assert path[layer] == pytest.approx(q, rel=1e-8)
        q = variance_step("swish", 0.2, 1.718, q)
    assert path[30] == pytest.approx(0.27, abs=5e-3) and path[100] == pytest.approx(0.37, abs=5e-3)
    assert 1e5 < path[200] < 1e6


def test_beside_them_stand_the_solutions_with_every_fixed_point(tables):
    found = row(tables, "chi1", 0.2)
    assert (found["sigma_w"], found["q"]) == pytest.approx((1.67953160, 0.68945250), rel=1e-8)
    fixed = [
        (r["x"], r["attracts"])
        for r in tables["printed_fixed_points"]
        if (r["point"], r["sigma_b"]) == ("chi1", 0.2)
    ]
    assert [attracts for _, attracts in fixed] == [True, False]
    assert [x for x, _ in fixed] == pytest.approx([0.19403796, 0.68945250], rel=1e-7)


def test_each_value_says_where_it_comes_from(tables):
    confirmed = [p.sigma_b for p in PRINTED if p.provenance.startswith("confirmed")]
    assert confirmed == [0.2]
    told = {
        r["sigma_b"]: r["provenance"] for r in tables["printed_points"] if r["point"] == "printed"
    }
    assert all(told[p.sigma_b] == p.provenance for p in PRINTED)


def test_a_depth_at_which_nothing_is_found_near_the_printed_sigma_w_has_none():
    found = printed_table(layers=[10], depth=10)["printed_points"]
    assert all(r["depth"] == 10 and math.isnan(r["sigma_w_at_depth"]) for r in found)
