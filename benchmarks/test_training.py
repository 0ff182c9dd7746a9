"""Nets trained together and one by one, in one run on one machine. `make bench`."""

import statistics
import time

import pytest
import torch

from edgeofchaos import activation, edge_point
from edgeofchaos.training.ensemble import Ensemble
from edgeofchaos.training.loop import batches, train
from edgeofchaos.training.parameters import Member

STEPS, BATCH, DEPTH, ROUNDS = 10, 64, 20, 15


def digits(device):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2000, 784, generator=generator)
    labels = torch.randint(0, 10, (2000,), generator=generator)
    return images.to(device), labels.to(device)


def members():
    out = []
    for name, sigma_b in (("relu", 0.0), ("tanh", 0.2)):
        point = edge_point(name, sigma_b)
        out += [Member(activation(name), sigma_b, point.sigma_w, 1.0, s) for s in range(5)]
    return out


class Elementwise(torch.nn.Module):
    def __init__(self, phi):
        super().__init__()
        self.phi = phi

    def forward(self, x):
        return self.phi(x)


def alone(phi, width, device):
    layers = [torch.nn.Linear(784, width), Elementwise(phi)]
    for _ in range(DEPTH - 1):
        layers += [torch.nn.Linear(width, width), Elementwise(phi)]
    return torch.nn.Sequential(*layers, torch.nn.Linear(width, 10)).to(device)


def together(width, device):
    net = Ensemble(members(), width=width, depth=DEPTH, device=device)
    images, labels = digits(device)

    def run():
        train(net, images, labels, steps=net.step_count + STEPS, batch=BATCH, every=10**9,
              report=lambda step, losses: None)  # fmt: skip

    return run


def one_by_one(width, device, **adam):
    """The plain loop, on the mini-batches of the ensemble; ``adam`` goes to torch.optim.Adam."""
    images, labels = digits(device)
    nets = []
    for member in members():
        net = alone(member.phi, width, device)
        nets.append((member.seed, net, torch.optim.Adam(net.parameters(), lr=1e-3, **adam)))

    def run():
        for seed, net, optimiser in nets:
            for step in range(STEPS):
                index = torch.from_numpy(batches(seed, step, len(images), BATCH)).to(device)
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(net(images[index]), labels[index]).backward()
                optimiser.step()

    return run


WAYS = {
    "together": together,
    "one by one": one_by_one,
    "one by one, fused Adam": lambda *shape: one_by_one(*shape, fused=True),
}
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def seconds(run, device):
    start = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("width", [50, 100])
def test_ten_nets(width, device, capsys):
    """In turn, so that a machine whose speed drifts slows all of them alike."""
    runs = {way: make(width, device) for way, make in WAYS.items()}
    for run in runs.values():
        seconds(run, device)
    rounds = [{way: seconds(run, device) for way, run in runs.items()} for _ in range(ROUNDS)]
    with capsys.disabled():
        print(f"\n10 nets {width} wide, {DEPTH} deep, {device}, {torch.get_num_threads()} threads")
        for way in WAYS:
            mine = [r[way] / STEPS * 1e3 for r in rounds]
            ratio = statistics.median(r[way] / r["together"] for r in rounds)
            print(f"{way:24} ms a step: least {min(mine):6.2f}, median "
                  f"{statistics.median(mine):6.2f}; to together, median {ratio:.2f}")  # fmt: skip
