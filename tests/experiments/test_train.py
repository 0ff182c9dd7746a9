"""Nets that are trained in groups of seeds, against all of them at once."""

from copy import deepcopy

import numpy as np
import pytest

from edgeofchaos.experiments.train import train
from edgeofchaos.training.mnist import Digits

# Of which a group of one seed is all that fits.
ONE_SEED = 1.5


@pytest.fixture(scope="module")
def digits():
    rng = np.random.default_rng(0)
    images = rng.random((300, 784), dtype=np.float32)
    labels = rng.integers(0, 10, 300)
    return Digits(images, labels), Digits(images[:50], labels[:50])


def tables(digits, **changed):
    return train(**{
        "width": 6, "depth": 3, "inits": ["tanh-edge", "relu-edge"], "sigma_b": 0.2, "seed": 1,
        "seeds": 3, "images": 300, "steps": 6, "batch": 20, "every": 2, "digits": digits,
        "device": "cpu", "memory_gb": 16.0, **changed,
    })  # fmt: skip


def same(found, wanted):
    for name, rows in wanted.items():
        assert [r.keys() for r in found[name]] == [r.keys() for r in rows]
        for row, right in zip(found[name], rows, strict=True):
            for key, value in right.items():
                if isinstance(value, float):
                    # Products of more nets at once may be rounded otherwise.
                    assert row[key] == pytest.approx(value, rel=1e-4, abs=1e-6, nan_ok=True), key
                else:
                    assert row[key] == value


def test_one_seed_at_a_time_gives_the_tables_of_all_at_once(digits):
    same(tables(digits, memory_gb=ONE_SEED), tables(digits))


def test_a_training_that_stops_in_its_second_group_goes_on_there(digits):
    saved = []
    whole = tables(digits, memory_gb=ONE_SEED, save=lambda state: saved.append(deepcopy(state)))
    assert [state["group"] for state in saved] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    again = []
    resumed = tables(digits, memory_gb=ONE_SEED, saved=saved[4], save=again.append)
    assert [state["group"] for state in again] == [1, 2, 2, 2]
    same(resumed, whole)
