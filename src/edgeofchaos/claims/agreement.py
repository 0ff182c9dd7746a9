"""Whether a run's trained nets are of the same law as those of the reference run, net by net.

What is compared are accuracies at the step that claims are judged at, by the exact rank-sum test
(Wilcoxon; Mann and Whitney): if the runs of both are alike, every choice of which of them are ours
is equally likely. This holds for any law, with ties and with two heaps. Student's interval for the
difference of means, with Welch's degrees of freedom, does not: four runs that are all in one of two
heaps seem not to scatter, and it calls one such net in eight different
(``tests/claims/test_agreement.py``).

Runs of one seed share their random numbers with those of the reference. They are more alike than
independent ones would be, and the test errs less often than it says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from edgeofchaos.claims.accuracies import CHANCE, SETTING
from edgeofchaos.experiments.inits import STEPS

ERRS = 0.01  # that of all nets of an equivalent run any is called different
MOST = 60  # runs of a net that are looked at: sums of ranks of more take long to count
RUN = ("width", "depth", "optimiser", "learning_rate", "init")  # a net among those of one run
NET = tuple(dict.fromkeys((*RUN, *SETTING)))
AGREES, DIFFERS, TOO_FEW = "agrees", "differs", "too few runs"
COLUMNS = (
    *RUN, "runs", "reference_runs", "mean", "reference_mean", "difference", "p", "level", "verdict",
)  # fmt: skip


def agreement(curves: pd.DataFrame, reference: pd.DataFrame) -> list[dict]:
    """One row for each net that both tables of curves have at the step that is judged.

    Returns:
        With the columns ``COLUMNS``: numbers of runs, mean accuracies and their difference, the
        chance ``p`` of so large a difference of ranks between like runs, and the verdict. It is
        ``differs`` where p is at most ``level``, 0.01 over the number of nets, and ``too few
        runs`` where not even ranks that lie wholly apart would be so rare.
    """
    ours, theirs = _by_net(curves), _by_net(reference)
    both = [net for net in ours if net in theirs]
    level = ERRS / max(len(both), 1)
    return [_compared(net, ours[net], theirs[net], level) for net in both]


def rank_sum_chance(a: ArrayLike, b: ArrayLike) -> float:
    """The chance that the ranks of a among both are as far from their mean as they are, or further.

    Exact for exchangeable values, ties included: of all choices of len(a) among the values of
    both, the share whose sum of midranks is as far from the expected sum.

    Example:
        >>> rank_sum_chance([1, 2], [3, 4])
        0.3333333333333333
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    # Twice the midrank is a whole number.
    ranks = np.rint(2 * rankdata(np.concatenate([a, b]))).astype(int)
    # ways[k, s]: choices of k values with ranks that sum to s.
    ways = np.zeros((len(a) + 1, ranks.sum() + 1))
    ways[0, 0] = 1.0
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, : ways.shape[1] - rank].copy()
    sums = np.arange(ways.shape[1])
    gaps = np.abs(sums * len(ranks) - len(a) * ranks.sum())
    observed = abs(int(ranks[: len(a)].sum()) * len(ranks) - len(a) * int(ranks.sum()))
    return float(ways[-1][gaps >= observed].sum() / ways[-1].sum())


def _by_net(curves: pd.DataFrame) -> dict[tuple, Sequence[float]]:
    """The accuracies of each net's runs; those of a net that has diverged are a guess."""
    if any(column not in curves for column in NET):
        return {}
    judged = curves[curves["step"] == STEPS].sort_values("seed", kind="stable")
    # The reference's are kept to six digits, which also name a job of training.
    rates = judged["learning_rate"].map(lambda rate: float(f"{rate:.6g}"))
    accuracies = judged.assign(accuracy=judged["accuracy"].fillna(CHANCE), learning_rate=rates)
    groups = accuracies.groupby(list(NET), sort=False)["accuracy"]
    return {net: group.to_numpy()[:MOST] for net, group in groups}


def _compared(net: tuple, ours: Sequence[float], theirs: Sequence[float], level: float) -> dict:
    p = rank_sum_chance(ours, theirs)
    least = 2 / math.comb(len(ours) + len(theirs), len(ours))
    verdict = TOO_FEW if least > level else DIFFERS if p <= level else AGREES
    means = float(np.mean(ours)), float(np.mean(theirs))
    found = {
        **dict(zip(NET, net, strict=True)), "runs": len(ours), "reference_runs": len(theirs),
        "mean": means[0], "reference_mean": means[1], "difference": means[0] - means[1], "p": p,
        "level": level, "verdict": verdict,
    }  # fmt: skip
    return {column: found[column] for column in COLUMNS}
