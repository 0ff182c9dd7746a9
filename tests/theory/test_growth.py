"""Whether phi and phi(x)/x stay bounded, far out."""

import pytest
import torch

import edgeofchaos as eoc
from edgeofchaos.activations import Activation


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
def test_what_overflows_far_out_is_judged_by_what_it_is_before(fn, bounded, linear):
    found = eoc.check_conditions(Activation("overflows", fn))
    assert one(found, "bounded", 5).holds is bounded
    assert one(found, "bounded", 7).holds is bounded
    assert one(found, I_BOUND, 4).holds is linear
    assert float(one(found, I_BOUND, 4).where.rpartition(" ")[2]) < 1e5  # and it says so


def test_nan_far_out_leaves_open_what_is_bounded():
    found = eoc.check_conditions(Activation("nan", lambda x: torch.exp(x) / (1 + torch.exp(x))))
    assert one(found, "bounded", 5).holds is None
