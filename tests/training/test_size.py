"""What an ensemble asks for, against ensembles that are made."""

import pytest

from edgeofchaos.activations import activation
from edgeofchaos.training.ensemble import Ensemble
from edgeofchaos.training.parameters import Member
from edgeofchaos.training.size import Size


@pytest.mark.parametrize(("width", "depth", "nets"), [(8, 2, 3), (50, 5, 2)])
def test_the_parameters_are_the_weights_of_the_ensemble(width, depth, nets):
    members = [Member(activation("tanh"), 0.1, 1.0, 1.0, seed) for seed in range(nets)]
    ensemble = Ensemble(members, width=width, depth=depth)
    weights = sum(weight.numel() for weight in ensemble.parameters.weights)
    size = Size(width, depth, nets, batch=64, steps=100)
    assert size.parameters == weights
    # Four numbers of four bytes a parameter, and a checkpoint, at the least.
    assert size.megabytes >= 20 * weights / 1e6


def test_more_steps_take_more_minutes_and_no_more_memory():
    short, long = (Size(100, 20, 30, 64, steps) for steps in (1_000, 100_000))
    assert long.megabytes == short.megabytes and long.minutes > 10 * short.minutes
