"""Expectations over a pair of correlated Gaussians, by quadrature that follows the kinks of phi.

U1 = sqrt(x) (s X + d Y), U2 = sqrt(y) (s X - d Y), with s = cos(theta/2), d = sin(theta/2),
cos(theta) = c, and X, Y independent N(0, 1). The kinks of phi are straight lines in (X, Y): the
inner integral over Y is split where they cross, and the outer one over X where lines meet, so
every panel sees an analytic integrand. Differences phi(U1) - phi(U2) keep their digits as c -> 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import number
from edgeofchaos.panels import TooFine, known_reach, panel_nodes, resolved_with
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray

_REACH = 8.6  # standard deviations; the Gaussian mass beyond is 8e-18
_INNER_ORDER = 20
_OUTER_ORDER = 16
_FARTHEST = 30.0  # kinks beyond have a weight below 1e-190
_CUT = 2.5  # deviations between extra edges, so that the Gaussian itself is resolved
# For c near 1 the inner integral changes within d/s of a kink: edges there, in units of d/s.
_GRADING = np.array([0.5, 1.5, 3.0, 5.5, _REACH])
_CHUNK = 2_000_000  # nodes evaluated at once
_FAR_OUT, _NEAR, _STEP = 2.0**9, -6.0, 5.0  # |u|, and powers of 2 of the edges close to 0

Combine = Callable[[FloatArray, FloatArray], FloatArray]  # of phi(U1) and phi(U2)


def _first_edges(octave: float) -> FloatArray:
    """Edges to start from: the ends, and where these are so far out that all nodes between would be
    beyond what phi does about 0, some that lead there.
    """
    steps = 2.0 ** np.arange(_NEAR, math.log2(octave), _STEP) if octave > _FAR_OUT else np.empty(0)
    return np.concatenate([[-octave], -steps[::-1], steps, [octave]])


def smooth_breaks(phi: Activation, reach: float) -> FloatArray:
    """The edges inside (-reach, reach) of panels that resolve phi (panels.resolved).

    Raises:
        ValueError: phi cannot be followed as far.
    """
    octave = 2.0 ** math.ceil(math.log2(max(reach, 1e-8)))
    key = ("breaks", octave)
    if key not in phi.cache:
        try:
            # The deviation is a 26th of the octave or more; as tabulation._WIDER.
            panels = resolved_with(phi, _first_edges(octave), (octave / 32, octave / 8))
        except TooFine as error:
            raise ValueError(
                f"activation {phi.name!r}: this needs |u| up to {reach:.6g}, and {error}; allowed "
                "are variances without that"
            ) from error
        phi.cache[key] = panels.edges
    edges = phi.cache[key]
    if edges[-1] < reach:
        raise ValueError(
            f"activation {phi.name!r}: this needs |u| up to {reach:.6g}, and "
            f"{known_reach(phi).why}; allowed are smaller variances"
        )
    inner = edges[1:-1]
    return inner[np.abs(inner) < reach]


def squared_difference(phi: Activation, x: float, y: float, theta: float) -> float:
    """E[(phi(U1) - phi(U2))^2] for variances x, y and correlation cos(theta).

    Args:
        x, y: positive variances.
        theta: the angle arccos(c), in [0, pi].

    Example:
        >>> from edgeofchaos import activation
        >>> round(squared_difference(activation("identity"), 1.0, 1.0, math.pi / 2), 12)
        2.0
    """
    return _integrate(phi, x, y, theta, lambda p1, p2: (p1 - p2) ** 2)


def product(phi: Activation, x: float, y: float, theta: float) -> float:
    """E[phi(U1) phi(U2)] for variances x, y and correlation cos(theta).

    Example:
        >>> from edgeofchaos import activation
        >>> round(product(activation("relu"), 1.0, 1.0, 0.0), 12)
        0.5
    """
    return _integrate(phi, x, y, theta, lambda p1, p2: p1 * p2)


def _integrate(phi: Activation, x: float, y: float, theta: float, combine: Combine) -> float:
    x = number("x", x, 1e-40, 1e40, what="variance")
    y = number("y", y, 1e-40, 1e40, what="variance")
    theta = number("theta", theta, 0.0, math.pi)
    s, d = math.cos(theta / 2), math.sin(theta / 2)
    rx, ry = math.sqrt(x), math.sqrt(y)
    end = _end(phi, min(x, y), max(rx, ry))
    bx = smooth_breaks(phi, math.sqrt(2.0) * end * rx) / rx  # lines s X + d Y = b
    by = smooth_breaks(phi, math.sqrt(2.0) * end * ry) / ry  # lines s X - d Y = b
    if d < 1e-300:
        d = 1e-300
    # With equal variances the integrand is even in Y.
    low = 0.0 if x == y else -end
    edges = _outer_edges(phi, bx, by, rx, ry, s, d, end)
    if phi.odd:  # the integrand is the same at (-X, -Y)
        edges = edges[edges >= 0.0]
    nodes, weights = panel_nodes(edges[:-1], edges[1:], _OUTER_ORDER)
    nodes, weights = nodes.ravel(), weights.ravel()
    weights = weights * np.exp(-0.5 * nodes**2) / math.sqrt(2 * math.pi)
    step = max(1, _CHUNK // (_INNER_ORDER * (bx.size + by.size + 8)))
    total = 0.0
    for i in range(0, nodes.size, step):
        inner = _inner(phi, nodes[i : i + step], bx, by, rx, ry, s, d, low, end, combine)
        total += float(weights[i : i + step] @ inner)
    return total * (2.0 if low == 0.0 else 1.0) * (2.0 if phi.odd else 1.0)


def _end(phi: Activation, q: float, root: float) -> float:
    """The standard deviations that X and Y go out to.

    They are more than usual where phi all but stands still up to kinks far out, as ReLU(x - 9) does
    at variance 1: what there is comes from there.
    """
    far = np.array([k for k in phi.kinks if 3.0 < abs(k) / math.sqrt(q) < _FARTHEST])
    if not far.size:
        return _REACH
    slope = max(float(np.abs(phi.one_sided(k)[:, 1]).max()) for k in far)
    if float(gaussian.slope_second_moment(phi, q)) > 1e-4 * slope**2:
        return _REACH
    end = max(_REACH, float(np.abs(far).max()) / math.sqrt(q) + 5.0)
    return end if math.sqrt(2.0) * end * root <= known_reach(phi).end else _REACH


def _gaussian_cuts(end: float) -> FloatArray:
    """Edges at 2.5, 5 and so on; the panel before ``end`` may be half as long again."""
    return _CUT * np.arange(1.0, max(round(end / _CUT), 2))


def _outer_edges(
    phi: Activation, bx: FloatArray, by: FloatArray, rx: float, ry: float, s: float, d: float,
    end: float,
) -> FloatArray:  # fmt: skip
    """Edges of the panels in X."""
    cuts = np.concatenate([[0.0], _gaussian_cuts(end), -_gaussian_cuts(end)])
    if s < 1e-12:
        return np.unique(np.concatenate([[-end, end], cuts]))
    lines, width, kinks = np.concatenate([bx, by]), d / s, np.array(phi.kinks)
    places_x = np.concatenate([kinks / rx, _narrow_ends(bx, width)])
    places_y = np.concatenate([kinks / ry, _narrow_ends(by, width)])
    meets = 0.5 * (places_x[:, None] + places_y[None, :]).ravel()  # a line and a mirrored one
    centres = np.concatenate([places_x, places_y, meets])
    near = (centres[:, None] / s + np.concatenate([-_GRADING, _GRADING]) * width).ravel()
    edges = np.concatenate([cuts, lines / s, centres / s, near])
    edges = edges[np.abs(edges) < end]
    return np.unique(np.concatenate([[-end, end], edges]))


def _narrow_ends(breaks: FloatArray, width: float) -> FloatArray:
    """Where runs of panels begin and end that are narrower than twice ``width``.

    What is narrow, as Swish about 0 at a large variance, is there what a kink would be.
    """
    narrow = np.concatenate([[False], np.diff(breaks) < 2 * width, [False]])
    return breaks[narrow[1:] != narrow[:-1]]


def _inner(
    phi: Activation,
    x_nodes: FloatArray,
    bx: FloatArray,
    by: FloatArray,
    rx: float,
    ry: float,
    s: float,
    d: float,
    low: float,
    end: float,
    combine: Combine,
) -> FloatArray:
    """The integral over Y from ``low`` on, at each node of X."""
    sx = s * x_nodes[:, None]
    crossings = np.concatenate([(bx - sx) / d, (sx - by) / d], axis=1)
    if low == 0.0:
        crossings = np.abs(crossings[:, : bx.size])  # the mirrored lines give the same |Y|
    cuts = _gaussian_cuts(end)
    cuts = cuts if low == 0.0 else np.concatenate([-cuts, [0.0], cuts])
    fixed = np.broadcast_to(np.concatenate([[low], cuts, [end]]), (x_nodes.size, cuts.size + 2))
    edges = np.sort(np.concatenate([fixed, np.clip(crossings, low, end)], axis=1), axis=1)
    y, w = panel_nodes(edges[:, :-1], edges[:, 1:], _INNER_ORDER)
    live = (edges[:, 1:] > edges[:, :-1])[..., None] & np.ones(y.shape[-1], bool)
    row = np.broadcast_to(np.arange(x_nodes.size)[:, None, None], y.shape)[live]
    y, w = y[live], w[live]
    base, shift = (s * x_nodes)[row], d * y
    value = combine(phi(rx * (base + shift)), phi(ry * (base - shift)))
    value = value * w * np.exp(-0.5 * y * y)
    return np.bincount(row, value, minlength=x_nodes.size) / math.sqrt(2 * math.pi)
