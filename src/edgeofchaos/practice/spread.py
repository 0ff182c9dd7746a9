"""How far finite width takes the variance of a net, and its gradients, from the theory.

Given K^l, the variance of a unit, the N units of a layer are independent N(0, K^l), and

    K^(l+1) = sigma_b^2 + (sigma_w^2/N) sum_i phi(y_i)^2,    q^l = (1/N) sum_i y_i^2.

:func:`sampled` draws exactly this. :class:`Chain` takes the sum to be gamma distributed, with its
own mean and variance, which costs the same at every width: an estimate, to search with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr

from edgeofchaos.activations import Activation
from edgeofchaos.simulation.intervals import clopper_pearson
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint

_Z = np.linspace(-9.0, 9.0, 721)
_WEIGHTS = np.exp(-(_Z**2) / 2) / np.exp(-(_Z**2) / 2).sum()
_FAR = 1e4  # times q, up to where the chain knows F
_FARTHEST = 1e8  # times q, at which variances start at most
_TABLE = 81
_DRAWS = 1000
_LONGEST = 20_000  # layers beyond which the chain is taken to be linear about q
_MOST_NUMBERS = 1e8  # random numbers that the exact sampler draws
_MOST_STEPS = 200_000  # layers it goes through, over all starts
TRIES = 4  # points that are drawn at for one recommendation, at most
LEVEL = 0.05 / TRIES  # of both tails of an interval: 5 % over all that are looked at


@dataclass(frozen=True)
class Share:
    """A probability with its interval.

    Attributes:
        value: the share of the draws.
        low, high: the interval of Clopper and Pearson, at 95 % over all tries; of an estimate NaN.
        every: the share of the draws that were in the band at every layer; of an estimate NaN.
    """

    value: float
    low: float
    high: float
    every: float


class Chain:
    """The variance from layer to layer at a point and, for a width, how it scatters: an estimate.

    Args:
        phi: the activation.
        point: with sigma_b, sigma_w, q and alpha.
        starts: variances at layer 1 that nets start from, equally often.
    """

    def __init__(self, phi: Activation, point: EdgePoint, starts: FloatArray) -> None:
        self.q, self.alpha = point.start_variance, point.alpha
        # Further off is as far as that, for what the band says.
        self.starts = starts = np.clip(starts, self.q / _FARTHEST, self.q * _FARTHEST)
        low = min(self.q / _FAR, float(starts.min()))
        high = max(self.q * _FAR, float(starts.max()))
        low = max(low, point.sigma_b**2, 1e-300)
        x = np.geomspace(low, high, _TABLE)
        values = np.nan_to_num(phi(np.sqrt(x)[:, None] * _Z), nan=1e70, posinf=1e70, neginf=1e70)
        squares = np.clip(values, -1e70, 1e70) ** 2
        second = squares @ _WEIGHTS
        variance = np.maximum((squares - second[:, None]) ** 2 @ _WEIGHTS, 0.0)
        self.log_x, self.sigma_b2 = np.log(x), point.sigma_b**2
        with np.errstate(divide="ignore", invalid="ignore"):
            self.mean = np.log(np.maximum(point.sigma_w**2 * second, 1e-300))
            self.noise = np.nan_to_num(variance / second**2, posinf=0.0)

    def noise_at_q(self) -> float:
        """N times the variance of log K^(l+1) given K^l = q."""
        at = np.log(self.q)
        part = math.exp(float(np.interp(at, self.log_x, self.mean))) / self.q
        return float(np.interp(at, self.log_x, self.noise)) * part**2

    def log_spread(self, width: int, depth: int) -> float:
        """The standard deviation of log q^L, to first order in 1/N."""
        squares = self.alpha**2
        terms = depth - 1.0
        if abs(1.0 - squares) > 1e-12:
            terms = -math.expm1((depth - 1) * math.log(max(squares, 1e-300))) / (1.0 - squares)
        return math.sqrt((self.noise_at_q() * terms + 2.0) / width)

    def share(self, width: int | None, depth: int, band: float) -> Share:
        """How often q^L is within the band; without a width, of how many starts."""
        if depth > _LONGEST:
            return self._linear(width, depth, band)
        draws = _DRAWS if depth <= 2000 else 500
        if width is None:
            logs = np.log(self.starts)
            draws = logs.size
        else:
            logs = np.log(np.resize(self.starts, draws))
        random, limit, centre = np.random.default_rng(0), math.log(band), math.log(self.q)
        for _ in range(depth - 1):
            mean = np.exp(np.interp(logs, self.log_x, self.mean))
            if width is not None:
                noise = np.interp(logs, self.log_x, self.noise) / width
                mean = mean * _gamma(noise, random.standard_normal(draws))
            logs = np.log(np.maximum(self.sigma_b2 + mean, 1e-300))
        if width is not None:
            logs = logs + np.log(_gamma(2.0 / width, random.standard_normal(draws)))
        inside = np.abs(logs - centre) <= limit
        return Share(float(inside.mean()), math.nan, math.nan, math.nan)

    def _linear(self, width: int | None, depth: int, band: float) -> Share:
        logs = np.log(self.starts / self.q) * min(abs(self.alpha), 1.0) ** (depth - 1)
        limit = math.log(band)
        if width is None:
            value = float((np.abs(logs) <= limit).mean())
        else:
            spread = self.log_spread(width, depth)
            mean = logs - spread**2 / 2
            value = float((ndtr((limit - mean) / spread) - ndtr((-limit - mean) / spread)).mean())
        return Share(value, math.nan, math.nan, math.nan)

    def width_that_does(self, depth: int, band: float, probability: float) -> int | None:
        """The least width at which the estimated share is the probability; None for none."""
        low, high = 1, 1
        while self.share(high, depth, band).value < probability:
            low, high = high, high * 4
            if high > 2**31:
                return None
        while high > low * 1.02 and high > low + 1:
            middle = round(math.sqrt(low * high))
            done = self.share(middle, depth, band).value >= probability
            low, high = (low, middle) if done else (middle, high)
        digits = max(len(str(high)) - 2, 0)
        return math.ceil(high / 10**digits) * 10**digits


def _gamma(noise: FloatArray | float, normal: FloatArray) -> FloatArray:
    """Gamma distributed numbers of mean 1 and this variance (Wilson and Hilferty)."""
    third = np.asarray(noise) / 9.0
    return np.maximum(1.0 - third + np.sqrt(third) * normal, 1e-3) ** 3


def sampled(
    phi: Activation, point: EdgePoint, starts: FloatArray, width: int, depth: int, band: float
) -> Share | None:
    """How often q^L of exactly drawn nets is within the band; None where that would take minutes.

    The draws are split between the starts. Independent draws of unequal chances scatter less than
    equal ones, so that the interval holds for their mean.
    """
    starts = np.asarray(starts)
    draws = int(min(2000, _MOST_NUMBERS / (width * depth)) // starts.size)
    if draws * starts.size < 100 or depth * starts.size > _MOST_STEPS:
        return None
    q, inside, every = point.start_variance, 0, 0
    for i, start in enumerate(starts):
        square = max((start - point.sigma_b**2) / point.sigma_w**2, 0.0)
        x = torch.from_numpy(np.full((1, 1), math.sqrt(square)))
        seed = stream(0, "recommend", phi.name, point.sigma_b, width, depth, i)
        nets = propagate(
            phi, point.sigma_b, point.sigma_w, x,
            [width] * depth, draws=draws, seed=seed, sampler="conditional", device="cpu",
            dtype=torch.float32,
            ceiling=1e6 * max(q, float(start)),
        )  # fmt: skip
        near = np.abs(np.log(np.maximum(nets.q[..., 0], 1e-300) / q)) <= math.log(band)
        inside += int(near[:, -1].sum())
        every += int(near.all(1).sum())
    count = draws * starts.size
    low, high = clopper_pearson(inside, count, LEVEL)
    return Share(inside / count, low, high, every / count)


def gradient_spread(phi: Activation, point: EdgePoint, width: int, depth: int) -> float:
    """The standard deviation of log (|delta^1|^2/|delta^L|^2), to first order in 1/N: an estimate.

    Layer l adds the noise of its own units: 2 E[phi'^4]/E[phi'^2]^2/N of the weights that the
    gradient meets, and that of phi'^2, of variance (E[phi'^4]/E[phi'^2]^2 - 1)/N, together with
    what its error of the variance, handed on with alpha, makes of chi_1 further up.
    """
    q = point.start_variance
    slope, squares = _slopes(phi, q)
    mean_slope, mean_square = float(slope @ _WEIGHTS), float(squares @ _WEIGHTS)
    if not (mean_slope > 0 and mean_square > 0):
        return math.nan
    step = 0.02
    up, down = (float(_slopes(phi, q * math.exp(s))[0] @ _WEIGHTS) for s in (step, -step))
    response = math.log(up / down) / (2 * step)  # of log chi_1 to log q
    part = point.sigma_w**2 * mean_square / q  # of q, that is not of the biases
    fourth = float(slope**2 @ _WEIGHTS) / mean_slope**2
    own = slope / mean_slope - 1.0
    noise = part * (squares / mean_square - 1.0)
    mixed, squared = float(own * noise @ _WEIGHTS), float(noise**2 @ _WEIGHTS)
    left = np.arange(min(depth, 1_000_000) - 1, 0, -1.0)[1:]
    alpha = point.alpha
    handed = left if abs(alpha - 1.0) < 1e-9 else (1.0 - alpha**left) / (1.0 - alpha)
    gain = response * handed
    total = (depth - 1) * (3.0 * fourth - 1.0) + float((2 * mixed * gain).sum())
    total += squared * float((gain**2).sum())
    return math.sqrt(max(total, 0.0) / width)


def _slopes(phi: Activation, q: float) -> tuple[FloatArray, FloatArray]:
    """phi'(sqrt(q) z)^2 and phi(sqrt(q) z)^2 on the nodes."""
    # A kink at 0 is between the nodes.
    value, slope, _ = phi.derivatives(math.sqrt(q) * (_Z + 1e-9))
    return np.asarray(slope) ** 2, np.asarray(value) ** 2
