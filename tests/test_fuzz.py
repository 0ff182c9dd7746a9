"""Activations drawn from a grammar, each answer held against a slow path (`make fuzz` has more)."""

import mpmath
import numpy as np
import pytest
import torch
from fuzz.compared import compare
from fuzz.grammar import ASKED, SIGMA_BS, TREES
from hypothesis import HealthCheck, Phase, given, settings


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# Not shrunk: a minute each, and `make fuzz` prints what it finds as it comes.
@settings(max_examples=200, derandomize=True, database=None, deadline=None,
          phases=[Phase.generate],
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(tree=TREES, sigma_b=SIGMA_BS, ask=ASKED)
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
