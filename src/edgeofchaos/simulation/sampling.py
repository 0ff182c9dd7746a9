"""Random fully connected nets of any width, by two exact samplers of one law.

y^1 = W^1 a + b^1, y^l = W^l phi(y^(l-1)) + b^l, W^l_ij ~ N(0, sigma_w^2/N_(l-1)),
b^l_i ~ N(0, sigma_b^2), all independent (section 2).

- *dense* draws the weights: O(N^2) a layer.
- *conditional* uses that, given layer l - 1, the rows of y^l on B inputs are i.i.d. N(0, K^l) with
  K^l = sigma_b^2 11^T + (sigma_w^2/N) H^T H, H = phi(y^(l-1)). Only K^l is needed to draw layer l,
  and only sums over the units of layer l to get K^(l+1): units are drawn, used and forgotten, a
  block at a time. O(N B^2) a layer, and memory for one block whatever the width.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.simulation import grams
from edgeofchaos.theory.variance import check_sigma

_BLOCK = 1 << 17  # numbers drawn at once: a block stays in the cache
_DENSE_BLOCK = 1 << 24  # weights held at once
SAMPLERS = ("auto", "dense", "conditional")


@dataclass(frozen=True)
class Propagation:
    """What a batch of random nets did to B inputs; Gram matrices in the difference basis.

    ``empirical[d, l]`` is (1/N_l) sum_i y^l_i y^l_i^T of draw d, and ``kernel[d, l]`` is K^(l+1),
    the covariance of a unit of layer l + 1 given layer l (of layer 1 for l = 0): one more layer
    than ``empirical``. ``outputs`` are the first units of the last layer, (draws, units, B).
    """

    empirical: torch.Tensor
    kernel: torch.Tensor
    outputs: torch.Tensor
    sampler: str
    device: str = field(default="cpu")

    @property
    def q(self):
        """q^l of each input: (draws, layers, B), as a NumPy array."""
        return grams.variances(self.empirical).numpy()

    def complement(self, i: int = 0, j: int = 1):
        """1 - c^l of inputs i and j: (draws, layers), as a NumPy array."""
        return grams.complement(self.empirical, i, j).numpy()


def stream(*names) -> int:
    """The seed of a random stream, from what it is for: stream(seed, "surfaces", "relu", 3)."""
    text = "/".join(str(n) for n in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def pick_device(device: str = "auto") -> torch.device:
    """The torch device for ``auto``, ``cpu`` or ``cuda``.

    Raises:
        ValueError: anything else, or ``cuda`` where there is none.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device = {device!r}; allowed are auto, cpu, cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device = 'cuda', but torch finds no CUDA device; allowed: auto, cpu")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def pair_inputs(q: Sequence[float], gamma: float, sigma_b: float, sigma_w: float) -> torch.Tensor:
    """Two inputs in R^2 whose first pre-activations have variances q and 1 - c = gamma: (2, 2).

    Raises:
        ValueError: no inputs do that at this (sigma_b, sigma_w).
    """
    norms = [(v - sigma_b**2) / sigma_w**2 for v in q]  # |a|^2/d
    if min(norms) <= 0:
        raise ValueError(f"q = {tuple(q)}; allowed is more than sigma_b^2 = {sigma_b**2:g}")
    # 1 - cos of the angle between them, from E[y y'] = sigma_b^2 + sigma_w^2 a.a'/d, c = 1 - gamma
    mean = math.sqrt(q[0] * q[1])
    length = math.sqrt(norms[0] * norms[1])
    apart = length - (mean - sigma_b**2) / sigma_w**2 + gamma * mean / sigma_w**2
    if q[0] == q[1]:
        apart = gamma * q[0] / sigma_w**2  # the same, without cancellation
    half = apart / (2 * length)
    if not -1e-12 <= half <= 1 + 1e-12:
        raise ValueError(f"gamma = {gamma!r}; no inputs have it at q = {tuple(q)}")
    angle = 2 * math.asin(math.sqrt(min(max(half, 0.0), 1.0)))
    r, s = (math.sqrt(2 * n) for n in norms)
    return torch.tensor([[r, s * math.cos(angle)], [0.0, s * math.sin(angle)]], dtype=torch.float64)


@torch.no_grad()
def propagate(
    phi: Activation | str,
    sigma_b: float,
    sigma_w: float,
    inputs: torch.Tensor,
    widths: Sequence[int],
    *,
    draws: int = 1,
    seed: int = 0,
    sampler: str = "auto",
    units: int = 0,
    record: bool = True,
    ceiling: float = math.inf,
    dtype: torch.dtype = torch.float64,
    device: str = "auto",
    progress=None,
) -> Propagation:
    """Send B inputs through ``draws`` independent random nets.

    Args:
        inputs: (d, B), one input a column.
        widths: N_1, ..., N_L.
        seed: of the random stream (see :func:`stream`). Equal arguments give equal numbers on one
            machine type; the two samplers and devices use different streams.
        sampler: ``conditional`` unless B is larger than the least width (``auto``).
        units: how many units of the last layer to keep.
        record: False leaves the Gram matrices out (for many inputs); only ``dense`` can.
        ceiling: a draw whose variance passes it counts as infinite from there on, instead of
            stopping all draws when it overflows; only ``conditional`` can.
        dtype: of the units; sums are float64 throughout.
        progress: wraps the range of layers (tqdm, say).

    Raises:
        ValueError: a width, draws, units, sampler, dtype or device is not allowed, or an input or
            a variance is not finite.
    """
    phi = activation(phi)
    sigma_b, sigma_w = check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w)
    widths = checked(widths, draws, units, sampler, dtype)
    where = pick_device(device)
    inputs = torch.as_tensor(inputs, dtype=torch.float64)
    if inputs.ndim != 2 or not torch.isfinite(inputs).all():
        raise ValueError(f"inputs of shape {tuple(inputs.shape)}; allowed are finite (d, B) arrays")
    if sampler == "auto":
        sampler = "dense" if inputs.shape[1] > min(widths) or not record else "conditional"
    if sampler == "conditional" and not record:
        raise ValueError("record = False; the conditional sampler needs the Gram matrices")
    if sampler == "dense" and ceiling < math.inf:
        raise ValueError(f"ceiling = {ceiling!r}; only the conditional sampler has one")
    generator = torch.Generator(where).manual_seed(seed)
    layer = _Dense if sampler == "dense" else _Conditional
    net = layer(phi, sigma_b, sigma_w, inputs.to(where), draws, generator, dtype)
    net.ceiling = ceiling
    empirical, kernel = [], [net.kernel()] if record else []
    for l in (progress or iter)(range(len(widths))):  # noqa: E741
        net.step(widths[l], units if l == len(widths) - 1 else 0)
        if record:
            empirical.append(net.empirical())
            kernel.append(net.kernel())
    outputs = net.outputs if units else torch.empty(draws, 0, inputs.shape[1])
    kernel = _stacked(kernel)
    if ceiling == math.inf and not torch.isfinite(kernel).all():
        layer = int((~torch.isfinite(kernel)).flatten(2).any(-1).any(0).nonzero()[0])
        raise ValueError(f"{phi.name}: the variance overflows at layer {layer + 1}")
    return Propagation(_stacked(empirical), kernel, outputs.cpu(), sampler, str(where))


def _stacked(grams_by_layer: list) -> torch.Tensor:
    return torch.stack(grams_by_layer, 1).cpu() if grams_by_layer else torch.empty(0)


def checked(widths, draws, units, sampler, dtype) -> list[int]:
    """The widths as integers, if these arguments are allowed; ValueError otherwise."""
    widths = [int(n) for n in widths]
    if not widths or min(widths) < 1:
        raise ValueError(f"widths = {widths}; allowed are one or more integers >= 1")
    if draws < 1:
        raise ValueError(f"draws = {draws!r}; allowed is an integer >= 1")
    if not 0 <= units <= widths[-1]:
        raise ValueError(f"units = {units!r}; allowed is 0 to the last width, {widths[-1]}")
    if sampler not in SAMPLERS:
        raise ValueError(f"sampler = {sampler!r}; allowed are {', '.join(SAMPLERS)}")
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype = {dtype}; allowed are torch.float32 and torch.float64")
    return widths


def covariance(values: torch.Tensor, sigma_b: float, sigma_w: float) -> torch.Tensor:
    """K = sigma_b^2 11^T + (sigma_w^2/N) H^T H, float64, from H^T (..., B, N); both in the
    difference basis."""
    values = values.to(torch.float64)
    return _from_sums(values @ values.mT, values.shape[-1], sigma_b, sigma_w)


def _from_sums(sums: torch.Tensor, width: int, sigma_b: float, sigma_w: float) -> torch.Tensor:
    out = sums * (sigma_w**2 / width)
    out[..., 0, 0] += sigma_b**2
    return out


class _Layers:
    """What both samplers share: ``step`` draws the next layer of all draws, ``empirical`` is its
    Gram matrix, ``kernel`` the covariance of a unit of the layer after it."""

    def __init__(self, phi, sigma_b, sigma_w, inputs, draws, generator, dtype):
        self.phi, self.sigma_b, self.sigma_w = phi, sigma_b, sigma_w
        self.draws, self.generator, self.dtype = draws, generator, dtype
        self.outputs, self.ceiling = None, math.inf

    def _normal(self, *shape):
        out = torch.empty(shape, dtype=self.dtype, device=self.generator.device)
        return out.normal_(generator=self.generator)


class _Conditional(_Layers):
    def __init__(self, phi, sigma_b, sigma_w, inputs, draws, generator, dtype):
        super().__init__(phi, sigma_b, sigma_w, inputs, draws, generator, dtype)
        a = grams.to_differences(inputs.T)
        self.covariance = covariance(a, sigma_b, sigma_w).expand(draws, -1, -1)
        self.gone = torch.zeros(draws, dtype=torch.bool, device=a.device)  # above the ceiling

    def kernel(self):
        return self._shown(self.covariance)

    def empirical(self):
        return self._shown(self.gram)

    def _shown(self, gram):
        if self.ceiling == math.inf:
            return gram
        return torch.where(self.gone[:, None, None], math.inf, gram)

    def step(self, width: int, keep: int) -> None:
        size = self.covariance.shape[-1]
        root = grams.factor(self.covariance).to(self.dtype)
        before = after = None
        block = max(1, _BLOCK // (self.draws * size))
        kept = []
        for start in range(0, width, block):
            count = min(block, width - start)
            z = self._normal(self.draws, size, count)
            y = root * z if size == 1 else root @ z  # small batched products are slow
            plain = y.clone()
            plain[:, 1:] += plain[:, :1]
            if start < keep:
                kept.append(plain[..., : keep - start].clone())
            value = self.phi(plain)
            value[:, 1:] -= value[:, :1]
            sums = (y @ y.mT).to(torch.float64), (value @ value.mT).to(torch.float64)
            before, after = (before + sums[0], after + sums[1]) if start else sums
        self.covariance = _from_sums(after, width, self.sigma_b, self.sigma_w)
        if keep:
            self.outputs = torch.cat(kept, -1).mT
        self.gram = before / width
        if self.ceiling < math.inf:
            self.gone = self.gone | ~(self.covariance[:, 0, 0] <= self.ceiling)
            self.covariance = torch.where(self.gone[:, None, None], 0.0, self.covariance)


class _Dense(_Layers):
    def __init__(self, phi, sigma_b, sigma_w, inputs, draws, generator, dtype):
        super().__init__(phi, sigma_b, sigma_w, inputs, draws, generator, dtype)
        self.values = grams.to_differences(inputs.T).to(dtype).expand(draws, -1, -1)  # (D, B, d)

    def kernel(self):
        return covariance(self.values, self.sigma_b, self.sigma_w)

    def empirical(self):
        return covariance(self.y, 0.0, 1.0)

    def step(self, width: int, keep: int) -> None:
        fan_in = self.values.shape[-1]
        block = max(1, _DENSE_BLOCK // (width * fan_in))
        parts = []
        for start in range(0, self.draws, block):
            values = self.values[start : start + block]
            weights = self._normal(values.shape[0], fan_in, width)
            y = (values @ weights) * (self.sigma_w / math.sqrt(fan_in))
            y[:, 0] += self.sigma_b * self._normal(values.shape[0], width)
            parts.append(y)
        self.y = torch.cat(parts)
        plain = grams.from_differences(self.y)
        self.values = grams.to_differences(self.phi(plain))
        if keep:
            self.outputs = plain[..., :keep].mT
