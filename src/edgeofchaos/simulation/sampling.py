"""Random fully connected nets of any width, sent forward over a batch of inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import number, one_of, whole, wrong
from edgeofchaos.simulation import grams
from edgeofchaos.simulation.nets import SAMPLERS, random_nets
from edgeofchaos.simulation.samplers import Conditional, Dense, Sampler
from edgeofchaos.torch_state import thread_state


@dataclass(frozen=True)
class Propagation:
    """What ``draws`` random nets did to B inputs; matrices are in the basis of :mod:`.grams`.

    Attributes:
        empirical: (draws, L, B, B); entry [d, l] is (1/N) sum_i y_i y_i^T over the units of layer
            l + 1 of draw d.
        covariance: (draws, L + 1, B, B); entry [d, l] is K^(l+1), the covariance of a unit of
            layer l + 1 given layer l (for l = 0 given the inputs).
        outputs: (draws, units, B), the first pre-activations of the last layer.
        sampler: ``dense`` or ``conditional``.
        device: where the nets were drawn. All tensors here are on the CPU.
    """

    empirical: torch.Tensor
    covariance: torch.Tensor
    outputs: torch.Tensor
    sampler: str
    device: str = "cpu"

    @property
    def q(self) -> np.ndarray:
        """q^l of each input: the mean square over the units of layer l, (draws, L, B)."""
        return grams.variances(self.empirical).numpy()

    def complement(self, i: int = 0, j: int = 1) -> np.ndarray:
        """1 - c^l of inputs i and j, c^l their correlation over the units of layer l: (draws, L)

        Raises:
            ValueError: i or j is no whole number from 0 to B - 1.
        """
        last = self.empirical.shape[-1] - 1
        i, j = whole("i", i, 0, last), whole("j", j, 0, last)
        return grams.complement(self.empirical, i, j).numpy()


@thread_state(gradients=False)
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
    progress: Callable[[range], Iterable[int]] | None = None,
) -> Propagation:
    """Send B inputs through ``draws`` independent random nets (section 2 of the paper).

    Args:
        phi: the activation, or its name.
        sigma_b: standard deviation of the biases.
        sigma_w: standard deviation of a weight times the root of its fan-in.
        inputs: (d, B), one input a column.
        widths: N_1, ..., N_L.
        draws: how many nets.
        seed: of the random stream (see :func:`.streams.stream`). Equal arguments give equal
            numbers on one machine type; the two samplers and devices use different streams.
        sampler: ``dense``, ``conditional`` or ``auto``: ``conditional`` unless B is larger than
            the least width (see :mod:`.samplers`; the law is the same).
        units: how many units of the last layer to keep.
        record: False leaves the Gram matrices out (for many inputs); only ``dense`` can.
        ceiling: a draw whose variance passes it counts as infinite from there on, instead of
            stopping all draws when it overflows; only ``conditional`` can.
        dtype: float32 or float64, of the units; Gram matrices are float64 throughout.
        device: ``auto``, ``cpu`` or ``cuda``.
        progress: wraps the range of layers (``tqdm``, say).

    Raises:
        ValueError: a sigma, a width, draws, units, sampler, dtype or device is not allowed, or an
            input or a variance is not finite.

    Example:
        ::

            x = pair_inputs((1.0, 1.0), 0.5, 0.0, 1.4)
            nets = propagate("relu", 0.0, 1.4, x, [1000] * 20, draws=10)
            nets.complement()[:, -1]  # 1 - c after 20 layers, one number a draw
    """
    sampler = one_of("sampler", sampler, SAMPLERS)
    if sampler == "auto" and not record:
        sampler = "dense"
    nets = random_nets(phi, sigma_b, sigma_w, inputs, widths, draws, seed, sampler, dtype, device)
    last = len(nets.widths) - 1
    units = whole("units", units, 0, nets.widths[last])
    if not (isinstance(ceiling, float) and ceiling == math.inf):
        ceiling = number("ceiling", ceiling, 0.0, above=True)
    if progress is not None and not callable(progress):
        raise wrong("progress", progress, "a function of a range, or None")
    if nets.sampler == "conditional" and not record:
        raise ValueError("record = False; the conditional sampler needs the Gram matrices")
    if nets.sampler == "dense" and ceiling < math.inf:
        raise ValueError(f"ceiling = {ceiling!r}; only the conditional sampler has one")
    drawn: Sampler = Dense(nets) if nets.sampler == "dense" else Conditional(nets, ceiling)
    empirical, covariances = [], [drawn.covariance()] if record else []
    layers = range(len(nets.widths))
    for layer in progress(layers) if progress else layers:
        outputs = drawn.step(nets.widths[layer], units if layer == last else 0)
        if record:
            empirical.append(drawn.empirical())
            covariances.append(drawn.covariance())
    covariance = _stacked(covariances)
    if ceiling == math.inf and not torch.isfinite(covariance).all():
        first = int((~torch.isfinite(covariance)).flatten(2).any(-1).any(0).nonzero()[0])
        raise ValueError(f"{nets.phi.name}: the variance overflows at layer {first + 1}")
    where = str(nets.generator.device)
    return Propagation(_stacked(empirical), covariance, outputs.cpu(), nets.sampler, where)


def _stacked(by_layer: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack(by_layer, 1).cpu() if by_layer else torch.empty(0)
