"""The paper's words that are read as numbers: one reading for one kind of word.

Each is set for a reason that does not look at the numbers it is used on, and the report says what
twice and half of it would give.
"""

from __future__ import annotations

import math

from edgeofchaos.claims.model import Reading

MUCH_MORE = Reading(
    "visibly more, much more", 2.0,
    "two surfaces drawn to one scale are told apart by eye where one varies twice as much",
    math.log,
)  # fmt: skip
STUCK = Reading(
    "stays near 0.1, is stuck", 2.0,
    "no better than twice a guess among ten digits",
    lambda times: 0.1 * times,
)  # fmt: skip
TRAINS = Reading(
    "trains", 0.5, "half of the digits right, five times a guess"
)  # fmt: skip
ORDER_OF_MAGNITUDE = Reading(
    "about, of a number given to one digit", 10.0,
    "the same order of magnitude: within a factor of ten",
    math.log,
)  # fmt: skip
TENDS_TO = Reading(
    "tends to, approaches, degenerate", 1e-3,
    "a thousandth of where it starts, which no net of finite width could tell from its limit",
)  # fmt: skip
ALMOST_FLAT = Reading(
    "almost flat, constant", 0.02,
    "variance over the surface a fiftieth of the mean square: 14 % of the height",
)  # fmt: skip
NEARLY_ONE = Reading(
    "approximately 1, on the edge", 0.01,
    "then the depth scale is 100 layers, and the paper's nets have 30 to 200",
)  # fmt: skip
AS_GOOD_AS = Reading(
    "as well as, not behind", 0.05,
    "a difference of accuracies that nobody would choose by",
    lambda margin: -margin,
)  # fmt: skip
ABOUT_AS_WELL = Reading(
    "about as well, of what a kernel keeps of a difference at depth", math.log(2),
    "a log of 1 − c within that of a factor of two",
)  # fmt: skip
