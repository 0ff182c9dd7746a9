"""Gradients of random nets at initialisation, by autograd on drawn weights or conditionally.

For a random cotangent v ~ N(0, I) at the last layer, delta^l = d(v . y^L)/dy^l, and the mean
squared gradient of layer l is (1/N_l) sum_i (delta^l_i)^2. In the mean-field limit
E[(delta^l)^2] = chi_1 (N_(l+1)/N_l) E[(delta^(l+1))^2] (section 2; Schoenholz et al. 2017).

Conditionally: given layers l and l + 1 on B inputs, W = W^(l+1) is Gaussian with

    E[W^T] = (sigma_w^2/N) H K^-1 Y^T,    Cov(row) = (sigma_w^2/N) (I - M),
    M = (sigma_w^2/N) H K^-1 H^T,

H = phi(y^l) (N x B), Y = y^(l+1), K = sigma_b^2 11^T + (sigma_w^2/N) H^T H, so that

    W^T D = (sigma_w^2/N) H K^-1 Y^T D + (sigma_w/sqrt(N)) (I - M)^(1/2) Xi (D^T D)^(1/2)

with fresh Xi: a part the forward pass determines, and one it leaves free. O(N B^2) a layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from edgeofchaos.activations import Activation
from edgeofchaos.simulation import grams
from edgeofchaos.simulation.nets import RandomNets, random_nets
from edgeofchaos.simulation.samplers import covariance
from edgeofchaos.torch_state import thread_state

_RANK = 1e-12  # eigenvalues of the scaled K below this, times B, count as 0


@thread_state()
def mean_squared_gradients(
    phi: Activation | str,
    sigma_b: float,
    sigma_w: float,
    inputs: torch.Tensor,
    widths: Sequence[int],
    *,
    draws: int = 1,
    seed: int = 0,
    sampler: str = "auto",
    dtype: torch.dtype = torch.float64,
    device: str = "auto",
) -> torch.Tensor:
    """(1/N_l) |delta^l|^2 for every draw, layer and input, each input with its own cotangent.

    Memory is O(draws L N B), for the stored forward pass.

    Args:
        phi: the activation, or its name.
        sigma_b: standard deviation of the biases.
        sigma_w: standard deviation of a weight times the root of its fan-in.
        inputs: (d, B), one input a column.
        widths: N_1, ..., N_L.
        draws: how many independent nets.
        seed, sampler, dtype, device: as in :func:`.sampling.propagate`.

    Returns:
        A float64 tensor of shape (draws, L, B), on the CPU.

    Raises:
        ValueError: an argument is not allowed, as in :func:`.sampling.propagate`.

    Example:
        ``mean_squared_gradients("tanh", 0.2, 1.3, torch.ones(5, 1), [300] * 50, draws=10)``
    """
    nets = random_nets(phi, sigma_b, sigma_w, inputs, widths, draws, seed, sampler, dtype, device)
    run = _dense if nets.sampler == "dense" else _conditional
    return run(nets).to("cpu", torch.float64)


def _dense(nets: RandomNets) -> torch.Tensor:
    value = nets.inputs.T.to(nets.dtype).expand(nets.draws, -1, -1)  # (draws, B, N)
    layers: list[torch.Tensor] = []
    for width in nets.widths:
        fan_in = value.shape[-1]
        weights = nets.normal(nets.draws, fan_in, width) * (nets.sigma_w / math.sqrt(fan_in))
        y = value @ weights + nets.sigma_b * nets.normal(nets.draws, 1, width)
        layers.append(y.requires_grad_())
        value = nets.phi(y)
    (layers[-1] * nets.normal(*layers[-1].shape)).sum().backward(inputs=layers)
    gradients = [y.grad for y in layers if y.grad is not None]
    return torch.stack([(g**2).mean(-1) for g in gradients], 1)


def _conditional(nets: RandomNets) -> torch.Tensor:
    size = nets.inputs.shape[1]
    value = grams.to_differences(nets.inputs.T).expand(nets.draws, -1, -1)
    passed = []  # (Y, H, phi'(y)) of each layer, Y and H in the difference basis
    for width in nets.widths:
        root = grams.factor(covariance(value, nets.sigma_b, nets.sigma_w)).to(nets.dtype)
        y = root @ nets.normal(nets.draws, size, width)
        plain = grams.from_differences(y).requires_grad_()
        out = nets.phi(plain)
        (slope,) = torch.autograd.grad(out.sum(), plain)
        value = grams.to_differences(out.detach())
        passed.append((y, value, slope))
    delta = nets.normal(nets.draws, size, nets.widths[-1])
    found = [(delta**2).mean(-1)]
    for (_, h, slope), (above, _, _) in zip(passed[-2::-1], passed[:0:-1], strict=True):
        delta = slope * _transposed(nets, h, above, delta)
        found.append((delta**2).mean(-1))
    return torch.stack(found[::-1], 1)


def _transposed(
    nets: RandomNets, h: torch.Tensor, y: torch.Tensor, delta: torch.Tensor
) -> torch.Tensor:
    """W^T delta given the forward pass, one row an input: (draws, B, N).

    Args:
        h: (draws, B, N), the activations that W takes, in the difference basis.
        y: (draws, B, N'), the pre-activations that W gives, in the difference basis.
        delta: (draws, B, N'), the gradients at y, one row an input.
    """
    width = h.shape[-1]
    scale = nets.sigma_w**2 / width
    h64 = h.to(torch.float64)
    k = covariance(h64, nets.sigma_b, nets.sigma_w)
    size = k.diagonal(dim1=-2, dim2=-1).clamp(min=0).sqrt()
    size = torch.where(size > 0, size, 1.0)
    values, vectors = torch.linalg.eigh(k / (size[..., :, None] * size[..., None, :]))
    floor = _RANK * k.shape[-1]
    inverse = torch.where(values > floor, 1 / values.clamp(min=floor), 0.0)
    # K^+ = A A^T with A = size^-1 V lambda^(-1/2); M = (sqrt(scale) H A)(...)^T.
    a = vectors * inverse.sqrt()[..., None, :] / size[..., :, None]
    thin = math.sqrt(scale) * (a.mT @ h64)  # (draws, B, N): M = thin^T thin
    determined = math.sqrt(scale) * (thin.mT @ (a.mT @ (y @ delta.mT).to(torch.float64)))
    # (I - M)^(1/2) = I - sum_k (1 - sqrt(1 - lambda_k)) e_k e_k^T, e_k the unit eigenvectors of M
    lam, rotation = torch.linalg.eigh(thin @ thin.mT)
    lam = lam.clamp(min=0, max=1)
    basis = rotation.mT @ thin  # rows sqrt(lambda_k) e_k
    weight = torch.where(lam > floor, (1 - (1 - lam).sqrt()) / lam.clamp(min=floor), 0.0)
    fresh = nets.normal(*h.shape).to(torch.float64)
    fresh = fresh - ((fresh @ basis.mT) * weight[..., None, :]) @ basis
    root = grams.factor((delta @ delta.mT).to(torch.float64))
    return (determined.mT + math.sqrt(scale) * (root @ fresh)).to(h.dtype)
