"""How long is long enough: trained nets after fewer and after more steps than are judged."""

from __future__ import annotations

import pandas as pd

from edgeofchaos.claims.accuracies import CHANCE, LEVEL
from edgeofchaos.claims.agreement import NET
from edgeofchaos.claims.model import Claim, Tables
from edgeofchaos.experiments.inits import STEPS
from edgeofchaos.simulation.intervals import quantile_bounds

OTHERS = (STEPS // 4, 4 * STEPS)  # a quarter and four times as many steps


def curves_by_step(curves: pd.DataFrame) -> pd.DataFrame:
    """The median accuracy of each net at each evaluation, with its 90 % interval over runs."""
    guessing = curves.assign(accuracy=curves["accuracy"].fillna(CHANCE))
    groups = guessing.groupby([*NET, "step"], sort=False)["accuracy"]
    rows = [
        (*net, len(runs), float(runs.median()), *quantile_bounds(runs, LEVEL / 2))
        for net, runs in groups
    ]
    return pd.DataFrame(rows, columns=[*NET, "step", "runs", "median", "low", "high"])


def on_trained_nets(claim: Claim) -> bool:
    """Whether a claim is judged on trained nets, be it among others."""
    return "M" in claim.kinds


def evaluated(tables: Tables) -> list[int]:
    """Those of the other numbers of steps at which any net of train_curves was evaluated."""
    if "train_curves" not in tables:
        return []
    there = set(tables["train_curves"]["step"])
    return [step for step in OTHERS if step in there]


def at_step(tables: Tables, step: int) -> Tables:
    """The tables as if the nets had been trained for so many steps when they are judged.

    Each row of train_curves has all that is known of its net by then, mean accuracy and movement
    among it, so that no other row is needed.
    """
    curves = tables["train_curves"]
    return {**tables, "train_curves": curves[curves["step"] == step].assign(step=STEPS)}
