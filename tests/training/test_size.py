"""What an ensemble asks for, against ensembles that are made."""

import itertools

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
    size = Size(width, depth, 1, nets, batch=64, steps=100, memory_gb=16)
    assert size.parameters == weights
    # Four numbers of four bytes a parameter, and a checkpoint, at the least.
    assert size.megabytes >= 20 * weights / 1e6


def test_more_steps_take_more_minutes_and_no_more_memory():
    short, long = (Size(100, 20, 3, 10, 64, steps, 16) for steps in (1_000, 100_000))
    assert long.megabytes == short.megabytes and long.minutes > 10 * short.minutes


@pytest.mark.parametrize("memory_gb", [2, 3.7, 8, 16, 60])
@pytest.mark.parametrize("seeds", [1, 7, 30])
def test_groups_hold_each_seed_once_and_keep_to_the_memory(memory_gb, seeds):
    size = Size(300, 200, 5, seeds, 64, 1500, memory_gb)
    assert list(itertools.chain(*size.groups)) == list(range(seeds))
    lengths = {len(runs) for runs in size.groups}
    assert max(lengths) - min(lengths) <= 1
    one_seed = Size(300, 200, 5, 1, 64, 1500, memory_gb).megabytes
    assert size.megabytes <= max(1000 * memory_gb, one_seed)
    if len(size.groups) > 1 and max(lengths) > 1:
        # No fewer groups would do.
        fewer = -(-seeds // (len(size.groups) - 1))
        assert Size(300, 200, 5, fewer, 64, 1500, 1e4).megabytes > 1000 * memory_gb
