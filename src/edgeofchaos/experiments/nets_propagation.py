"""q and c of simulated nets against the kernel recursion, and against width."""

from __future__ import annotations

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.intervals import interval
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.recursion import PairTrajectory, pair_trajectory

_MOST_DRAWS = 40_000


def against_recursion(
    phi: Activation, sigma_b, sigma_w, start, *, width, layers, draws, seed, device, progress=None
) -> list[dict]:
    """Mean over draws of q_a, q_b and 1 - c at each layer, with its interval and the recursion's.

    ``start`` is (q_a, q_b, 1 - c) at layer 1.
    """
    theory, values = _simulated(
        phi, sigma_b, sigma_w, start, [width] * layers, draws,
        stream(seed, "propagation", phi.name), device, progress,
    )  # fmt: skip
    rows = []
    for quantity, expected in (("q_a", theory.q_a), ("q_b", theory.q_b), ("1-c", theory.gamma)):
        for l in range(layers):  # noqa: E741
            found = interval(values[quantity][:, l])
            rows.append({
                "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "width": width,
                "draws": draws, "layer": l + 1, "quantity": quantity, "theory": expected[l],
                "mean": found.mean, "half": found.half,
                "sd": float(values[quantity][:, l].std(ddof=1)),
            })  # fmt: skip
    return rows


def against_width(
    phi: Activation, sigma_b, sigma_w, start, *, widths, layers, units, seed, device, progress=None
) -> list[dict]:
    """At the last layer: relative gaps of q_a and 1 - c to the recursion, and the excess kurtosis.

    Of a gap, the mean over draws and the mean of its square.

    ``units`` is the number of units drawn a layer over all draws, so that each width takes equal
    time. Given the layer before, a unit is exactly N(0, K): its marginal has excess kurtosis
    3 Var(K)/E[K]^2, which is what is estimated, by the jackknife over draws.
    """
    rows = []
    for width in progress(widths) if progress else widths:
        draws = int(np.clip(units // width, 32, _MOST_DRAWS))
        theory, values = _simulated(
            phi, sigma_b, sigma_w, start, [width] * layers, draws,
            stream(seed, "width", phi.name, width), device, None,
        )  # fmt: skip
        base = {"activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w, "width": width,
                "layers": layers, "draws": draws}  # fmt: skip
        for quantity, expected in (("q_a", theory.q_a[-1]), ("1-c", theory.gamma[-1])):
            gap = values[quantity][:, -1] / expected - 1
            for name, sample in ((f"{quantity} gap", gap), (f"{quantity} squared gap", gap**2)):
                found = interval(sample)
                rows.append({**base, "quantity": name, "value": found.mean, "half": found.half})
        kurtosis = interval(_excess_kurtosis(values["kernel"]))
        rows.append({
            **base, "quantity": "kurtosis", "value": kurtosis.mean, "half": kurtosis.half,
        })  # fmt: skip
    return rows


def _excess_kurtosis(kernel: np.ndarray) -> np.ndarray:
    """Jackknife pseudo-values of 3 Var(K)/E[K]^2."""
    n = kernel.size
    total, squares = kernel.sum(), (kernel**2).sum()

    def statistic(count, first, second):
        mean = first / count
        return 3 * (second / count - mean**2) / mean**2

    whole = statistic(n, total, squares)
    without = statistic(n - 1, total - kernel, squares - kernel**2)
    return n * whole - (n - 1) * without


def _simulated(
    phi, sigma_b, sigma_w, start, widths, draws, seed, device, progress
) -> tuple[PairTrajectory, dict]:
    q_a, q_b, gamma = start
    theory = pair_trajectory(phi, sigma_b, sigma_w, q_a, q_b, gamma, len(widths))
    inputs = pair_inputs((q_a, q_b), gamma, sigma_b, sigma_w)
    nets = propagate(
        phi, sigma_b, sigma_w, inputs, widths, draws=draws, seed=seed, device=device,
        progress=progress,
    )  # fmt: skip
    q = nets.q
    kernel = nets.covariance[:, -2, 0, 0].numpy()  # of the last layer, given the one before
    values = {"q_a": q[..., 0], "q_b": q[..., 1], "1-c": nets.complement(), "kernel": kernel}
    return theory, values
