"""Which random nets are drawn, on which inputs, and from which random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import check_sigma, each, numbers, one_of, whole, wrong
from edgeofchaos.simulation.devices import pick_device

_MOST = 2**31 - 1  # units, and draws
SAMPLERS = ("auto", "dense", "conditional")


@dataclass(frozen=True)
class RandomNets:
    """``draws`` independent nets of one architecture, and the B inputs that they are given.

    Attributes:
        phi: their activation.
        sigma_b, sigma_w: standard deviations of the biases, and of the weights times the root of
            the fan-in.
        inputs: (d, B), float64, one input a column, on the device that draws.
        widths: N_1, ..., N_L.
        draws: how many nets.
        sampler: ``dense`` or ``conditional``.
        dtype: of pre-activations and activations.
        generator: of all random numbers; its device is where the nets are drawn.
    """

    phi: Activation
    sigma_b: float
    sigma_w: float
    inputs: torch.Tensor
    widths: tuple[int, ...]
    draws: int
    sampler: str
    dtype: torch.dtype
    generator: torch.Generator

    def normal(self, *shape: int) -> torch.Tensor:
        """The stream's next standard normal numbers, in this shape."""
        out = torch.empty(shape, dtype=self.dtype, device=self.generator.device)
        return out.normal_(generator=self.generator)


def random_nets(
    phi: Activation | str,
    sigma_b: float,
    sigma_w: float,
    inputs: torch.Tensor,
    widths: Sequence[int],
    draws: int,
    seed: int,
    sampler: str,
    dtype: torch.dtype,
    device: str,
) -> RandomNets:
    """The :class:`RandomNets` that these arguments describe.

    ``auto`` becomes the cheaper sampler: ``conditional``, unless B exceeds the least width.

    Raises:
        ValueError: a sigma, a width, draws, the seed, the sampler, the dtype or the device is not
            allowed, or the inputs are not a finite (d, B) array with d, B >= 1.
    """
    phi = activation(phi)
    sigma_b, sigma_w = check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w)
    sizes = tuple(each("widths", widths, lambda name, n: whole(name, n, 1, _MOST)))
    if not sizes:
        raise wrong("widths", widths, "one or more whole numbers >= 1")
    draws, seed = whole("draws", draws, 1, _MOST), whole("seed", seed, 0, 2**64 - 1)
    sampler = one_of("sampler", sampler, SAMPLERS)
    if not isinstance(dtype, torch.dtype) or dtype not in (torch.float32, torch.float64):
        raise wrong("dtype", dtype, "torch.float32 or torch.float64")
    where = pick_device(device)
    inputs = _tensor(inputs)
    if inputs.ndim != 2 or not inputs.numel() or not torch.isfinite(inputs).all():
        raise ValueError(f"inputs of shape {tuple(inputs.shape)}; allowed are finite (d, B) arrays")
    if sampler == "auto":
        sampler = "dense" if inputs.shape[1] > min(sizes) else "conditional"
    generator = torch.Generator(where).manual_seed(seed)
    return RandomNets(
        phi, sigma_b, sigma_w, inputs.to(where), sizes, draws, sampler, dtype, generator
    )


def _tensor(inputs: object) -> torch.Tensor:
    """Inputs as a tensor of float64, if they are real numbers."""
    if isinstance(inputs, torch.Tensor) and inputs.dtype.is_floating_point and not inputs.is_meta:
        return inputs.to(torch.float64)
    return torch.from_numpy(numbers("inputs", inputs, finite=False).copy())
