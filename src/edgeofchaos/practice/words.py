"""What a profile means, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import median

import numpy as np
from scipy.stats import norm

from edgeofchaos.activations import Activation
from edgeofchaos.practice.result import ProfileRow
from edgeofchaos.practice.seen import Seen
from edgeofchaos.theory.edge_equation import is_homogeneous
from edgeofchaos.theory.variance import variance_map

_SURE = 5.0  # standard deviations by which a share is more than by chance
_MANY = 0.05  # more units than by chance that are worth a sentence
_NORMS = ("LayerNorm", "RMSNorm", "GroupNorm", "BatchNorm")
_NODES = np.linspace(-8.0, 8.0, 801)


def off_by_chance(seen: Seen) -> float:
    """The chance that a Gaussian unit is above 0 for none of the inputs, all correlated as on mean.

    It is the integral of Phi(-z sqrt(c/(1 - c)))^n over N(0, 1), for n inputs.
    """
    gamma = float(seen.gamma.mean())
    if seen.laws is not None and seen.layer is not None and seen.layer.lopsided:
        # Biases of one sign are no chance: then the correlation is that without biases.
        left = float(seen.laws[1].q.mean()) - seen.layer.sigma_b2
        gamma *= float(seen.q.mean()) / left if left > 0 else 1.0
    c = min(max(1.0 - gamma, 0.0), 1.0 - 1e-9)
    weight = norm.pdf(_NODES)
    chance = norm.cdf(-_NODES * math.sqrt(c / (1.0 - c))) ** seen.count
    return float(weight @ chance / weight.sum())


def sentences(rows: Sequence[ProfileRow], seen: Sequence[Seen], no_gradient: str) -> list[str]:
    """Sentences on the phase, where theory and model part, dead units, and what lies between."""
    said = [*_phases(rows, seen), *_between(rows), *_dead(rows, seen), _parting(rows)]
    said += _on_measured(rows)
    if no_gradient:
        said.append(f"No gradients were measured: {no_gradient}.")
    return said


def _phases(rows: Sequence[ProfileRow], seen: Sequence[Seen]) -> list[str]:
    """A sentence on every activation that layers follow directly."""
    if any(step == "residual sum" or step in _NORMS for row in rows for step in row.path):
        return []  # the variance is not what the weights alone would make it
    groups: dict[str, list[ProfileRow]] = {}
    phis: dict[str, Activation] = {s.phi.name: s.phi for s in seen if s.phi is not None}
    for row in rows:
        if len(row.path) == 1 and row.path[0] in phis and row.predicted:
            groups.setdefault(row.path[0], []).append(row)
    return [_phase(phis[name], group) for name, group in groups.items()]


def _phase(phi: Activation, rows: Sequence[ProfileRow]) -> str:
    sigma_w, sigma_b = median(r.sigma_w for r in rows), median(r.sigma_b for r in rows)
    layers = len(rows) + 1
    begin = (
        f"{len(rows)} layer{'s' if len(rows) > 1 else ''} after {phi.name}, at sigma_w = "
        f"{sigma_w:.4g} and sigma_b = {sigma_b:.4g}"
    )
    try:
        fmap = variance_map(phi, sigma_b, sigma_w)
        slope = _slope(phi, sigma_w)
        points = fmap.limiting_points() if slope is None else []
    except ValueError as error:
        return f"{begin}: no phase is known ({error})."
    if slope is not None:
        chi1, q = slope, sigma_b**2 / (1 - slope) if slope < 1 else math.inf
        grows = slope - 1 >= 1 / layers
    else:
        attracting = bool(points) and (points[0].attracts or points[0].alpha <= 1 + 1 / layers)
        chi1 = points[0].chi1 if points else math.nan
        q, grows = (points[0].x if points else math.inf), not attracting
    grows_slowly = slope is not None and sigma_b > 0
    if grows:
        rate = f" by a factor {chi1:.3g} a layer" if slope is not None else ""
        return (
            f"{begin}: the variance runs away{rate}, for it has no finite limit there; activations "
            "overflow in a deep net."
        )
    if abs(chi1 - 1.0) * layers <= 1.0:
        return (
            f"{begin}: on the edge of chaos, as far as so many layers tell (chi_1 = {chi1:.4g}): "
            "correlations and gradients change slowly, so that depth does not hinder training"
            + (", though biases add to the variance layer by layer." if grows_slowly else ".")
        )
    if chi1 < 1.0:
        return (
            (
                f"{begin}: in the ordered phase (chi_1 = {chi1:.4g} at the limiting variance "
                f"{q:.3g}): inputs become alike within about {-1 / math.log(chi1):.3g} layers, and "
                f"gradients vanish by a factor {chi1:.3g} a layer."
            )
            if chi1 > 0
            else f"{begin}: in the ordered phase (chi_1 = 0): gradients vanish at once."
        )
    return (
        f"{begin}: in the chaotic phase (chi_1 = {chi1:.4g} at the limiting variance {q:.3g}): "
        f"inputs that are alike come apart, and gradients grow by a factor {chi1:.3g} a layer."
    )


def _slope(phi: Activation, sigma_w: float) -> float | None:
    """chi_1 of a phi whose slope is one number on each side of 0, at every variance."""
    if not is_homogeneous(phi):
        return None
    return sigma_w**2 * (float(phi(1.0)) ** 2 + float(phi(-1.0)) ** 2) / 2


def _between(rows: Sequence[ProfileRow]) -> list[str]:
    said = []
    for name in _NORMS:
        count = sum(name in row.path for row in rows)
        if count:
            said.append(
                f"{name}, a normalisation layer, comes before {count} of {len(rows)} layers: it "
                "sets the variance anew, so that sigma_w there does not make it grow or shrink "
                "with depth; the phases of a plain net do not apply."
            )
    sums = [row for row in rows if "residual sum" in row.path]
    if sums:
        said.append(
            f"Residual sums come before {len(sums)} of {len(rows)} layers: what is added grows "
            "with depth and keeps correlations and gradients, whatever the branches do; the phases "
            "of a plain net do not apply."
        )
    if dropped := sum("dropout" in row.path for row in rows):
        said.append(
            f"Dropout is at work before {dropped} of {len(rows)} layers: equal inputs do not stay "
            "equal, so that correlations stay below 1."
        )
    return said


def _dead(rows: Sequence[ProfileRow], seen: Sequence[Seen]) -> list[str]:
    dead = []
    for row, one in zip(rows, seen, strict=True):
        if one.phi is None or not _flat(one.phi):
            continue
        chance = row.off_by_chance
        scatter = math.sqrt(max(chance * (1 - chance), 1e-4) / row.width)
        if row.off > chance + max(_SURE * scatter, _MANY):
            dead.append(row)
    if not dead:
        return []
    worst = max(dead, key=lambda row: row.off)
    return [
        f"Dead units: in {len(dead)} layer{'s' if len(dead) > 1 else ''} more units are off for "
        f"all inputs than by chance, most in {worst.title}: {worst.off:.0%} "
        f"({worst.off_by_chance:.0%} by chance)."
    ]


def _flat(phi: Activation) -> bool:
    """Whether phi is constant below 0, so that a unit that is never above 0 learns nothing."""
    below = phi([-0.1, -1.0, -3.0])
    return bool((below == below[0]).all())


def _parting(rows: Sequence[ProfileRow]) -> str:
    if not any(row.predicted for row in rows):
        return "Theory says nothing of any layer here."
    rows = [row for row in rows if not row.narrow]
    for row in rows:
        for name, found in (("variance", row.q), ("correlation", row.c)):
            if found.off_in_a_step:
                return (
                    f"Measured and predicted part at {row.title}: its {name} is "
                    f"{found.measured:.4g}, where the layer before says {found.step_low:.4g} to "
                    f"{found.step_high:.4g}."
                )
    for row in reversed(rows):
        if row.gradient.off_in_a_step:
            found = row.gradient
            return (
                f"Variances and correlations are as predicted; gradients part at {row.title}: the "
                f"mean square is {found.measured:.4g}, where the layers after say "
                f"{found.step_low:.4g} to {found.step_high:.4g}."
            )
    for row in rows:
        for name, found in (("variance", row.q), ("correlation", row.c),
                            ("mean squared gradient", row.gradient)):  # fmt: skip
            if found.off:
                return (
                    f"Layer by layer all is as predicted, but small differences add up: at "
                    f"{row.title} the {name} is {found.measured:.4g}, predicted "
                    f"{found.predicted_low:.4g} to {found.predicted_high:.4g}."
                )
    return "Measured and predicted agree at every layer, within what these widths allow."


def _on_measured(rows: Sequence[ProfileRow]) -> list[str]:
    only = Counter(
        part.partition(": ")[2] for row in rows for part in row.note.split("; ")
        if part.startswith(("predicted from what enters", "measured only"))
    )  # fmt: skip
    return [
        f"{count} of {len(rows)} layers rest on what is measured: {why}."
        for why, count in only.most_common()
        if why
    ]
