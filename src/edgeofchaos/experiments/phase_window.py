"""The phases of one activation near where its fold lies below divergence, on a fine grid."""

from __future__ import annotations

import numpy as np

from edgeofchaos.experiments import Grid, Tables
from edgeofchaos.experiments.phase_diagram import domains

TABLES = ("phase_window",)


def phase_window(*, sigma_b: Grid, sigma_w: Grid, name: str = "swish") -> Tables:
    """The phase diagram of one activation on a finer grid, where phases are thin.

    Args:
        sigma_b: the grid of standard deviations of the biases.
        sigma_w: the grid of standard deviations of the weights times the root of fan-in.
        name: the activation.

    Returns:
        ``phase_window``, a row a grid point: see :func:`.phase_diagram.domains`.
    """
    rows = domains(name, np.linspace(*sigma_b), np.linspace(*sigma_w))
    return {"phase_window": [{"activation": name, **row} for row in rows]}
