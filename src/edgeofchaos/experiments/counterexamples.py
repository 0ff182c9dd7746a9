"""Activations that contradict Propositions 4 and 7 as printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from edgeofchaos.experiments import Grid, Tables
from edgeofchaos.theory.conditions import check_conditions
from edgeofchaos.theory.counterexamples import oscillating_point, saturated_swish
from edgeofchaos.theory.stability import limiting_phases

TABLES = ("oscillating", "bounded_folds", "bounded_conditions")


def counterexamples(*, q: Grid, ceiling: float, sigma_b: Sequence[float]) -> Tables:
    """Edge points of x + x|x| sin(1/|x|)/2 as q -> 0, and the phases of a bounded Swish.

    Args:
        q: the range of variances of the edge points, spaced geometrically, at most 0.1.
        ceiling: a, in a tanh(swish(x)/a).
        sigma_b: standard deviations of the biases at which its phases are found.

    Returns:
        ``oscillating``, a row a variance; ``bounded_folds``, a row a sigma_b; and
        ``bounded_conditions``, a row a condition of Propositions 4, 5 and 7.
    """
    bounded = saturated_swish(ceiling)
    return {
        "oscillating": [asdict(oscillating_point(float(x))) for x in np.geomspace(*q)],
        "bounded_folds": [asdict(limiting_phases(bounded, s)) for s in sigma_b],
        "bounded_conditions": [
            {"activation": bounded.name, **asdict(c)} for c in check_conditions(bounded)
        ],
    }
