"""What a claim is: where it stands, what it says, and the criteria it is judged by.

A criterion carries the function that reads its number off the tables, so that a claim is whole in
one place:

    Claim("prop2", RELU, ("T",), "For σ_w < …", [
        below("largest error of σ_w on the edge", 1e-12, lambda t: ...),
        yes("below it every point is in D_var", lambda t: ...),
    ])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# The sections of the report, in the paper's order; the last three are not the paper's.
GP = "Gaussian-process limit"
DOMAINS = "Domains of convergence"
SCALES = "Depth scales and phases"
EDGE = "Edge of chaos"
RELU = "ReLU-like activations"
CLASS = "A better class"
REMARKS = "Remarks of the paper"
TRAINING = "Training"
EXTENSION = "Extension"
RATES = "The learning rate"
OURS = "Is q the limiting variance?"

KINDS = ("equal", "below", "above", "true")
ROLES = ("core", "scope")


@dataclass(frozen=True)
class Measurement:
    """One number with a bound on its error, and the name of what it was measured on.

    ``value`` is NaN where the tables do not have it; ``detail`` then says what is missing.
    ``draws`` is the number of independent nets behind it, 0 where nothing is random. ``bounds``
    are the ends of its interval where that is not symmetric about the value; ``error`` is then the
    larger of the two distances. ``strict`` are the ends of the wider interval by which a core
    criterion is refuted where that takes more, which is so of trained nets.
    """

    value: float
    error: float = 0.0
    detail: str = ""
    draws: int = 0
    bounds: tuple[float, float] | None = None
    strict: tuple[float, float] | None = None

    def interval(self, against: bool = False) -> tuple[float, float]:
        """Both ends; ``against`` asks for those by which a core criterion is refuted."""
        if against and self.strict is not None:
            return self.strict
        return self.bounds or (self.value - self.error, self.value + self.error)


Tables = Mapping[str, "pd.DataFrame"]
Measured = Measurement | Sequence[Measurement]
Reader = Callable[[Tables], Measured]


@dataclass(frozen=True)
class Reading:
    """A word of the paper read as a number, which the bar of a criterion is made of.

    ``word`` is the paper's, or several of one kind; ``number`` is what it is read as, ``why`` in a
    line, and ``bar`` makes the bar of it. ``says`` puts the number in words. Those there are stand
    in :mod:`.words`.
    """

    word: str
    number: float
    why: str
    bar: Callable[[float], float] = float
    says: str = "{:g}"

    def as_bar(self, bar: Callable[[float], float]) -> Reading:
        """The same word and number, where a criterion needs another bar to be made of it."""
        return replace(self, bar=bar)

    def told(self) -> str:
        """What the word is read as, in words."""
        return self.says.format(self.number)


@dataclass(frozen=True)
class Criterion:
    """What a measurement has to be, and how it is read off the tables.

    ``kind`` is ``equal`` (within ``tolerance`` of ``expected``), ``below`` or ``above``
    (``expected``), or ``true`` (1 rather than 0). ``role`` is ``core`` for what the claim says and
    ``scope`` for what a reader would take it to imply. ``read`` returns one measurement, or
    several, each of which has to meet the criterion; it raises ``reading.MissingRows`` where a
    table lacks what it needs. ``reading`` is the word of the paper that the bar, or the tolerance,
    is a reading of; None where the bar is no matter of words.

    ``witnesses`` are those known to contradict a criterion on several, or to leave it open: what
    the ``detail`` of their measurements begins with. Where one of them was not measured, the
    others do not make up for it: the criterion is refuted or inconclusive, never reproduced.

    Raises:
        ValueError: ``kind`` or ``role`` is none of these.
    """

    name: str
    kind: str
    expected: float
    tolerance: float
    role: str
    read: Reader
    reading: Reading | None = None
    witnesses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field, value, allowed in (("kind", self.kind, KINDS), ("role", self.role, ROLES)):
            if value not in allowed:
                raise ValueError(f"{field} = {value!r}; allowed are {', '.join(allowed)}")

    def read_as(self, factor: float) -> Criterion:
        """The same criterion with the number that its word is read as multiplied by ``factor``."""
        if self.reading is None:
            return self
        changed = self.reading.bar(self.reading.number * factor)
        if self.kind == "equal":
            return replace(self, tolerance=changed)
        return replace(self, expected=changed)

    def expectation(self) -> str:
        """What is expected, in words."""
        if self.kind == "true":
            return "yes"
        sign = {"equal": "", "below": "< ", "above": "> "}[self.kind]
        return f"{sign}{self.expected:.6g}"


@dataclass(frozen=True)
class Claim:
    """A claim of the paper, or one of ours, with everything that it is judged by.

    ``kinds`` are the kinds of evidence: T theory, S simulated nets, M trained nets. ``figures``
    are names in ``figures.catalogue``. ``note`` is for the reader of the report.

    Raises:
        ValueError: no criterion has the role ``core``.
    """

    id: str
    section: str
    kinds: tuple[str, ...]
    statement: str
    criteria: Sequence[Criterion]
    figures: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not any(criterion.role == "core" for criterion in self.criteria):
            raise ValueError(f"claim {self.id}: at least one criterion has to have the role 'core'")


Bar = float | Reading


def equal(
    name: str, expected: float, tolerance: Bar, read: Reader, role: str = "core",
    witnesses: tuple[str, ...] = (),
) -> Criterion:  # fmt: skip
    """The measurement is within ``tolerance`` of ``expected``."""
    number, reading = _bar(tolerance)
    return Criterion(name, "equal", expected, number, role, read, reading, witnesses)


def below(
    name: str, bound: Bar, read: Reader, role: str = "core", witnesses: tuple[str, ...] = ()
) -> Criterion:
    """The measurement is less than ``bound``."""
    number, reading = _bar(bound)
    return Criterion(name, "below", number, 0.0, role, read, reading, witnesses)


def above(
    name: str, bound: Bar, read: Reader, role: str = "core", witnesses: tuple[str, ...] = ()
) -> Criterion:
    """The measurement is greater than ``bound``."""
    number, reading = _bar(bound)
    return Criterion(name, "above", number, 0.0, role, read, reading, witnesses)


def yes(name: str, read: Reader, role: str = "core", witnesses: tuple[str, ...] = ()) -> Criterion:
    """The measurement is a yes (1) rather than a no (0)."""
    return Criterion(name, "true", 1.0, 0.0, role, read, None, witnesses)


def _bar(bar: Bar) -> tuple[float, Reading | None]:
    return (bar.bar(bar.number), bar) if isinstance(bar, Reading) else (bar, None)
