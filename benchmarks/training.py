"""Ten nets trained as one, one after another, and by `torch.func.vmap` over an ensemble."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch.func import grad_and_value, vmap

from benchmarks.measure import Comparison, Contestant, bound
from edgeofchaos import activation, edge_point
from edgeofchaos.training.ensemble import Ensemble
from edgeofchaos.training.loop import batches, train
from edgeofchaos.training.parameters import Member

DEVICE_NAMES = {"cpu": "the processor", "cuda": "the GPU"}
STEPS, BATCH, IMAGES, RATE = 5, 64, 2000, 1e-3
Data = tuple[torch.Tensor, torch.Tensor]
Layers = list[tuple[torch.Tensor, torch.Tensor]]


def data(device: str, dtype: torch.dtype = torch.float32) -> Data:
    """Random images and labels, of MNIST's shape."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(IMAGES, 784, generator=generator, dtype=torch.float64).to(dtype)
    labels = torch.randint(0, 10, (IMAGES,), generator=generator)
    return images.to(device), labels.to(device)


def members() -> list[Member]:
    """Five ReLU and five tanh nets on their edges, in pairs of one seed."""
    found = []
    for name, sigma_b in (("relu", 0.0), ("tanh", 0.2)):
        sigma_w = edge_point(name, sigma_b).sigma_w
        found += [Member(activation(name), sigma_b, sigma_w, 1.0, seed) for seed in range(5)]
    return found


def ensemble(width: int, depth: int, device: str, dtype: torch.dtype = torch.float32) -> Ensemble:
    """Ours, and where the others take their weights from."""
    return Ensemble(
        members(), width=width, depth=depth, learning_rate=RATE, device=device, dtype=dtype
    )


def layers_of(net: Ensemble) -> Layers:
    """Weights (M, fan-in, out) and biases (M, 1, out) of each layer."""
    count = net.depth + 1
    return [(net.parameters.weights_of(i), net.parameters.biases[i]) for i in range(count)]


def together(width: int, depth: int, device: str = "cpu") -> Callable[[], np.ndarray]:
    """Steps of the ensemble; each call goes on where the last one ended. Losses (STEPS, M)."""
    net, (images, labels) = ensemble(width, depth, device), data(device)

    def run() -> np.ndarray:
        losses: list[torch.Tensor] = []
        train(net, images, labels, steps=net.step_count + STEPS, batch=BATCH, every=1,
              report=lambda step, found: found is not None and losses.append(found),
              )  # fmt: skip
        return torch.stack(losses).cpu().numpy()

    return run


def tanh_nets(count: int) -> Callable[[], object]:
    """A step of so many tanh nets, 50 wide and 10 deep, each with digits of its own."""
    tanh, sigma_w = activation("tanh"), edge_point("tanh", 0.2).sigma_w
    net = Ensemble([Member(tanh, 0.2, sigma_w, 1.0, i) for i in range(count)], width=50, depth=10)
    images, labels = data("cpu")
    shown = images[:BATCH].expand(count, -1, -1), labels[:BATCH].expand(count, -1)
    return lambda: net.step(*shown)


def products(width: int, depth: int, device: str) -> Callable[[], object]:
    """The matrix products of the steps alone: one a layer forward and two back, in the first layer
    one, there for both nets of a seed at once.
    """
    count, generator = len(members()), torch.Generator().manual_seed(0)

    def some(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator).to(device)

    pairs = []
    for i, (fan_in, out) in enumerate(pairwise([784, *[width] * depth, 10])):
        stack, columns = (count, out) if i else (count // 2, 2 * out)
        x, w = some(stack, BATCH, fan_in), some(stack, fan_in, columns)
        y = some(stack, BATCH, columns)
        pairs += [(x, w), (x.transpose(1, 2), y)]
        if i:
            pairs.append((y, w.transpose(1, 2)))
    outs = [torch.bmm(a, b) for a, b in pairs]

    def run() -> float:
        for _ in range(STEPS):
            for (a, b), out in zip(pairs, outs, strict=True):
                torch.bmm(a, b, out=out)
        return float(outs[-1][0, 0, 0])  # a GPU has to be done

    return run


def one_by_one(
    width: int, depth: int, device: str, dtype: torch.dtype = torch.float32, **adam: bool
) -> Callable[[], np.ndarray]:
    """The plain loop over nets of `torch.nn.Linear`; ``adam`` goes to the optimiser."""
    images, labels = data(device, dtype)
    layers = layers_of(ensemble(width, depth, device, dtype))
    nets = []
    for m, member in enumerate(members()):
        linear = [torch.nn.Linear(w.shape[1], w.shape[2]).to(device, dtype) for w, _ in layers]
        with torch.no_grad():
            for module, (weight, bias) in zip(linear, layers, strict=True):
                module.weight.copy_(weight[m].T)
                module.bias.copy_(bias[m, 0])
        phi = torch.nn.ReLU() if member.phi.name == "relu" else torch.nn.Tanh()
        net = torch.nn.Sequential(*[part for module in linear for part in (module, phi)][:-1])
        nets.append((member.seed, net, torch.optim.Adam(net.parameters(), lr=RATE, **adam)))
    done = 0

    def run() -> np.ndarray:
        nonlocal done
        losses = []
        for seed, net, optimiser in nets:
            for step in range(done, done + STEPS):
                index = torch.from_numpy(batches(seed, step, IMAGES, BATCH)).to(device)
                optimiser.zero_grad()
                loss = torch.nn.functional.cross_entropy(net(images[index]), labels[index])
                loss.backward()
                optimiser.step()
                losses.append(loss.detach())
        done += STEPS
        return torch.stack(losses).reshape(len(nets), STEPS).T.cpu().numpy()

    return run


def by_vmap(width: int, depth: int, device: str) -> Callable[[], np.ndarray]:
    """`torch.func.vmap` of the gradient, a group of nets an activation, one fused Adam for all."""
    images, labels = data(device)
    layers = layers_of(ensemble(width, depth, device))
    groups = []
    for phi, part in ((torch.relu, slice(0, 5)), (torch.tanh, slice(5, 10))):
        stacked = [(w[part].clone(), b[part].clone()) for w, b in layers]
        groups.append((vmap(grad_and_value(_loss(phi))), stacked))
    parameters = [tensor for _, stacked in groups for pair in stacked for tensor in pair]
    optimiser, done = torch.optim.Adam(parameters, lr=RATE, fused=True), 0

    def run() -> np.ndarray:
        nonlocal done
        losses = []
        for step in range(done, done + STEPS):
            picked = np.stack([batches(seed, step, IMAGES, BATCH) for seed in range(5)])
            index = torch.from_numpy(picked).to(device)
            found = []
            for gradient, stacked in groups:
                gradients, values = gradient(stacked, images[index], labels[index])
                found.append(values)
                for pair, grads in zip(stacked, gradients, strict=True):
                    for tensor, one in zip(pair, grads, strict=True):
                        tensor.grad = one
            optimiser.step()
            losses.append(torch.cat(found))
        done += STEPS
        return torch.stack(losses).cpu().numpy()

    return run


def _loss(phi: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    def loss(layers: Layers, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        for weight, bias in layers[:-1]:
            x = phi(torch.addmm(bias[0], x, weight))
        weight, bias = layers[-1]
        return torch.nn.functional.cross_entropy(torch.addmm(bias[0], x, weight), y)

    return loss


def comparisons(quick: bool) -> list[Comparison]:
    """One comparison a width and device: the processor, and a GPU where there is one."""
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    widths = (8,) if quick else (50, 100)
    return [_comparison(width, 20, device) for device in devices for width in widths]


def _comparison(width: int, depth: int, device: str) -> Comparison:
    shape = width, depth, device
    right = one_by_one(width, depth, "cpu", torch.float64)()
    return Comparison(
        f"training_{width}_{device}",
        f"Training: ten nets {width} wide and {depth} deep, {STEPS} steps of Adam, "
        f"{DEVICE_NAMES[device]}",
        f"Five ReLU and five tanh nets from the same weights on the same mini-batches of {BATCH}, "
        "float32. The error is that of the losses before and after the first step of all, against "
        "one net after another in float64; later Adam makes rounding larger from step to step, "
        "whichever way the nets are trained.",
        [
            Contestant("`Ensemble`", together(*shape), 1e-5, role="ours"),
            Contestant("one after another, `Adam(fused=True)`",
                       one_by_one(*shape, fused=True), 1e-5),
            Contestant("one after another, `Adam`", one_by_one(*shape), 1e-5),
            Contestant("`torch.func.vmap`, `Adam(fused=True)`", by_vmap(*shape), 1e-5),
            bound("the matrix products alone", products(*shape)),
        ],
        lambda losses: np.abs(losses[:2] / right[:2] - 1).max(),
        "largest relative error of a loss",
    )  # fmt: skip
