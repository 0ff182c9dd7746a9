"""Nets trained together and one by one, in one run on one machine. `make bench`."""

import pytest
import torch

from edgeofchaos import activation, edge_point
from edgeofchaos.ensemble import Ensemble, Member
from edgeofchaos.training import train

STEPS = 10


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


def alone(phi, width, depth, device):
    layers = [torch.nn.Linear(784, width), Elementwise(phi)]
    for _ in range(depth - 1):
        layers += [torch.nn.Linear(width, width), Elementwise(phi)]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(width, 10)).to(device)
    return net, torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)


DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("width", [50, 100])
@pytest.mark.parametrize("way", ["together", "one by one"])
def test_ten_nets(benchmark, width, way, device):
    benchmark.group = f"10 nets {width} wide and 20 deep, {STEPS} steps on {device}"
    images, labels = digits(device)
    if way == "together":
        net = Ensemble(members(), width=width, depth=20, device=device)

        def run():
            train(net, images, labels, steps=net.step_count + STEPS, batch=64, every=10**9,
                  report=lambda step, losses: None)  # fmt: skip
    else:
        nets = [alone(m.phi, width, 20, device) for m in members()]

        def run():
            for net, optimiser in nets:
                for step in range(STEPS):
                    x, y = images[step * 64 :][:64], labels[step * 64 :][:64]
                    optimiser.zero_grad()
                    torch.nn.functional.cross_entropy(net(x), y).backward()
                    optimiser.step()

    def timed():
        run()
        if device == "cuda":
            torch.cuda.synchronize()

    benchmark.pedantic(timed, rounds=5, warmup_rounds=1)
