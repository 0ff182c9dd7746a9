"""Bounded odd activations as Proposition 5 wants them, drawn at random.

tanh, arctan, erf, u/sqrt(1 + u^2) and u/(1 + |u|) are odd, bounded, increasing and concave for
u > 0, and so is every sum of positive multiples of them with stretched arguments.

The proposition is a theorem, without boundedness. phi(u)/u falls for u > 0, so that F(x)/x =
sigma_b^2/x + sigma_w^2 E[(phi(sqrt(x) Z)/sqrt(x))^2] falls and F has one fixed point. By Poincare's
inequality E[phi^2] <= q E[phi'^2] for odd phi, strictly if phi is not linear, so that h(q) > 0 and
every small sigma_b has an edge point, with q -> 0: (ii) and (iii) hold by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.experiments import Rows
from edgeofchaos.theory.conditions import all_of, check_conditions
from edgeofchaos.theory.edge import edge_curve
from edgeofchaos.theory.identity import identity_distance_limit
from edgeofchaos.theory.propositions import PRINTED
from edgeofchaos.theory.variance import variance_map

_CURVE = (0.01, 0.1, 0.5, 2.0)  # sigma_b of the edge points whose fixed points are counted


def members(count: int, seed: int) -> list[tuple[Activation, str]]:
    """So many of them, each with its formula: two or three terms, slopes from 1/4 to 4."""
    import torch

    shapes: dict[str, Callable[[Any], Any]] = {
        "tanh": torch.tanh, "arctan": torch.arctan, "erf": torch.erf,
        "root": lambda u: u / torch.sqrt(1 + u * u),
        # Autograd of abs loads all of torch's compiler, seven seconds of it.
        "softsign": lambda u: u / (1 + torch.where(u < 0, -u, u)),
    }  # fmt: skip
    found = []
    for i in range(count):
        draw = np.random.default_rng([seed, i])
        chosen = draw.choice(list(shapes), size=2 + i % 2, replace=False).tolist()
        weights = draw.uniform(0.2, 1.0, len(chosen)).round(3).tolist()
        slopes = (4.0 ** draw.uniform(-1, 1, len(chosen))).round(3).tolist()
        terms = list(zip(chosen, weights, slopes, strict=True))
        kinks = (0.0,) if "softsign" in chosen else ()
        phi = Activation(f"odd{i + 1}", _summed([(shapes[s], w, a) for s, w, a in terms]), kinks)
        found.append((phi, " + ".join(f"{w:g} {s}({a:g}u)" for s, w, a in terms)))
    return found


def _summed(terms: list[tuple[Callable[[Any], Any], float, float]]) -> Callable[[Any], Any]:
    return lambda u: sum(w * shape(a * u) for shape, w, a in terms)


def odd_family(count: int, seed: int) -> Rows:
    """Whether Proposition 5 holds of each: its hypotheses, and what it concludes.

    Keys: activation, formula, hypotheses (whether all of them hold), conditions (whether (i) to
    (iv) of Proposition 4 do), failing (which do not, or are open), fixed_points
    (the most that F has at an edge point), alpha (the largest F'(q) there), limit and limit_error
    (of sup|f - x| as sigma_b -> 0).
    """
    rows = []
    for phi, formula in members(count, seed):
        checked = [c for c in check_conditions(phi) if c.condition in PRINTED[c.proposition]]
        failing = [c for c in checked if not c.holds and c.proposition in (4, 5)]
        limit = identity_distance_limit(phi)
        curve = [p for p in edge_curve(phi, _CURVE) if p.status != "none"]
        counts = [len(variance_map(phi, p.sigma_b, p.sigma_w).fixed_points()) for p in curve]
        rows.append({
            "activation": phi.name, "formula": formula,
            "hypotheses": all_of(c.holds for c in checked if c.proposition == 5),
            "conditions": all_of(c.holds for c in checked if c.proposition == 4),
            "failing": ", ".join(f"{c.proposition}: {c.condition}" for c in failing),
            "fixed_points": max(counts, default=0),
            "alpha": max((p.alpha for p in curve), default=math.nan),
            "limit": math.nan if limit is None else limit.value,
            "limit_error": math.nan if limit is None else limit.error,
        })  # fmt: skip
    return rows
