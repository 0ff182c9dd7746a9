"""Pairs of inputs with c < 0, and what becomes of correlations at sigma_b = 0."""

from __future__ import annotations

import math
from collections.abc import Sequence

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows
from edgeofchaos.theory.constants import contraction_constant, correlation_constant
from edgeofchaos.theory.correlation import CorrelationMap, correlation_map
from edgeofchaos.theory.edge import EdgePoint, edge_or_at_zero, edge_or_none
from edgeofchaos.theory.identity import differentiable_at_zero, identity_distance
from edgeofchaos.theory.opposite import bounds_on_layers, layers_to_orthogonal
from edgeofchaos.theory.rates import edge_rate
from edgeofchaos.theory.recursion import complement_trajectory, log_spaced_layers, pair_trajectory

_MOST = 100_000  # layers from c = -1 to c = 0
ORTHOGONAL, OPPOSITE = 1.0, 2.0  # 1 - c


def delays(name: str, sigma_bs: Sequence[float]) -> Rows:
    """How many layers opposite inputs are behind orthogonal ones, at each edge point.

    Keys: activation, odd, sigma_b, sigma_w, q, at_zero = f(0) and at_minus_one = f(-1), layers (how
    often f is applied until c >= 0), least and most (what holds for every phi: theory/opposite.py).
    A ReLU-like phi has a single edge point, which then is the one row.
    """
    phi = activation(name)
    rows = []
    for point in _points(phi, sigma_bs):
        at_zero = identity_distance(phi, point)
        cmap = _map(phi, point)
        least, most = bounds_on_layers(at_zero, odd=phi.odd)
        rows.append({
            "activation": name, "odd": phi.odd, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w,
            "q": point.start_variance, "at_zero": at_zero,
            "at_minus_one": float(cmap(-1.0)), "layers": layers_to_orthogonal(cmap, _MOST),
            "least": least, "most": most,
        })  # fmt: skip
    return rows


def paths(name: str, sigma_bs: Sequence[float], layers: int) -> Rows:
    """1 - c by layer on the edge, from c = 0 and from c = -1, with the law that it tends to.

    Keys: activation, sigma_b, start (1 - c at layer 1), layer, gamma, predicted.
    """
    phi = activation(name)
    rows = []
    for point in _points(phi, sigma_bs):
        cmap, rate = _map(phi, point), edge_rate(phi, point)
        record = log_spaced_layers(layers)
        for start in (ORTHOGONAL, OPPOSITE):
            gammas = complement_trajectory(cmap, start, record)
            rows += [
                {"activation": name, "sigma_b": point.sigma_b, "start": start, "layer": int(n),
                 "gamma": gamma,
                 "predicted": math.nan if rate is None else rate.coefficient / n**rate.exponent}
                for n, gamma in zip(record, gammas, strict=True)
            ]  # fmt: skip
    return rows


def without_biases(
    names: Sequence[str], share: float, layers: int, starts: Sequence[tuple[float, float, float]]
) -> Rows:
    """The full recursion at sigma_b = 0 and sigma_w^2 = share/max(M_phi, C_phi), below both bounds.

    A row an activation and start (q_a, q_b, 1 - c), with 1 - c at the last layer and at half of
    the layers. Proposition 1 says that it tends to 0; the variance does, as phi(0) = 0.
    """
    rows = []
    for name in names:
        phi = activation(name)
        bound = max(contraction_constant(phi).most, correlation_constant(phi).most)
        if bound == math.inf:
            continue  # no sigma_w is below it
        sigma_w = math.sqrt(share / bound)
        for q_a, q_b, gamma in starts:
            path = pair_trajectory(phi, 0.0, sigma_w, q_a, q_b, gamma, layers)
            rows.append({
                "activation": name, "odd": phi.odd, "differentiable": differentiable_at_zero(phi),
                "sigma_w": sigma_w, "q_a": q_a, "q_b": q_b, "start": gamma, "layer": layers,
                "q": path.q_a[-1], "gamma": path.gamma[-1],
                "gamma_half": path.gamma[layers // 2 - 1],
            })  # fmt: skip
    return rows


def _points(phi: Activation, sigma_bs: Sequence[float]) -> list[EdgePoint]:
    """The edge points at the sigma_bs, or the single one of a ReLU-like phi."""
    found = [p for p in (edge_or_none(phi, b) for b in sigma_bs) if p.status != "none"]
    if found:
        return found
    only = edge_or_at_zero(phi, 0.0)
    return [] if only.status == "none" else [only]


def _map(phi: Activation, point: EdgePoint) -> CorrelationMap:
    if point.q > 0:
        return correlation_map(phi, point)
    return CorrelationMap(phi, point.start_variance, point.sigma_b, point.sigma_w)
