"""What mean-field theory says of a tensor inside a net, and how operations change it.

Of every entry x of a tensor the theory has E[x^2], E[(x - x')^2] with x' the same entry for the
next input, and E[x], over the weights. A field is one of these, a tensor of the shape of the
tensor it speaks of, so that what moves entries about (a reshape, a transpose) moves the fields
alike. Differences keep their digits where correlations are close to 1, and biases leave them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from edgeofchaos.activations import Activation
from edgeofchaos.practice import expected
from edgeofchaos.practice.passage import (
    Field,
    Passage,
    by,
    product,
    summed,
    thin,
    transposed,
    wide,
)
from edgeofchaos.theory import gaussian


class Unknown(Exception):
    """What the theory does not say of an operation; ``label`` names the operation for people."""

    def __init__(self, why: str, label: str = "") -> None:
        super().__init__(why)
        self.label = label


@dataclass(frozen=True)
class Law:
    """Second moments of a tensor's entries.

    Attributes:
        q: E[x^2].
        d: E[(x - x')^2], x' being the same entry for the next input.
        mean: E[x].
        home: which input an entry is of.
        normal: whether entries are Gaussian with mean 0.
        sources: the weights, or inputs, whose randomness units of their own come from.
        log_q, log_d: the variances of the logs of a measured q and d about these.
    """

    q: Field
    d: Field
    mean: Field
    home: Field
    normal: bool
    sources: frozenset[Any]
    log_q: float = 0.0
    log_d: float = 0.0

    def fields(self, change: Callable[[Field], Any], **others: Any) -> Law:
        """The law with every field changed."""
        return replace(
            self, q=change(self.q), d=change(self.d), mean=change(self.mean),
            home=change(self.home), **others,
        )  # fmt: skip


def field(x: torch.Tensor) -> Field:
    return x.detach().to("cpu", torch.float64)


def rows_of(x: Field, home: Field, count: int) -> Field:
    """The entries of a field or tensor input by input: (count, entries of each)."""
    if x.shape != home.shape:
        x = x.expand(home.shape)
    split = home.reshape(count, -1) if home.numel() % count == 0 else home.reshape(1, -1)
    order = torch.arange(count, dtype=home.dtype)
    if len(split) == count and bool((split == order[:, None]).all()):
        return x.reshape(count, -1)
    placed = home.reshape(-1).argsort(stable=True)
    if placed.numel() % count:
        raise Unknown("inputs have different numbers of entries")
    return x.reshape(-1)[placed].reshape(count, -1)


def of_next(x: Field, home: Field, count: int) -> Field:
    """The field whose entries are those of the next input, the first for the last."""
    if x.shape != home.shape:
        x = x.expand(home.shape)
    if x.shape[0] == count and bool((home.reshape(count, -1)[:, 0].diff() == 1).all()):
        return x.roll(-1, 0)
    flat = home.reshape(-1)
    placed = flat.argsort(stable=True)
    if placed.numel() % count:
        raise Unknown("inputs have different numbers of entries")
    out = torch.empty(x.numel(), dtype=x.dtype)
    out[placed] = x.reshape(-1)[placed].reshape(count, -1).roll(-1, 0).reshape(-1)
    return out.reshape(x.shape)


def leading(shape: torch.Size, count: int) -> Field:
    """The home of a tensor whose first dimension is, or begins with, the inputs."""
    if not shape or shape[0] % count:
        raise Unknown("its first dimension is not that of the inputs")
    home = torch.arange(count, dtype=torch.float64).repeat_interleave(shape[0] // count)
    return home.reshape(-1, *[1] * (len(shape) - 1)).expand(shape)


def measured(x: torch.Tensor, home: Field, count: int, sources: frozenset[Any]) -> Law:
    """The law that a tensor as it is stands for, entry by entry."""
    x = field(x)
    return Law(x**2, (x - of_next(x, home, count)) ** 2, x, home, False, sources)


def constant(x: torch.Tensor | float, like: Law) -> Law:
    """The law of what is the same for all inputs, such as a parameter."""
    at = field(torch.as_tensor(x))
    home = like.home if at.shape != like.home.shape else like.home.clone()
    return Law(at**2, torch.zeros_like(at), at, home, False, frozenset([id(x)]))


def gamma_of(d: Any, a: Any, b: Any) -> Any:
    """1 - c of a pair from E[(x - x')^2] and the two variances."""
    both = 2.0 * (a * b) ** 0.5
    return ((d - (a**0.5 - b**0.5) ** 2) / both).clip(0.0, 2.0)


def through_layer(
    law: Law, sees: Callable[[Field], Field], axis: int, bias2: float, home: Field, weights: Any
) -> tuple[Law, Passage]:
    """y = W x + b: ``sees`` takes the mean of E[x^2] over units, or channels, to that of (W x)^2.

    These lie along ``axis`` and are 1 in what ``sees`` takes and gives. It is linear, so that
    squared gradients go back by its adjoint.
    """
    width, shape = home.shape[axis], law.q.shape
    one = list(shape)
    one[axis] = 1
    q, d = (
        (sees(x.mean(axis, keepdim=True)) + b).expand(home.shape)
        for x, b in ((law.q, bias2), (law.d, 0.0))
    )
    (pull,) = transposed(sees, torch.Size(one))

    def adjoint(g: Field) -> Field:
        return (pull(summed(g, axis)) / shape[axis]).expand(shape)

    # What a bias adds has no error; what comes before counts by its share.
    share = 1.0 - bias2 / max(float(q.mean()), 1e-300)
    made = Law(q, d, _nought(q), home, True, frozenset([weights]))
    noise = 2.0 / width * alike(made)
    return replace(
        made, log_q=share**2 * law.log_q + noise, log_d=law.log_d + 2.0 / width
    ), Passage(adjoint, slope=share, noise=noise)


def alike(law: Law) -> float:
    """The variance of a mean over inputs of squares over that of one: (1 + (n - 1) c^2)/n."""
    count = int(law.home.max()) + 1
    q, d = float(law.q.mean()), float(law.d.mean())
    c = min(max(1.0 - d / (2.0 * q), 0.0), 1.0) if q > 0 else 1.0
    return (1.0 + (count - 1) * c**2) / count


def _nought(q: Field) -> Field:
    return torch.zeros((), dtype=q.dtype).expand(q.shape)


def through_activation(law: Law, phi: Activation, count: int, width: int) -> tuple[Law, Passage]:
    """phi(x); squared gradients are multiplied by E[phi'(x)^2], entry by entry.

    Raises:
        Unknown: x is not Gaussian.
        ValueError: phi is not known at such variances.
    """
    if not law.normal:
        raise Unknown(f"{phi.name} is applied to what is not Gaussian", phi.name)
    cut, shape = thin(law.q, law.d, of_next(law.q, law.home, count))
    q, d, following = (x.numpy() for x in cut)
    if not np.isfinite(q).all():
        raise Unknown("the variance is not finite")
    second = expected.moment(phi, q, gaussian.SECOND)
    mean = expected.moment(phi, q, gaussian.MEAN)
    slope2 = expected.moment(phi, q, gaussian.SLOPE2)
    safe, after = np.maximum(q, 1e-30), np.maximum(following, 1e-30)
    gamma = gamma_of(d, safe, after)
    apart = expected.squared_difference(phi, safe, after, gamma)
    at = float(np.exp(np.log(safe).mean()))
    more = 1.02
    ratio = expected.moment(phi, np.array([at, more * at]), gaussian.SECOND)
    slope = float(np.log(ratio[1] / ratio[0]) / np.log(more)) if ratio[0] > 0 else 0.0
    slopes = expected.moment(phi, np.array([at, more * at]), gaussian.SLOPE2)
    bend = float(np.log(slopes[1] / slopes[0]) / np.log(more)) if slopes.min() > 0 else 0.0
    pair = np.array([at, at])
    angle = float(np.clip(np.exp(np.log(np.maximum(gamma, 1e-30)).mean()), 1e-30, 1.9))
    two = expected.squared_difference(phi, pair, pair, np.array([angle, more * angle]))
    along = float(np.log(two[1] / two[0]) / np.log(more)) if two.min() > 0 else 1.0
    kurtosis, gradients = expected.scatter(phi, at)
    # d moves with gamma and, through it and by itself, with q.
    log_d = along**2 * law.log_d + (slope - along) ** 2 * law.log_q + kurtosis / width
    noise = kurtosis / width * alike(law)
    passed = Law(
        wide(second, shape), wide(apart, shape), wide(mean, shape), law.home, False,
        law.sources, slope**2 * law.log_q + noise, log_d,
    )  # fmt: skip
    return passed, Passage(by(wide(slope2, shape), shape), gradients / width, bend, slope, noise)


def add(one: Law, two: Law) -> Law:
    """x + y of units that are independent.

    Raises:
        Unknown: they are not.
    """
    if one.sources & two.sources:
        raise Unknown("what is added has the same weights behind it")
    count = int(max(one.home.max(), two.home.max())) + 1
    shape = torch.broadcast_shapes(one.q.shape, two.q.shape)
    larger = one if one.home.shape == shape else two
    if larger.home.shape != shape:
        raise Unknown("neither of what is added has the shape of the sum")
    means = [m.expand(shape) for m in (one.mean, two.mean)]
    moved = [m - of_next(m, larger.home, count) for m in means]
    q, d = one.q + two.q + 2 * means[0] * means[1], one.d + two.d + 2 * moved[0] * moved[1]
    share = float(one.q.mean() / q.mean()) if float(q.mean()) > 0 else 0.5
    rest = float(two.q.mean() / q.mean()) if float(q.mean()) > 0 else 0.5
    return Law(
        q, d, means[0] + means[1], larger.home,
        one.normal and two.normal, one.sources | two.sources,
        (share * one.log_q**0.5 + rest * two.log_q**0.5) ** 2, max(one.log_d, two.log_d),
    )  # fmt: skip


def times(law: Law, scale: torch.Tensor | float) -> Law:
    """x times what is the same for all inputs."""
    s = field(torch.as_tensor(scale))
    flat = bool((s == s.reshape(-1)[0]).all()) if s.numel() else True
    q = law.q * s**2
    if q.shape != law.q.shape:
        raise Unknown("it is multiplied to a larger shape")
    return replace(law, q=q, d=law.d * s**2, mean=law.mean * s, normal=law.normal and flat)


def normalised(
    law: Law, dims: tuple[int, ...], count: int, eps: float, weight: Any, bias: Any, centre: bool
) -> tuple[Law, Passage]:
    """Entries over their root mean square, or standard deviation, along ``dims``."""

    def over(x: Field) -> Field:
        return x.mean(dims, keepdim=True)

    shape = law.q.shape
    mean = over(law.mean) if centre else torch.zeros(()).to(law.q)
    left = law.mean - mean
    spread = over(law.q) - mean**2 if centre else over(law.q)
    inverse = (spread + eps).rsqrt().expand(shape)
    q = (law.q - 2 * law.mean * mean + mean**2) * inverse**2
    apart = law.d
    after = of_next(inverse, law.home, count)
    if centre:
        mean = mean.expand(shape)
        following = of_next(mean, law.home, count)
        difference = law.mean - of_next(law.mean, law.home, count)
        apart = law.d - 2 * difference * (mean - following) + (mean - following) ** 2
    ahead = of_next(q / inverse**2, law.home, count)
    d = apart * inverse * after + (inverse - after) * (q / inverse - ahead * after)
    moved = replace(
        law, q=q.expand(shape), d=d.clamp(min=0.0).expand(shape),
        mean=(left * inverse).expand(shape), log_q=0.0, log_d=law.log_d + law.log_q,
    )  # fmt: skip
    if weight is not None:
        moved = times(moved, weight)
    if bias is not None and bool((bias != 0).any()):
        moved = add(moved, constant(bias, moved))
    gain = inverse**2 if weight is None else product(inverse**2, field(weight) ** 2)
    return moved, Passage(by(gain, shape), bend=-1.0, slope=0.0)


def dropped(law: Law, p: float, count: int) -> Law:
    """x with a share p of entries set to 0 at random and the others divided by 1 - p."""
    if p >= 1.0:
        raise Unknown("everything is dropped")
    following = of_next(law.q, law.home, count)
    added = (law.q + following) * p / (1 - p)
    return replace(law, q=law.q / (1 - p), d=law.d + added, normal=law.normal and p == 0)
