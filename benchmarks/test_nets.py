"""How fast random nets are simulated, in one run on one machine. `make bench`; nothing here tests.

The conditional sampler draws N B numbers a layer where drawing the weights takes N^2.
"""

import math
import resource

import pytest
import torch

from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate

INPUTS = pair_inputs((1.0, 1.0), 1.0, 0.0, math.sqrt(2))


def relu_net(width, layers, dtype=torch.float64, **kwargs):
    return propagate("relu", 0.0, math.sqrt(2), INPUTS, [width] * layers, dtype=dtype,
                     device="cpu", **kwargs)  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.mark.benchmark(group="a net 4,096 wide and 50 deep, 2 inputs")
@pytest.mark.parametrize("sampler", ["conditional", "dense"])
def test_samplers(benchmark, sampler):
    rounds = 20 if sampler == "conditional" else 1
    benchmark.pedantic(
        lambda: relu_net(4096, 50, sampler=sampler), rounds=rounds, warmup_rounds=rounds // 10
    )


@pytest.mark.benchmark(group="20 layers by width")
@pytest.mark.parametrize("width", [1_000, 10_000, 100_000, 1_000_000])
def test_width(benchmark, width):
    benchmark.pedantic(lambda: relu_net(width, 20), rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="10,000 wide by depth")
@pytest.mark.parametrize("layers", [10, 100, 1000])
def test_depth(benchmark, layers):
    benchmark.pedantic(lambda: relu_net(10_000, layers), rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="a net 1,000,000 wide and 1,000 deep, 2 inputs")
def test_the_great_net(benchmark):
    nets = benchmark.pedantic(
        lambda: relu_net(1_000_000, 1000, dtype=torch.float32, seed=1), rounds=1
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    last = nets.complement()[0, -1]
    benchmark.extra_info["peak memory of the process, MiB"] = round(peak)
    benchmark.extra_info["(1 - c) l^2/(9 pi^2/2)"] = round(last * 1e6 / (4.5 * math.pi**2), 3)
