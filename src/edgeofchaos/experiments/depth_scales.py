"""Measured depth scales, the chaotic phase and Lemma 1, from the recursions themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows, Tables, Window
from edgeofchaos.experiments.fits import FIT
from edgeofchaos.experiments.lemma1 import PAIRS, lemma1
from edgeofchaos.theory.depth_scales import depth_scales as scales_of
from edgeofchaos.theory.phases import chaotic_limit, map_at_limit
from edgeofchaos.theory.recursion import complement_trajectory
from edgeofchaos.theory.variance import variance_map

TABLES = ("depth_scales", "trajectories", "chaotic", "decorrelation", "lemma1")
APART = 0.5
_MAX_LAYERS = 100_000


def depth_scales(
    *,
    sigma_b: float,
    ordered_sigma_w: Sequence[float],
    chaotic_sigma_w: Sequence[float],
    layers: int,
    epsilons: Sequence[float],
    name: str = "tanh",
    starts: Sequence[float] = (1e-6, 0.05, 0.5, 1.0, 1.5),
    lemma1_layers: int = 64,
    lemma1_others: Sequence[str] = ("relu", "elu", "swish", "hardtanh"),
    fit: Window = FIT,
    apart: float = APART,
    limit_layers: int = 20_000,
    pairs: Sequence[tuple[float, float, float]] = PAIRS,
) -> Tables:
    """Depth scales measured on the recursions, the chaotic limit, decorrelation, and Lemma 1.

    Args:
        sigma_b: standard deviation of the biases.
        ordered_sigma_w: points of the ordered phase (sigma_w below the edge's).
        chaotic_sigma_w: points of the chaotic phase (sigma_w above it).
        layers: how many layers the decays are followed through.
        epsilons: distances of two inputs whose outputs decorrelate.
        name: the activation.
        starts: 1 - c^1 of the pairs that are followed into the chaotic phase.
        lemma1_layers: how many layers Lemma 1 is looked at.
        lemma1_others: further activations, at one of the ordered points.
        fit: the decay is fitted while the deviation is within these two.
        apart: inputs have decorrelated once 1 - c is this part of its limit.
        limit_layers: after how many layers 1 - c is taken for its limit in the chaotic phase.
        pairs: (q_a/q, q_b/q, 1 - c) of the pairs that Lemma 1 is looked at for.

    Returns:
        ``depth_scales`` (fitted against predicted), ``trajectories`` (the decays that were fitted),
        ``chaotic`` (where 1 - c comes to from each start), ``decorrelation`` (the layers it takes)
        and ``lemma1`` (how far the maps f_l are from f by layer).
    """
    b = sigma_b
    fits, paths = decays(name, b, [*ordered_sigma_w, *chaotic_sigma_w], layers, fit)
    some = [ordered_sigma_w[0], ordered_sigma_w[-1], chaotic_sigma_w[0]]
    middle = ordered_sigma_w[len(ordered_sigma_w) // 2]
    return {
        "depth_scales": fits,
        "trajectories": paths,
        "chaotic": [
            r for w in chaotic_sigma_w for r in chaotic_limits(name, b, w, starts, limit_layers)
        ],
        "decorrelation": [
            r
            for w in chaotic_sigma_w
            for r in decorrelations(name, b, w, epsilons, apart, limit_layers)
        ],
        "lemma1": [
            r
            for n, ws in [(name, some), *((n, [middle]) for n in lemma1_others)]
            for r in lemma1(n, b, ws, min(layers, lemma1_layers), pairs)
        ],
    }


def decays(
    phi: Activation | str, sigma_b: float, sigma_ws: Sequence[float], layers: int,
    fit: Window = FIT,
) -> tuple[Rows, Rows]:  # fmt: skip
    """(fits, trajectories) of |q^l - q| and, in the ordered phase, 1 - c^l.

    A fit row compares the decay length from a straight line through log deviation, within
    ``fit``, with epsilon_q = -1/log alpha or epsilon_c = -1/log chi_1.
    """
    phi = activation(phi)
    fits, paths = [], []
    for w in sigma_ws:
        scales = scales_of(phi, sigma_b, w)
        fmap = variance_map(phi, sigma_b, w)
        deviation = np.abs(fmap.trajectory(2.0 * scales.q, layers) / scales.q - 1.0)
        quantities = [("q", deviation, scales.alpha, scales.variance)]
        if scales.chi1 < 1:
            cmap = map_at_limit(phi, sigma_b, w)
            gamma = complement_trajectory(cmap, 0.5, range(1, layers + 1))
            quantities.append(("c", gamma, scales.chi1, scales.correlation))
        for quantity, path, slope, predicted in quantities:
            key = {"activation": phi.name, "sigma_b": sigma_b, "sigma_w": w, "quantity": quantity}
            used = (path < fit[1]) & (path > fit[0])
            fitted = math.nan
            if used.sum() >= 3:
                fitted = -1.0 / np.polyfit(np.arange(layers)[used], np.log(path[used]), 1)[0]
            fits.append({**key, "slope": slope, "chi1": scales.chi1, "fitted": fitted,
                         "predicted": predicted, "points": int(used.sum())})  # fmt: skip
            paths += [
                {**key, "layer": i + 1, "deviation": x, "scale": predicted}
                for i, x in enumerate(path)
                if x > 1e-14
            ]
    return fits, paths


def chaotic_limits(
    phi: Activation | str, sigma_b: float, sigma_w: float, gammas: Sequence[float],
    layers: int = 2000,
) -> Rows:  # fmt: skip
    """1 - c after so many layers from each 1 - c^1, f'(c) there, and the step of the next layer."""
    phi = activation(phi)
    cmap = map_at_limit(phi, sigma_b, sigma_w)
    rows = []
    for gamma in gammas:
        last, following = map(float, complement_trajectory(cmap, gamma, [layers, layers + 1]))
        rows.append({"activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w,
                     "chi1": cmap.chi1, "start": gamma, "limit": last,
                     "slope": float(cmap.derivative(1.0 - last)),
                     "step": following - last})  # fmt: skip
    return rows


def decorrelations(
    phi: Activation | str, sigma_b: float, sigma_w: float, epsilons: Sequence[float],
    apart: float = APART, limit_layers: int = 20_000,
) -> Rows:  # fmt: skip
    """Layers until a pair at distance epsilon has the part ``apart`` of the limiting 1 - c.

    Unit inputs at that distance have 1 - c^1 = epsilon^2/2; in the linear regime it takes
    2 log(1/epsilon)/log chi_1 layers. Infinitely many where they are more than 100,000.
    """
    phi = activation(phi)
    cmap = map_at_limit(phi, sigma_b, sigma_w)
    limit = chaotic_limit(cmap, limit_layers)
    rows = []
    for epsilon in epsilons:
        gamma, layer = epsilon**2 / 2, 1
        while gamma < apart * limit and layer < _MAX_LAYERS:
            gamma, layer = float(cmap.complement(gamma)), layer + 1
        rows.append({"activation": phi.name, "sigma_b": sigma_b, "sigma_w": sigma_w,
                     "chi1": cmap.chi1, "epsilon": epsilon,
                     "layers": layer if gamma >= apart * limit else math.inf,
                     "predicted": 2 * math.log(1 / epsilon) / math.log(cmap.chi1)
                     if cmap.chi1 > 1 else math.nan,
                     "limit": limit})  # fmt: skip
    return rows
