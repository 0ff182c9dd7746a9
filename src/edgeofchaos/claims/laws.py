"""Limits and power laws of 1 − c, read off paths that end at a finite layer.

On the edge gamma = 1 − c follows gamma' = gamma (1 − a gamma^(1/p) (1 + ...)), so that
u = (K/gamma)^(1/p), with K/l^p the law, grows by r a layer, and r → 1 as gamma → 0. What r lacks at
a finite gamma is of the order of gamma^(1/2) at most: a kink and a smooth part of φ give that, a
jump of φ'' too, and smooth φ the order of gamma. So where gamma has fallen k-fold, what is left
is at most the change of r over √k − 1, were r only its limit and one such term; three times as
much is taken, and of all earlier places the one that gives most, for terms may cancel. That is an
estimate: tests hold it to the laws of all activations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgeofchaos.claims.model import Measurement
from edgeofchaos.claims.reading import COMPLEMENT_ERROR, MissingRows, accumulated, named, slope

FALLEN, EARLIEST = 10.0, 100.0  # gamma over that of the later of two places compared
FACTOR = 3.0  # of the estimate above
ROUNDED = 2e-4  # relative, of the smallest deviations that depth scales are fitted to: 20 roundings
MOVED, STAYS = 0.01, 1e-13  # relative changes of a path, along it and from one layer to the next
SMALL_SHARE = 0.02  # of the way to where growth ends, below which it is exponential
WHOLE = 2.0  # the largest gamma there is: no bound on where the law can hold


@dataclass(frozen=True)
class Growth:
    """r between neighbouring layers of one path: arrays, the later ones last.

    ``high`` and ``low`` are gamma at the first and the last of the layers between which ``r`` was
    taken, ``errors`` bounds on what the map's errors do to r.
    """

    power: int
    r: NDArray[np.float64]
    errors: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    reach: float

    def before(self, place: int) -> NDArray[np.int_]:
        """The places where gamma was ``FALLEN`` to ``EARLIEST`` times what it is at this one."""
        times = self.low[:place] / self.high[place]
        return np.flatnonzero((times >= FALLEN) & (times <= EARLIEST))

    def places(self) -> list[int]:
        """Where the law can hold, if anywhere."""
        return [int(i) for i in np.flatnonzero(self.high <= self.reach)]

    def left(self, changes: NDArray[np.float64], earlier: NDArray[np.int_], place: int) -> float:
        """What is left of a change at a place, from those since earlier ones: the largest."""
        return float((FACTOR * changes / (np.sqrt(self.low[earlier] / self.high[place]) - 1)).max())

    def slope(self, earlier: int, place: int) -> tuple[float, float]:
        """d log(1 − gamma'/gamma)/d log gamma between two places, 1/p by the law; its error."""
        apart = 0.5 * math.log(
            self.low[earlier] * self.high[earlier] / (self.low[place] * self.high[place])
        )
        errors = self.errors[[earlier, place]] / self.r[[earlier, place]]
        return 1 / self.power + math.log(self.r[earlier] / self.r[place]) / apart, float(
            errors.sum() / apart
        )


def growth(path: pd.DataFrame, power: int, each_layer: float = COMPLEMENT_ERROR) -> Growth:
    """r of a path with the columns layer, gamma and predicted.

    The map's relative error a layer moves u by that part of u/p. ``reach``, where the table has
    it, is the gamma below which the law can hold.
    """
    path = path[(path["gamma"] > 0) & (path["gamma"] <= 1)].sort_values("layer")
    layer, gamma = (path[x].to_numpy(float) for x in ("layer", "gamma"))
    if layer.size < 2:
        nothing = np.zeros(0)
        return Growth(power, nothing, nothing, nothing, nothing, WHOLE)
    coefficient = path["predicted"].to_numpy(float)[-1] * layer[-1] ** power
    u = (coefficient / gamma) ** (1 / power)
    reach = float(path["reach"].min()) if "reach" in path else WHOLE
    grown = np.maximum(np.diff(u) / np.diff(layer), np.finfo(float).tiny)
    return Growth(power, grown, each_layer * u[1:] / power, gamma[:-1], gamma[1:], reach)


def over_law(
    path: pd.DataFrame, power: int, name: str, each_layer: float = COMPLEMENT_ERROR
) -> Measurement:
    """The limit of 1 − c over its law, which is r^−p, from where its error is the least.

    For p = 1, φ with a continuous φ', r does not fall towards its limit, for
    1 − f = gamma − ∫∫ f'' and f'' is largest at c = 1. How late it rises hangs on how narrow the
    features of φ' are, of which the table says nothing: r below 1 decides nothing, and the law is
    contradicted by paths that fall faster alone. Infinite errors where gamma has not fallen enough.
    """
    g = growth(path, power, each_layer)
    best = Measurement(math.nan, math.inf, f"{name}: 1 − c has not fallen enough")
    for place in g.places():
        if not (earlier := g.before(place)).size:
            continue
        r, changes = g.r[place], np.abs(g.r[earlier] - g.r[place]) + g.errors[earlier]
        error = g.left(changes, earlier, place) + g.errors[place]
        if power == 1 and r < 1:
            error = max(error, 1 - r)
        # r ± error as an interval of r^−p, about r^−p.
        high = (r - error) ** -power if error < r else math.inf
        error = high - r**-power
        if error < best.error:
            best = Measurement(float(r**-power), float(error), _at(name, g, place))
    return best


def limits_over_law(frame: pd.DataFrame, by: Sequence[str] = ("activation",)) -> list[Measurement]:
    """The limit of 1 − c over its law for each path of a table with the laws' exponents."""
    return [over_law(path, int(path["exponent"].iloc[0]), name) for name, path in groups(frame, by)]


def exponent(
    path: pd.DataFrame, power: int, name: str, each_layer: float = COMPLEMENT_ERROR
) -> Measurement:
    """The exponent of l in 1 − c in the limit: −p where 1 − gamma'/gamma ~ gamma^(1/p).

    From how that changes between two places, with its own change since an earlier one as the
    estimate of what is left. ``power`` is the p of the law, which has no say in the result but
    where r is below 1 and p = 1: what r has to rise to 1, spread over the fall between the two
    places, is part of the error.
    """
    g = growth(path, power, each_layer)
    best = Measurement(math.nan, math.inf, f"{name}: 1 − c has not fallen enough")
    for place in g.places():
        if not g.before(place).size or not g.before(middle := int(g.before(place)[-1])).size:
            continue
        slope, rounded = g.slope(middle, place)
        earlier = g.before(middle)
        changes = np.array([abs(g.slope(int(first), middle)[0] - slope) for first in earlier])
        # From an earlier stretch to the one between middle and place gamma falls as from first to
        # middle, at the least.
        error = g.left(changes, earlier, middle) + rounded
        if power == 1 and g.r[place] < 1:
            error += -math.log(g.r[place]) / math.log(g.low[middle] / g.high[place])
        if not slope > error:
            continue
        error = 1 / (slope - error) - 1 / slope
        if error < best.error:
            best = Measurement(-1 / slope, error, _at(name, g, place))
    return best


def _at(name: str, g: Growth, place: int) -> str:
    return f"{name}, 1 − c = {g.low[place]:.2g}"


def limit_of_falling(
    path: pd.DataFrame, column: str, name: str, each_layer: float = COMPLEMENT_ERROR
) -> Measurement:
    """The limit of what a recursion along one concave map tends to: between 0 and where it is.

    A path that falls goes on falling, so that its limit is in [0, x] for its last value x. One
    that rises by more than the map's error goes on rising, to a limit that is not below x. One
    that has moved and then stays where it is to rounding is at a fixed point of the map, its
    limit: what falls to 0, falls by 1/l of itself a layer or more.

    Raises:
        MissingRows: the path has fewer than two layers.
    """
    path = path.sort_values("layer")
    if len(path) < 2:
        raise MissingRows(f"one layer alone does not tell where 1 − c goes, {name}")
    (before, x), layer = path[column].to_numpy(float)[-2:], path["layer"].to_numpy(float)[-2:]
    bound = x * float(accumulated(layer[1], each_layer))
    detail = f"{name}, {x:.3g} at l = {layer[1]:g}"
    moved = abs(path[column].iloc[0] / x - 1) > MOVED if x > 0 else False
    stays = moved and abs(x / before - 1) <= STAYS
    if stays or x > before * (1 + each_layer * (layer[1] - layer[0])):
        return Measurement(x, bound, detail)
    return Measurement(x / 2, x / 2 + bound, detail)


def groups(frame: pd.DataFrame, by: Sequence[str]) -> Iterable[tuple[str, pd.DataFrame]]:
    """The name and the rows of each path of a table; ``by`` are the columns that tell them."""
    for key, path in frame.groupby(list(by), sort=False):
        yield ", ".join(named(c, value) for c, value in zip(by, key, strict=True)), path


def layers_a_factor(
    log_distance: pd.Series, layers: pd.Series, share: pd.Series, factor: float
) -> tuple[float, float] | None:
    """Layers that a factor e in a distance takes, over 1/log ``factor``, and the error; or None.

    A small distance x is multiplied by ``factor`` a layer, by another one near where growth ends,
    x being the part ``share`` of the way there. Layers are whole numbers, so each is off by up to a
    half, besides what all have in common. Their number is off further by the sum of the shares on
    the way, of the order of share factor/log(factor); twice that is taken, an estimate, and shares
    above ``SMALL_SHARE`` are left out. None where fewer than two distances are left.

    Args:
        log_distance: −log x of each start, to a constant.
        layers: how many layers it takes from there; infinite where it does not get there.
    """
    used = (share <= SMALL_SHARE) & np.isfinite(layers)
    if log_distance[used].nunique() < 2:
        return None
    rate = math.log(factor)
    errors = 0.5 + 2 * share[used] * factor / rate
    per_e, error = slope(log_distance[used], layers[used], errors)
    return per_e * rate, error * rate


def fit_errors(rate: pd.Series, points: pd.Series | float, start: float) -> pd.Series:
    """An estimate of the relative error of a depth scale fitted through ``points`` layers.

    A deviation x is off an exponential by x/(1 − rate) relatively, if the second-order term of the
    map is of the order of 1, and by ``ROUNDED`` at the other end of the window. Either counts at
    one end of the straight line, over a scale or so, which moves its slope by 6 times that over the
    squared span of the logarithms. The map is off by COMPLEMENT_ERROR a layer.
    """
    decay = -np.log(rate)
    span = points * decay
    ends = start * (1 + 1 / (1 - rate)) + ROUNDED
    return 6 * ends / span**2 + COMPLEMENT_ERROR / decay
