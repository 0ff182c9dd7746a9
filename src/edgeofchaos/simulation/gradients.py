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

from edgeofchaos.activations import Activation, activation
from edgeofchaos.simulation import grams
from edgeofchaos.simulation.sampling import checked, covariance, pick_device
from edgeofchaos.theory.variance import check_sigma

_RANK = 1e-12  # eigenvalues of the scaled K below this, times B, count as 0


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
    """(1/N_l) |delta^l|^2 of every draw, layer and input: (draws, L, B), float64 on the CPU.

    Each input has its own cotangent. Memory is O(draws L N B), for the stored forward pass.

    Raises:
        ValueError: as :func:`edgeofchaos.simulation.sampling.propagate`.
    """
    phi = activation(phi)
    sigma_b, sigma_w = check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w)
    widths = checked(widths, draws, 0, sampler, dtype)
    where = pick_device(device)
    inputs = torch.as_tensor(inputs, dtype=torch.float64).to(where)
    if sampler == "auto":
        sampler = "dense" if inputs.shape[1] > min(widths) else "conditional"
    generator = torch.Generator(where).manual_seed(seed)

    def normal(*shape):
        return torch.empty(shape, dtype=dtype, device=where).normal_(generator=generator)

    run = _dense if sampler == "dense" else _conditional
    return run(phi, sigma_b, sigma_w, inputs, widths, draws, normal, dtype).to("cpu", torch.float64)


def _dense(phi, sigma_b, sigma_w, inputs, widths, draws, normal, dtype):
    value = inputs.T.to(dtype).expand(draws, -1, -1)  # (D, B, N)
    layers = []
    for width in widths:
        fan_in = value.shape[-1]
        weights = normal(draws, fan_in, width) * (sigma_w / math.sqrt(fan_in))
        layers.append((value @ weights + sigma_b * normal(draws, 1, width)).requires_grad_())
        value = phi(layers[-1])
    (layers[-1] * normal(*layers[-1].shape)).sum().backward(inputs=layers)
    return torch.stack([(y.grad**2).mean(-1) for y in layers], 1)


def _conditional(phi, sigma_b, sigma_w, inputs, widths, draws, normal, dtype):
    size = inputs.shape[1]
    value = grams.to_differences(inputs.T).expand(draws, -1, -1)
    passed = []  # (Y, H, phi'(y)) of each layer, Y and H in the difference basis
    for width in widths:
        y = grams.factor(covariance(value, sigma_b, sigma_w)).to(dtype) @ normal(draws, size, width)
        plain = grams.from_differences(y).requires_grad_()
        out = phi(plain)
        (slope,) = torch.autograd.grad(out.sum(), plain)
        value = grams.to_differences(out.detach())
        passed.append((y, value, slope))
    delta = normal(draws, size, widths[-1])
    found = [(delta**2).mean(-1)]
    for (_, h, slope), (above, _, _) in zip(passed[-2::-1], passed[:0:-1], strict=True):
        delta = slope * _transposed(h, above, delta, sigma_b, sigma_w, normal)
        found.append((delta**2).mean(-1))
    return torch.stack(found[::-1], 1)


def _transposed(h, y, delta, sigma_b, sigma_w, normal):
    """W^T delta given the forward pass, one row an input: (D, B, N)."""
    width = h.shape[-1]
    scale = sigma_w**2 / width
    h64 = h.to(torch.float64)
    k = covariance(h64, sigma_b, sigma_w)
    size = k.diagonal(dim1=-2, dim2=-1).clamp(min=0).sqrt()
    size = torch.where(size > 0, size, 1.0)
    values, vectors = torch.linalg.eigh(k / (size[..., :, None] * size[..., None, :]))
    floor = _RANK * k.shape[-1]
    inverse = torch.where(values > floor, 1 / values.clamp(min=floor), 0.0)
    # K^+ = A A^T with A = size^-1 V lambda^(-1/2); M = (sqrt(scale) H A)(...)^T.
    a = vectors * inverse.sqrt()[..., None, :] / size[..., :, None]
    thin = math.sqrt(scale) * (a.mT @ h64)  # (D, B, N): M = thin^T thin
    determined = math.sqrt(scale) * (thin.mT @ (a.mT @ (y @ delta.mT).to(torch.float64)))
    # (I - M)^(1/2) = I - sum_k (1 - sqrt(1 - lambda_k)) e_k e_k^T, e_k the unit eigenvectors of M
    lam, rotation = torch.linalg.eigh(thin @ thin.mT)
    lam = lam.clamp(min=0, max=1)
    basis = rotation.mT @ thin  # rows sqrt(lambda_k) e_k
    weight = torch.where(lam > floor, (1 - (1 - lam).sqrt()) / lam.clamp(min=floor), 0.0)
    fresh = normal(*h.shape).to(torch.float64)
    fresh = fresh - ((fresh @ basis.mT) * weight[..., None, :]) @ basis
    root = grams.factor((delta @ delta.mT).to(torch.float64))
    return (determined.mT + math.sqrt(scale) * (root @ fresh)).to(h.dtype)
