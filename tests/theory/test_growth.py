"""Whether phi and phi(x)/x stay bounded, far out."""

import math

import pytest
import torch

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory import growth


def one(conditions, name, proposition):
    (condition,) = [c for c in conditions if c.condition == name and c.proposition == proposition]
    return condition


I_BOUND = "(i) |phi(x)/x| <= K"
LOG_2 = 0.6931471805599453
OVERFLOWS = [
    # phi, and whether it is bounded and |phi(x)/x| is
    (lambda x: torch.log(1 + torch.exp(x)) - LOG_2, False, True),
    (lambda x: torch.log(1 + torch.exp(-3 * x)) - LOG_2, False, True),
    (lambda x: torch.log(1 + torch.exp(x / 50)) - LOG_2, False, True),
    (lambda x: LOG_2 + torch.relu(x) - torch.log(1 + torch.exp(x)), True, True),
    (lambda x: torch.exp(x) - 1, False, False),
    (torch.sinh, False, False),
]


@pytest.mark.parametrize(("fn", "bounded", "linear"), OVERFLOWS)
@pytest.mark.slow(after=2)
def test_what_overflows_far_out_is_judged_by_what_it_is_before(fn, bounded, linear):
    found = eoc.check_conditions(Activation("overflows", fn))
    assert one(found, "bounded", 5).holds is bounded
    assert one(found, "bounded", 7).holds is bounded
    assert one(found, I_BOUND, 4).holds is linear
    assert float(one(found, I_BOUND, 4).where.rpartition(" ")[2]) < 1e5  # and it says so


def test_nan_far_out_leaves_open_what_is_bounded():
    found = eoc.check_conditions(Activation("nan", lambda x: torch.exp(x) / (1 + torch.exp(x))))
    assert one(found, "bounded", 5).holds is None


@pytest.mark.parametrize("slope", [0.00307, -0.02])
@pytest.mark.slow(after=1)
def test_what_is_larger_close_by_may_still_grow_without_bound(slope):
    """At the last x before the overflow phi is smaller than about 0."""

    def rising(x):
        return torch.log(1 + torch.exp(-0.361 * x)) * abs(slope) / 0.361

    phi = Activation(
        "rising", lambda x: 20 * torch.exp(-x * x) + math.copysign(1, slope) * rising(x)
    )
    assert growth.bounded(phi)[:2] == (False, math.inf)
    squared = Activation("squared", lambda x: 5 * x * torch.exp(-x * x) + rising(x) ** 2)
    assert growth.linear_bound(squared, float(squared(0.0)))[0] is False
    both = Activation("bounded", lambda x: 20 * torch.exp(-x * x) + torch.tanh(rising(x)))
    assert growth.bounded(both)[0] is True


def test_what_oscillates_does_not_grow():
    assert growth.bounded(Activation("sin", torch.sin))[0] in (True, None)
    assert growth.bounded(Activation("sum", lambda x: torch.sin(x) + torch.tanh(x)))[0] is not False
