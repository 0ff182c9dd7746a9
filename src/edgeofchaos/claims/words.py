"""The paper's words that are read as numbers: one reading for one kind of word.

Each is set for a reason that does not look at the numbers it is used on, and the report says what
twice and half of it would give. Bars that are no reading of a word are errors of closed forms,
tolerances of exponents, those on nets where the paper speaks of the limit of infinite width, and
statements of ours.
"""

from __future__ import annotations

import math

from edgeofchaos.claims.model import Reading


def readings() -> tuple[Reading, ...]:
    """Every reading there is, in the order below."""
    return tuple(found for found in globals().values() if isinstance(found, Reading))


MORE = Reading(
    "converges faster, richer", 1.0,
    "a comparative that says nothing of how much: any ratio above one",
    says="more than {:g} times the other",
)  # fmt: skip
MUCH_MORE = Reading(
    "visibly more, much more", 2.0,
    "two surfaces drawn to one scale are told apart by eye where one varies twice as much",
    math.log,
    "more than {:g} times the other",
)  # fmt: skip
STUCK = Reading(
    "stays near 0.1, is stuck", 2.0,
    "no better than twice a guess among ten digits",
    lambda times: 0.1 * times,
    "below {:g} times a guess",
)  # fmt: skip
LEARNS_FASTER = Reading(
    "learns faster, speeds up learning", 0.01,
    "a point of accuracy on the mean over the curve, a hundredth of the axis of a figure and about "
    "the width of a line in it",
    says="ahead by more than {:g}",
)  # fmt: skip
TRAINS = Reading(
    "trains", 0.5, "half of the digits right, five times a guess", says="an accuracy above {:g}"
)  # fmt: skip
ORDER_OF_MAGNITUDE = Reading(
    "about, of a number given to one digit", 10.0,
    "the same order of magnitude: within a factor of ten",
    math.log,
    "within a factor of {:g}",
)  # fmt: skip
TENDS_TO = Reading(
    "tends to, converges, degenerate", 1e-3,
    "correlations and relative distances scatter as much, 1/√N, in nets of a million units a "
    "layer, and no narrower net could tell so much from the limit",
    says="a limit within {:g}",
)  # fmt: skip
TO_IDENTITY = Reading(
    "f approaches the identity", 1e-4,
    "the limit of sup|f − x|, computed from φ' beside 0, where the slopes at a kink at 0 differ "
    "by 2.5 %, a kink that can hardly be drawn",
    says="a limiting distance below {:g}",
)  # fmt: skip
GOES_LIKE = Reading(
    "~, grows like", 0.05,
    "a twentieth, a fiftieth of a decade, is "
    "within the width of a line on a logarithmic axis",
    says="a ratio to the law within {:g} of 1",
)  # fmt: skip
PREDICTS = Reading(
    "predicts", 0.1,
    "the paper's nets, 100 wide, scatter by as much themselves, 1/√N",
    says="a ratio to the prediction within {:g} of 1",
)  # fmt: skip
NORMAL = Reading(
    "normal", 0.05,
    "the standard error √(24/n) of the excess kurtosis of n = 10,000 draws, which could not tell "
    "such a law from a normal one",
    says="an excess kurtosis below {:g}",
)  # fmt: skip
ALMOST_FLAT = Reading(
    "almost flat, constant", 0.02,
    "variance over the surface a fiftieth of the mean square: 14 % of the height",
    says="a variance below {:g} of the mean square",
)  # fmt: skip
LOOKS_LIKE = Reading(
    "look alike", 0.05,
    "a twentieth of the axis; curves that are closer can hardly be told apart in a small plot",
    says="less than {:g} apart on an axis from 0 to 1",
)  # fmt: skip
VANISHES = Reading(
    "vanishing gradients", 10.0,
    "an order of magnitude between the last layer and the first",
    math.log10,
    "more than a factor of {:g}",
)  # fmt: skip
NEARLY_ONE = Reading(
    "approximately 1, on the edge", 0.01,
    "then the depth scale is 100 layers, and the paper's nets have 30 to 200",
    says="within {:g} of 1",
)  # fmt: skip
AS_GOOD_AS = Reading(
    "as well as, not behind", 0.05,
    "a difference of accuracies that nobody would choose by",
    lambda margin: -margin,
    "behind by less than {:g}",
)  # fmt: skip
WORSE = Reading(
    "worse, cannot be used", 0.05,
    "a difference of accuracies that anybody would choose by: the margin of being as good",
    lambda margin: -margin,
    "behind by more than {:g}",
)  # fmt: skip
HARDLY = Reading(
    "hardly change", 0.1,
    "by less than a tenth of what there is",
    says="a relative change below {:g}",
)  # fmt: skip
ABOUT_AS_WELL = Reading(
    "about as well, of what a kernel keeps of a difference at depth", 2.0,
    "1 − c within a factor of two, as for what the eye tells apart",
    math.log,
    "1 − c within a factor of {:g}",
)  # fmt: skip
