"""The initialisations that nets are drawn from, by name. Importable without torch.

A name is an activation and a place, ``tanh-edge``. The places are told apart because the paper's
points, those that solve its equations and those that meet its definition differ for Swish:

- ``edge``: on the edge of chaos, where chi_1 = 1 at the limiting variance (for ReLU the single
  point at sigma_b = 0);
- ``printed``: the row of the paper's table of Swish, as it is printed;
- ``chi1``: the solution of chi_1 = 1 and F(q) = q, although q repels there;
- ``stable``: on the edge, just above the sigma_b at which its curve turns stable;
- ``he``: sigma_b = 0, sigma_w^2 = 2;
- ``ordered`` and ``chaotic``: sigma_w less and more than on the edge, or than the printed one.

``-xRATIO`` multiplies sigma_w, and ``-bSIGMA_B`` says at which sigma_b, if not at that of the rest:
``tanh-edge-x0.95``, ``tanh-edge-b0.05``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from edgeofchaos.builtins import BUILTINS

PLACES = ("edge", "printed", "chi1", "stable", "he", "ordered", "chaotic")
# sigma_w in the two phases, over that of the point that they are beside. At 1.6 Swish's variances
# overflow within the paper's depths.
OFF = {"ordered": 0.7, "chaotic": 1.6}
OFF_PRINTED = {"ordered": 0.7, "chaotic": 1.3}
PAPER_SETTING = ("adam", 1e-3)  # the paper's optimiser and learning rate
STEPS = 1500  # of the optimiser, after which trained nets are judged (resources/bars.yaml)
FORM = "ACTIVATION-PLACE[-xRATIO][-bSIGMA_B], a PLACE being one of " + ", ".join(PLACES)


@dataclass(frozen=True)
class Init:
    """An activation at a place, sigma_w times ``ratio``; ``sigma_b`` None is that of the rest."""

    activation: str
    place: str
    ratio: float = 1.0
    sigma_b: float | None = None


def parse(name: str) -> Init:
    """The initialisation that a name stands for.

    Raises:
        ValueError: it is not of the form that the module describes, or there is no such point.

    Example:
        >>> parse("tanh-edge-x0.95")
        Init(activation='tanh', place='edge', ratio=0.95, sigma_b=None)
    """
    matched = re.fullmatch(r"([A-Za-z0-9_]+)-([a-z0-9]+)(?:-x([0-9.]+))?(?:-b([0-9.]+))?", name)
    if matched is None or matched[1] not in BUILTINS or matched[2] not in PLACES:
        raise ValueError(f"{name!r}; allowed is {FORM}, an ACTIVATION a built-in")
    try:
        ratio, sigma_b = (None if text is None else float(text) for text in matched.groups()[2:])
    except ValueError:
        raise ValueError(f"{name!r}; allowed are numbers for RATIO and SIGMA_B") from None
    if ratio == 0.0 or not all(math.isfinite(x) for x in (ratio, sigma_b) if x is not None):
        raise ValueError(f"{name!r}; allowed is RATIO > 0")
    if matched[2] == "printed" and matched[1] != "swish":
        raise ValueError(f"{name!r}; the paper prints points of swish alone")
    if matched[2] in ("stable", "he") and sigma_b is not None:
        raise ValueError(f"{name!r}; the place {matched[2]} has a sigma_b of its own")
    return Init(matched[1], matched[2], 1.0 if ratio is None else ratio, sigma_b)
