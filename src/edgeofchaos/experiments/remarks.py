"""What the paper remarks beside its propositions, as tables; and Propositions 1 and 5."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows, Tables, Window
from edgeofchaos.experiments.contraction import contractions
from edgeofchaos.experiments.fits import NEAR_EDGE_FIT
from edgeofchaos.experiments.negative_pairs import delays, paths, without_biases
from edgeofchaos.experiments.odd_family import odd_family
from edgeofchaos.experiments.scaled_swish import scaled_points, scaled_thresholds
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.correlation import CorrelationMap
from edgeofchaos.theory.edge import edge_or_at_zero, edge_point
from edgeofchaos.theory.grid import grid_moments
from edgeofchaos.theory.phases import chaotic_limit, map_at_limit
from edgeofchaos.theory.recursion import complement_trajectory
from edgeofchaos.theory.searched import log_grid
from edgeofchaos.theory.variance import variance_map

TABLES = (
    "kcorr", "near_edge", "near_edge_paths", "negative_pairs", "negative_paths", "without_biases",
    "kept_variances", "own_points", "scaled_swish", "scaled_thresholds", "contraction",
    "odd_family",
)  # fmt: skip
STARTS = ((1.0, 1.0, 0.5), (1.0, 2.0, 1.0), (1.0, 1.0, 2.0))
OWN_POINTS = (("selu", 0.0, 1.0),)
_RISING = -1e-12  # the least F' over sigma_w^2 that counts as not negative


def remarks(
    *,
    sigma_b: float,
    ratios: Sequence[float],
    betas: Sequence[float],
    pair_sigma_b: Sequence[float],
    layers: int,
    name: str = "tanh",
    odd: Sequence[str] = ("tanh", "arctan", "erf", "hardtanh"),
    not_odd: Sequence[str] = ("relu", "swish", "elu", "selu"),
    kcorr_activations: Sequence[str] = (
        "relu", "tanh", "arctan", "erf", "hardtanh", "swish", "elu", "selu", "gelu",
        "x_plus_half_tanh",
    ),
    kcorr_sigma_b: float = 0.3,
    kcorr_sigma_w: Sequence[float] = (1.0, 2.0),
    kcorr_layers: int = 400,
    scaled: Sequence[float] = (0.05, 0.2, 0.72, 1.0),
    homogeneous: Sequence[str] = ("relu", "leaky_relu"),
    kept: Sequence[float] = (0.5, 1.0, 2.0),
    without_bias: Sequence[str] = ("tanh", "relu", "swish"),
    share: float = 0.9,
    bias_layers: int = 40,
    contracting: Sequence[str] = (
        "relu", "leaky_relu", "tanh", "arctan", "erf", "hardtanh", "swish", "elu", "selu", "gelu",
        "mish", "softplus", "sigmoid",
    ),
    shares: Sequence[float] = (0.5, 0.95),
    fit: Window = NEAR_EDGE_FIT,
    members: int = 5,
    seed: int = 2,
) -> Tables:  # fmt: skip
    """Everything that the remarks of the paper are judged by, but for trained nets.

    Args:
        sigma_b: of the edge point that nets close to it are compared with.
        ratios: sigma_w there, over that of the edge.
        betas: of x sigmoid(beta x).
        pair_sigma_b: of the edge points at which pairs with c < 0 are followed.
        layers: how far they are followed.
        name: the activation of the points near the edge and of these paths.
        odd: odd activations whose pairs near c = -1 are delayed.
        not_odd: others, for contrast.
        kcorr_activations: the activations whose K_var and limit of c are found.
        kcorr_sigma_b: sigma_b there.
        kcorr_sigma_w: each sigma_w there.
        kcorr_layers: after how many layers.
        scaled: beta sigma_b of the points that are compared.
        homogeneous: ReLU-like activations, whose edge keeps every variance.
        kept: the variances q^1 that are followed there.
        without_bias: the activations whose correlations are followed at sigma_b = 0.
        share: sigma_w^2 there, over Proposition 1's bound.
        bias_layers: for how many layers.
        contracting: the activations whose sup|F'| is found, at sigma_w^2 below the bound.
        shares: sigma_w^2 over that bound.
        fit: growth and decay of 1 - c are fitted while the deviation is within these two.
        members: how many functions are drawn that Proposition 5 is about.
        seed: of that drawing.

    Returns:
        ``kcorr`` (see :func:`below_the_fixed_point`), ``near_edge`` and ``near_edge_paths``
        (:func:`near_the_edge`), ``negative_pairs``, ``negative_paths`` and ``without_biases``
        (module ``negative_pairs``), ``kept_variances``, ``own_points`` (fixed points of F at the
        initialisation that belongs to an activation), ``scaled_swish`` and ``scaled_thresholds``
        (module ``scaled_swish``), ``contraction`` and ``odd_family`` (modules of that name).
    """
    near, near_paths = near_the_edge(name, sigma_b, ratios, fit)
    return {
        "kcorr": [
            row for n in kcorr_activations for w in kcorr_sigma_w
            for row in below_the_fixed_point(activation(n), kcorr_sigma_b, w, kcorr_layers)
        ],
        "near_edge": near,
        "near_edge_paths": near_paths,
        "negative_pairs": [r for n in (*odd, *not_odd) for r in delays(n, pair_sigma_b)],
        "negative_paths": paths(name, pair_sigma_b, layers),
        "without_biases": without_biases(without_bias, share, bias_layers, STARTS),
        "kept_variances": [r for n in homogeneous for r in kept_variances(n, kept)],
        "own_points": [r for point in OWN_POINTS for r in own_points(*point)],
        "scaled_swish": scaled_points(betas, scaled),
        "scaled_thresholds": scaled_thresholds(betas),
        "contraction": contractions(contracting, shares, sigma_b),
        "odd_family": odd_family(members, seed),
    }  # fmt: skip


def below_the_fixed_point(phi: Activation, sigma_b: float, sigma_w: float, layers: int) -> Rows:
    """What becomes of inputs with q^1 <= q, q the smallest fixed point of F; no row without one.

    Keys: activation, sigma_b, sigma_w, increasing (whether F does not decrease), q, chi1, K_var,
    rest and rest_half (the largest |q^l/q - 1| at the last layer and at half of the layers, from
    q^1 = sigma_b^2, midway and q), over (by how much some q^l exceeds q, relatively), gamma and
    gamma_half (1 - c there, of two inputs with q^1 = q and c^1 = 1/2, which stay at q).
    """
    fmap = variance_map(phi, sigma_b, sigma_w)
    points = fmap.limiting_points()
    if not points:
        return []
    slope = grid_moments(phi, gaussian.SLOPE2) + gaussian.curvature_phi(phi, np.exp(log_grid(phi)))
    q = points[0].x
    path = fmap.trajectory([sigma_b**2, (sigma_b**2 + q) / 2, q], layers) / q - 1
    half = layers // 2
    cmap = CorrelationMap(phi, q, sigma_b, sigma_w)
    gamma_half, gamma = complement_trajectory(cmap, 0.5, [half, layers])
    return [{
        "activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w,
        "increasing": bool((slope / np.abs(slope).max()).min() >= _RISING), "q": q,
        "chi1": points[0].chi1, "K_var": fmap.basin(), "layers": layers,
        "rest": np.abs(path[-1]).max(), "rest_half": np.abs(path[half - 1]).max(),
        "over": path.max(), "gamma": gamma, "gamma_half": gamma_half,
    }]  # fmt: skip


def near_the_edge(
    name: str, sigma_b: float, ratios: Sequence[float], fit: Window
) -> tuple[Rows, Rows]:
    """(depth scales, paths) at sigma_w = ratio times the edge's.

    Keys of the former: activation, sigma_b, ratio, sigma_w, q, chi1, alpha; limit (that of 1 - c)
    and slope (f' there, chi_1 where c -> 1); scale = 1/|log chi_1|, over which 1 - c falls by a
    factor e below the edge and small ones grow by it above; to_limit = -1/log slope, over which the
    distance to the limit falls; and both measured on the recursion.
    Keys of the latter, the edge (ratio 1) included: ratio, layer, gamma, from 1 - c = 1.
    """
    phi = activation(name)
    edge = edge_point(phi, sigma_b)
    rows, shown = [], []
    for ratio in (*ratios, 1.0):
        cmap = map_at_limit(phi, sigma_b, ratio * edge.sigma_w)
        path = complement_trajectory(cmap, 1.0, range(1, 301))
        shown += [{"ratio": ratio, "layer": i + 1, "gamma": x} for i, x in enumerate(path)]
        if ratio == 1.0:
            continue
        (point, *_) = variance_map(phi, sigma_b, cmap.sigma_w).limiting_points()
        chaotic = point.chi1 > 1
        limit = chaotic_limit(cmap, 20_000) if chaotic else 0.0
        slope = float(cmap.derivative(1.0 - limit)) if chaotic else point.chi1
        scale, to_limit = 1 / abs(math.log(point.chi1)), -1 / math.log(slope)
        last = range(1, math.ceil(60 * max(scale, to_limit)))
        decay = np.abs(complement_trajectory(cmap, 1.0, last) - limit)
        growth = complement_trajectory(cmap, fit[0], last) if chaotic else decay
        rows.append({
            "activation": name, "sigma_b": sigma_b, "ratio": ratio, "sigma_w": cmap.sigma_w,
            "q": point.x, "chi1": point.chi1, "alpha": point.alpha, "limit": limit, "slope": slope,
            "scale": scale, "to_limit": to_limit, "scale_measured": fitted(growth, fit),
            "to_limit_measured": fitted(decay, fit),
        })  # fmt: skip
    return rows, shown


def fitted(path: np.ndarray, fit: Window) -> float:
    """The number of layers per factor e of a path, by a straight line through its log; or NaN."""
    used = np.flatnonzero((path > fit[0]) & (path < fit[1]))
    if used.size < 3:
        return math.nan
    return float(1 / abs(np.polyfit(used, np.log(path[used]), 1)[0]))


def kept_variances(name: str, variances: Sequence[float]) -> Rows:
    """q^100 from each q^1 on the edge of a ReLU-like phi, and f(0) of the map at that variance."""
    phi = activation(name)
    edge = edge_or_at_zero(phi, 0.0)
    ends = variance_map(phi, edge.sigma_b, edge.sigma_w).trajectory(variances, 100)[-1]
    return [
        {"activation": name, "sigma_b": edge.sigma_b, "sigma_w": edge.sigma_w, "start": q,
         "q": end, "f0": float(CorrelationMap(phi, q, edge.sigma_b, edge.sigma_w)(0.0))}
        for q, end in zip(variances, ends, strict=True)
    ]  # fmt: skip


def own_points(name: str, sigma_b: float, sigma_w: float) -> Rows:
    """Every fixed point of F at one point, with chi_1 and alpha there."""
    return [
        {"activation": name, "sigma_b": sigma_b, "sigma_w": sigma_w, "x": p.x, "chi1": p.chi1,
         "alpha": p.alpha, "attracts": p.attracts}
        for p in variance_map(name, sigma_b, sigma_w).fixed_points()
    ]  # fmt: skip
