"""Which edge point to initialise a net of a given depth and width at, with the reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import MOST_LAYERS, number, whole, wrong
from edgeofchaos.practice.advice import Reason, Recommendation
from edgeofchaos.practice.given import Given, given
from edgeofchaos.practice.search import MOST_SIGMA_B, NEARLY, SIGMA_BS, Search
from edgeofchaos.practice.spread import TRIES, Chain, Share, gradient_spread, sampled
from edgeofchaos.theory.correlation import correlation_map
from edgeofchaos.theory.edge import EdgePoint, edge_curve, edge_point
from edgeofchaos.theory.gaussian import relative_error
from edgeofchaos.theory.rates import edge_rate
from edgeofchaos.theory.recursion import complement_trajectory
from edgeofchaos.theory.stability import stability_threshold

__all__ = ["Reason", "Recommendation", "recommend"]

MOST_WIDTH = 2**31 - 1
MOST_SPREAD = math.log(1000.0)  # of the log of the growth of gradients
_EQUAL = 1e-9  # of F'(q): what is as close as that is the same
_MOST_EQUAL = 20  # points that are compared then
_OFF = 0.01  # the part that a variance is off q, for how long it takes to leave


def recommend(
    phi: Activation | str,
    depth: int,
    *,
    width: int | None = None,
    inputs: Any = None,
    band: float = 2.0,
    probability: float = 0.9,
) -> Recommendation:
    """The point on the edge of chaos to initialise a net of this depth and width at, with reasons.

    Of two inputs 1 - c^L falls with depth: like beta_q/L for a smooth phi, once L is above
    beta_q. As sigma_b -> 0 on a stable edge that is smooth at 0, beta_q grows without end and
    1 - c^L tends to 1, but only because the net tends to a linear one; F' tends to 1 with it, so
    that the variance no longer returns to q: at width N log q^L scatters with a variance of about
    2 L/N. So 1 - c^L alone has no best sigma_b > 0. The point is

    - stable: q is the smallest fixed point of F, and attracts,
    - one at which the variance q^L of a net of width N is within [q/band, q band] with the
      probability asked for (with ``inputs``, over nets and inputs), and
    - of these the one with the largest q at which 1 - c^L still is nine tenths of the largest that
      any of them has: there the net is the least linear, and forgets the scale of its inputs, and
      its own noise, the soonest.

    All q from 1e-10 on with sigma_b up to 5 are searched, by estimates; 1 - c^L at the end is
    computed, and the probability is that of up to 2,000 exactly drawn nets, with the interval of
    Clopper and Pearson. Where too few can be drawn in some seconds it is an estimate, and called
    so. Without a width a call takes about half a second. A width adds seconds: N L 2,000 random
    numbers, up to 1e8, a try, of which there are at most four.

    Args:
        phi: the activation, or its name.
        depth: the number of layers L.
        width: the number N of units a layer; None for infinitely many.
        inputs: (n, d), one input a row, from which mean squares and correlations are taken, as if
            scaled as a whole so that their mean square starts at q (``init_`` does that); None
            stands for orthogonal ones that start at q. More dimensions are flattened.
        band: the factor that q^L may be off q.
        probability: of its being within.

    Returns:
        A :class:`.advice.Recommendation`. Where no point is stable it is the one that a variance
        takes longest to leave, and the note says how long; where all have F'(q) = 1, as for
        Soft-Shrink, the same rule chooses among them. Where none has the probability, it is the one
        with the largest, and the note has a width that would do, an estimate. ``holds`` is False
        then, and where the squared gradients of one net grow 1,000 times as much as those of
        another, at one standard deviation of their logs (an estimate).

    Raises:
        ValueError: an argument is not allowed, or no edge is found.

    Example:
        >>> advice = recommend("relu", depth=10)
        >>> round(advice.point.sigma_w, 6), round(advice.complement, 4)
        (1.414214, 0.1452)
        >>> [round(recommend("tanh", 100, width=n).point.sigma_b, 3) for n in (10_000, 200)]
        [0.006, 0.008]
    """
    phi = activation(phi)
    depth = whole("depth", depth, 1, MOST_LAYERS)
    if width is not None:
        width = whole("width", width, 1, MOST_WIDTH)
    band = number("band", band, 1.0, 1e6, above=True)
    probability = check_probability(probability)
    return Adviser(phi, depth, width, given(inputs), band, probability).advice()


def check_probability(value: Any) -> float:
    """``value`` as a float, if it is above 0 and below 1.

    Raises:
        ValueError: it is not.
    """
    found = number("probability", value, 0.0, 1.0, above=True)
    if found == 1.0:
        raise wrong("probability", value, "a number above 0 and below 1")
    return found


class Adviser:
    """One recommendation in the making; arguments as :func:`recommend` has checked them."""

    def __init__(
        self, phi: Activation, depth: int, width: int | None, inputs: Given, band: float,
        probability: float,
    ) -> None:  # fmt: skip
        self.phi, self.depth, self.width, self.inputs = phi, depth, width, inputs
        self.band, self.probability = band, probability

    def advice(self) -> Recommendation:
        """The recommendation."""
        share: Share | None = None
        target = self.probability
        for _ in range(TRIES):
            search = Search(self.phi, self.depth, self.width, self.band, self.inputs, target)
            tried, enough = search.best()
            if tried is None:
                return self._without()
            share = self._share(tried.point, tried.share)
            if not enough or share.value >= self.probability:
                break
            target = min(target + 1.5 * (self.probability - share.value) + 0.005, 1.0)
        assert tried is not None and share is not None
        note = "q is the limiting variance"
        if (threshold := stability_threshold(self.phi)) is not None:
            note += (
                f"; below sigma_b = {threshold.sigma_b:.4g} the edge is unstable and is not "
                "recommended"
            )
        if tried.point.sigma_b > 0.99 * MOST_SIGMA_B:
            note += f"; sigma_b up to {MOST_SIGMA_B:g} is searched, and this is that end"
        return self._entry(tried.point, note, share)

    def _without(self) -> Recommendation:
        """Where no point with q > 0 is stable."""
        found = [p for p in edge_curve(self.phi, SIGMA_BS) if p.status != "none"]
        # At others the correlation map is not known.
        curve = [p for p in found if math.isfinite(relative_error(self.phi, p.q))]
        searched = f"sigma_b from {SIGMA_BS[0]:g} to {SIGMA_BS[-1]:g}"
        if curve:
            best = self._of_unstable(curve)
            note = f"no edge point with {searched} is stable: {_leaves(best)}"
            if best.sigma_b > 0.99 * MOST_SIGMA_B:
                note += "; this is the end of that"
        else:
            best = edge_point(self.phi, 0.0)
            note = (
                "F(x) = x here: any input scale keeps its variance"
                if best.status == "singleton"
                else f"no edge point with {searched} is found; this one is the limit q -> 0"
            )
        chain = Chain(self.phi, best, self.inputs.starts(best))
        estimate = chain.share(self.width, self.depth, self.band)
        return self._entry(best, note, self._share(best, estimate))

    def _of_unstable(self, curve: Sequence[EdgePoint]) -> EdgePoint:
        """The point that a variance takes longest to leave; of those that are equal in that, as all
        are for a phi that is flat about 0 and linear beyond, the one to which the rule points.
        """
        least = min(abs(p.alpha - 1.0) for p in curve)
        equal = [p for p in curve if abs(p.alpha - 1.0) <= least + _EQUAL]
        if len(equal) == 1:
            return equal[0]
        if (width := self.width) is not None:
            spreads = [gradient_spread(self.phi, p, width, self.depth) for p in equal]
            bound = max(MOST_SPREAD, min(spreads))
            equal = [p for p, s in zip(equal, spreads, strict=True) if s <= bound]
        search = Search(self.phi, self.depth, self.width, self.band, self.inputs, self.probability)
        tried = [search.estimated(p) for p in equal[:: 1 + len(equal) // _MOST_EQUAL]]
        most = max(one.share.value for one in tried)
        tried = [one for one in tried if one.share.value >= min(self.probability, most)]
        kept = max(one.complement for one in tried)
        good = [one for one in tried if one.complement >= NEARLY * kept]
        return max(good, key=lambda one: one.log_q).point

    def _share(self, point: EdgePoint, estimate: Share) -> Share:
        """By the exact sampler, where there is a width that it can do."""
        if self.width is None:
            return estimate
        starts = self.inputs.starts(point)
        found = sampled(self.phi, point, starts, self.width, self.depth, self.band)
        return found or estimate

    def _entry(self, point: EdgePoint, note: str, share: Share) -> Recommendation:
        gammas = self.inputs.gammas(point)
        wanted = [float(np.quantile(gammas, p)) for p in (0.5, 0.1, 0.9)]
        cmap = correlation_map(self.phi, point)
        ends = [
            float(complement_trajectory(cmap, min(g, 2.0), [self.depth])[0])
            for g in (wanted if gammas.size > 1 else wanted[:1])
        ]
        scale = (point.q - point.sigma_b**2) / point.sigma_w**2 if point.q > 0 else math.nan
        reasons = [self._correlation(ends), *self._of_point(point)]
        enough = share.value >= self.probability
        if self.width is not None or self.inputs.squares.size > 1:
            reasons += self._of_share(share)
            if not enough:
                said, more = self._not_enough(point, share)
                note += f"; {said}"
                reasons += more
        reasons += self._of_gradients(point)
        if (spread := reasons[-1]).name == "spread of log gradient" and spread.value > MOST_SPREAD:
            enough = False
            note += (
                f"; at width {self.width} the growth of squared gradients differs between nets by "
                f"a factor e^{spread.value:.3g}: they vanish or explode in many"
            )
        stable = point.stable or point.status == "singleton"
        return Recommendation(
            point, self.depth, ends[0], scale, note, self.width, stable and enough, tuple(reasons)
        )

    def _correlation(self, ends: Sequence[float]) -> Reason:
        if len(ends) == 1:
            said = f"of two inputs that start orthogonal, after {self.depth} layers"
            return Reason("1 - c^L", ends[0], math.nan, math.nan, "computed", said)
        said = (
            f"of the median pair of the inputs, after {self.depth} layers; from {ends[1]:.4g} to "
            f"{ends[2]:.4g} for the middle 80 % of pairs"
        )
        return Reason("1 - c^L", ends[0], math.nan, math.nan, "computed", said)

    def _of_point(self, point: EdgePoint) -> list[Reason]:
        nan, found = math.nan, []
        rate = edge_rate(self.phi, point)
        if rate is None:
            found.append(
                Reason("beta_q", math.inf, nan, nan, "computed", "1 - c^l does not decay: the net "
                       "is linear, or tends to one that is")
            )  # fmt: skip
        else:
            name = "beta_q" if rate.exponent == 1 else "9/(2 A^2)"
            power = "l" if rate.exponent == 1 else "l^2"
            against = rate.coefficient ** (1 / rate.exponent)
            said = (
                f"1 - c^l tends to this/{power}, from about layer {against:.4g} on; L is "
                f"{self.depth}"
            )
            found.append(Reason(name, rate.coefficient, nan, nan, "computed", said))
        returns = -1.0 / math.log(point.alpha) if 0 < point.alpha < 1 - 1e-15 else nan
        if not math.isnan(returns):
            said = "layers in which a variance off q comes closer by a factor e"
            found.append(Reason("eps_q", returns, nan, nan, "computed", said))
        elif point.alpha > 1 + 1e-9:
            rate_of = math.log(math.log(self.band) / _OFF) / math.log(point.alpha)
            said = f"layers in which a variance {_OFF:.0%} off q leaves the band"
            found.append(Reason("lasts", max(rate_of, 0.0), nan, nan, "estimate", said))
        return found

    def _of_share(self, share: Share) -> list[Reason]:
        nan = math.nan
        sure = not math.isnan(share.low)
        kind = "sampled" if sure else "estimate"
        over = "nets" if self.inputs.squares.size == 1 else "nets and inputs"
        if self.width is None:
            over = "inputs, at infinite width"
        band = f"[q/{self.band:.10g}, {self.band:.10g} q]"
        found = [
            Reason("P(q^L in band)", share.value, share.low, share.high, kind,
                   f"part of {over} whose variance at layer L is in {band}")
        ]  # fmt: skip
        if not math.isnan(share.every):
            said = f"the same for all layers up to L: in {band} throughout"
            found.append(Reason("P(all q^l in band)", share.every, nan, nan, kind, said))
        return found

    def _not_enough(self, point: EdgePoint, share: Share) -> tuple[str, list[Reason]]:
        at = f"depth {self.depth}"
        if self.width is not None:
            at = f"width {self.width} and {at}"
        wanted = (
            f"the probability {self.probability:.10g} that q^L is within a factor {self.band:.10g}"
        )
        if share.high >= self.probability:
            return f"{wanted} of q is not decided by the nets drawn: see its interval", []
        said = f"{wanted} of q is not to be had at {at}: it is {share.value:.3g} here"
        chain = Chain(self.phi, point, self.inputs.starts(point))
        if self.width is None or chain.share(None, self.depth, self.band).value < self.probability:
            return f"{said}, and no width would do, for these inputs start too far from q", []
        enough = chain.width_that_does(self.depth, self.band, self.probability)
        if enough is None:
            return f"{said}; no width up to 2^31 would do", []
        meaning = "units a layer with which it could be had"
        if self.width is not None and enough <= self.width:
            return f"{said}, though by an estimate it would", []
        reason = Reason("width that would do", float(enough), math.nan, math.nan, "estimate",
                        meaning)  # fmt: skip
        return f"{said}; about {enough} units a layer would do, by an estimate", [reason]

    def _of_gradients(self, point: EdgePoint) -> list[Reason]:
        nan, layers = math.nan, self.depth - 1
        growth = math.exp(min(layers * math.log(point.chi1), 700.0)) if point.chi1 > 0 else nan
        found = [
            Reason("chi_1^(L-1)", growth, nan, nan, "computed",
                   "growth of the mean squared gradient from the last layer to the first")
        ]  # fmt: skip
        if self.width is not None and self.depth > 1:
            spread = gradient_spread(self.phi, point, self.width, self.depth)
            found.append(
                Reason("spread of log gradient", spread, nan, nan, "estimate",
                       "standard deviation over nets of the log of that growth, at this width")
            )  # fmt: skip
        return found


def _leaves(point: EdgePoint) -> str:
    """How a variance leaves the q of an edge point that is not stable."""
    if abs(point.alpha - 1.0) < 1e-9:
        return "F'(q) = 1, so that a variance off q neither returns nor leaves exponentially"
    if point.alpha < 1.0:
        return f"variances below q tend to a smaller fixed point {point.smallest_fixed_point:.4g}"
    layers = 1.0 / math.log(point.alpha)
    return f"a variance off q by a fraction d leaves it after about {layers:.0f} log(1/d) layers"
