"""Activations drawn from a grammar, each answer held against a slow path (`make fuzz` has more)."""

import warnings

import mpmath
import numpy as np
import pytest
import torch
from fuzz import leaves, reasons
from fuzz.compared import compare
from fuzz.grammar import ASKED, SIGMA_BS, TREES, Sum, Tanh, Term
from fuzz.slow_path import SlowPath
from hypothesis import HealthCheck, Phase, given, seed, settings
from todays import SEED


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# Not shrunk: a minute each, and `make fuzz` prints what it finds as it comes.
@seed(SEED)
@settings(max_examples=60, database=None, deadline=None, phases=[Phase.generate],
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(tree=TREES, sigma_b=SIGMA_BS, ask=ASKED)
@pytest.mark.slow
def test_no_answer_is_wrong(tree, sigma_b, ask):
    verdict = compare(tree, sigma_b, ask)
    assert not verdict.wrong, "\n".join([*verdict.wrong, f"lambda x: {tree.source()}"])


@settings(max_examples=50, derandomize=True, database=None, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(tree=TREES)
def test_values_and_derivatives_by_hand_are_those_of_mpmath_and_the_torch_source(tree):
    # Points that no drawn kink lies at.
    points = np.array([-7.123456789, -1.0304050607, 0.0112233445566, 0.98765432101, 3.3219280949])
    value, slope, curvature = (np.broadcast_to(x, 5) for x in tree.jet(points))
    size = tree.size(points)
    with mpmath.workdps(60):
        right = np.array([
            [float(mpmath.diff(tree.exact, mpmath.mpf(u), n, h=mpmath.mpf(10) ** -18))
             for u in points] for n in (0, 1, 2)
        ])  # fmt: skip
    steep = 1 + max(1 / width for _, width in [*tree.features(), (0.0, 1.0)])
    np.testing.assert_allclose(value, right[0], rtol=1e-13, atol=1e-14 * size.max())
    np.testing.assert_allclose(slope, right[1], rtol=1e-11, atol=1e-13 * size.max() * steep)
    np.testing.assert_allclose(curvature, right[2], rtol=1e-9, atol=1e-12 * size.max() * steep**2)
    by_torch = tree.torch()(torch.from_numpy(points)).numpy()
    np.testing.assert_allclose(by_torch, value, rtol=1e-12, atol=1e-13 * size.max())


@settings(max_examples=50, derandomize=True, database=None, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(tree=TREES)
def test_jumps_by_hand_are_those_of_the_slope_on_either_side(tree):
    kinks = np.array([k for k, _ in tree.jumps()])
    if not kinks.size:
        return
    assert (np.diff(kinks) > 0).all()
    for kink, jump in tree.jumps():
        others = kinks[kinks != kink]
        near = 1e-3 * min(1.0, np.abs(others - kink).min(initial=1.0))
        near = min([near, *(1e-6 * width for _, width in tree.features())])
        _, slope, bend = (np.broadcast_to(x, 2) for x in tree.jet(kink + near * np.array([-1, 1])))
        allowed = 1e-9 + 4 * near * np.abs(bend).max() + 1e-9 * np.abs(slope).max()
        assert slope[1] - slope[0] == pytest.approx(jump, abs=allowed)


def term(leaf, a=1.0, m=0.0, c=1.0):
    return Term(leaf, a, m, c)


SMOOTH, KINKED = leaves.SMOOTH, leaves.KINKED
EXP = leaves.WRITTEN_OUT["softplus by exp"]
ONE = Sum((term(SMOOTH["sigmoid"], 1.3), term(SMOOTH["sigmoid"], -1.3)), 0.0)
SATURATED = Tanh(Sum((term(KINKED["soft shrink"], 0.366, -1.97, 67.6),
                      term(KINKED["hard swish"], -1.0, 0.0, 38.9)), 0.0))  # fmt: skip
STEEP = Sum((term(EXP, 1000.0), term(SMOOTH["atan"])), 0.0)
TANH = Sum((term(SMOOTH["tanh"]),), 0.0)
NOISE = "activation 'drawn': phi' varies from one point to the next by 1 of its size"
LOST = "expectations are known at no variance, as rounding leaves no digits of phi at u = -0.573"
INFINITE = "activation 'drawn' is not finite at 1.1; it must be"
NAN = "autograd has phi'(1.1) = nan, where phi is 1.1; allowed is a finite derivative, also of"
ALIKE = "activation 'drawn': phi is constant, 1, to rounding for |u| <= 8, so that its derivatives"


@pytest.mark.parametrize(
    ("reason", "true_of", "false_of"),
    [
        (NOISE, ONE, TANH),
        (LOST, SATURATED, TANH),
        (INFINITE, STEEP, Sum((term(EXP, 600.0),), 0.0)),
        (NAN, STEEP, Sum((term(EXP, 200.0),), 0.0)),
        (ALIKE, ONE, SATURATED.inner),
    ],
)
def test_a_reason_is_true_of_one_activation_and_not_of_another(reason, true_of, false_of):
    assert not reasons.wrong(reason, true_of)
    assert reasons.wrong(reason, false_of)


def test_the_slow_path_sees_a_fall_of_f_between_the_points_of_its_grid():
    tree = Sum((term(SMOOTH["gelu"], -0.327, -4.58, -0.897),), 0.0)
    verdict = compare(tree, 0.105, "conditions")
    assert not verdict.wrong and not verdict.unsure


def test_the_slow_path_warns_of_nothing_where_the_slope_underflows():
    tree = Sum((term(KINKED["clamp"], -0.349, -3.82, 1.03),), 0.0)
    assert not compare(tree, 0.163, "conditions").wrong
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SlowPath(tree).ratio(1e-3) > 1e100
        assert SlowPath(tree).smallest_root(0.163)[0] == pytest.approx(17.6936403, rel=1e-7)
