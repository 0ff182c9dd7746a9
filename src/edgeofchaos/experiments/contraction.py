"""Whether F is a contraction below Proposition 1's bound, by sup |F'| over all variances.

F'(x)/sigma_w^2 = E[g(sqrt(x) Z)] plus the atoms of kinks, g = phi'^2 + phi'' phi, depends on phi
alone. On a grid of log x with step h its supremum is missed by at most (h/2) times the largest
|d/dlog x|, and

    |d/dlog x E[g(sqrt(x) Z)]| = |E[g(sqrt(x) Z) (Z^2 - 1)]|/2 <= sup|g| E|Z^2 - 1|/2,
    |d/dlog x of an atom J phi(k) n(k; 0, x)| <= |J phi(k)| A/|k|,
    A = max_t sqrt(t) |t - 1| exp(-t/2)/(2 sqrt(2 pi)) = 0.16291,

since the density n(k; 0, x) = sqrt(t) exp(-t/2)/(|k| sqrt(2 pi)) with t = k^2/x.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Rows
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.constants import contraction_constant
from edgeofchaos.theory.tabulation import kink_weights, level, tabulation
from edgeofchaos.theory.variance import variance_map

_VARIANCES = (1e-8, 1e8)
_PER_DECADE = 256
_MEAN_DEVIATION = 4 * math.exp(-0.5) / math.sqrt(2 * math.pi)  # E|Z^2 - 1|
_ATOM = 0.16291


def contractions(names: Sequence[str], shares: Sequence[float], sigma_b: float) -> Rows:
    """sup|F'| at sigma_w^2 = share/M_phi, one row an activation and share.

    Keys: activation, M (M_phi and its error), share, sigma_b, sigma_w, slope (the largest |F'| on
    the grid), at (where), between (how much more it can be between two points of the grid), chord
    (the largest |F(x) - F(y)|/|x - y| of neighbours, from values of F alone).
    """
    rows = []
    for name in names:
        phi = activation(name)
        m = contraction_constant(phi).most
        if m == math.inf:
            continue  # no sigma_w is below the bound
        x = np.geomspace(*_VARIANCES, round(16 * _PER_DECADE) + 1)
        slopes = np.abs(variance_map(phi, 0.0, 1.0).derivative(x))
        second = gaussian.second_moment(phi, x)
        apart = x[::_PER_DECADE]  # a decade apart: neighbours would lose digits
        chords = np.abs(np.diff(second[::_PER_DECADE]) / np.diff(apart))
        at = int(slopes.argmax())
        between = math.log(x[1] / x[0]) / 2 * _steepest(phi)
        rows += [
            {"activation": name, "M": m, "share": share, "sigma_b": sigma_b,
             "sigma_w": math.sqrt(share / m), "slope": share / m * slopes[at], "at": x[at],
             "between": share / m * between, "chord": share / m * chords.max()}
            for share in shares
        ]  # fmt: skip
    return rows


def _steepest(phi: Activation) -> float:
    """A bound on |d/dlog x| of E[phi'^2 + phi'' phi], that of the module's docstring."""
    largest = 0.0
    for j in range(level(_VARIANCES[0]), level(_VARIANCES[1]) + 1):
        tab = tabulation(phi, j)
        largest = max(largest, float(np.abs(tab.slope**2 + tab.curvature * tab.phi).max()))
    kinks = np.array(phi.kinks)
    weights = np.abs(kink_weights(phi))
    away = weights > 0  # a kink at 0 with phi(0) = 0 has no atom
    return _MEAN_DEVIATION / 2 * largest + float(np.sum(_ATOM * weights[away] / abs(kinks[away])))
