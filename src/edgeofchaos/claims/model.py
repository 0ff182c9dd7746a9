"""What a claim is: where it stands, what it says, and the criteria it is judged by.

A claim of kind T (theory) or S (simulation) has criteria and readers in ``evidence``; parts M
(training) have no evidence yet and are pending.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edgeofchaos.claims.verdict import Criterion

BUILT = ("T", "S")  # the kinds of evidence that exist


@dataclass(frozen=True)
class Claim:
    """A claim: its id, where it stands, what kinds of evidence it takes, what it says."""

    id: str
    section: str
    kinds: tuple[str, ...]
    statement: str
    criteria: list[Criterion] = field(default_factory=list)
    figures: tuple[str, ...] = ()
    note: str = ""

    @property
    def pending(self) -> tuple[str, ...]:
        """The parts without evidence."""
        return tuple(k for k in self.kinds if k not in BUILT)


def equal(name, expected, tolerance, role="core"):
    return Criterion(name, "equal", expected, tolerance, role)


def below(name, bound, role="core"):
    return Criterion(name, "below", bound, 0.0, role)


def above(name, bound, role="core"):
    return Criterion(name, "above", bound, 0.0, role)


def true(name, role="core"):
    return Criterion(name, "true", 1.0, 0.0, role)


GP = "Gaussian-process limit"
DOMAINS = "Domains of convergence"
SCALES = "Depth scales and phases"
EDGE = "Edge of chaos"
RELU = "ReLU-like activations"
CLASS = "A better class"
TRAINING = "Training"
EXTENSION = "Extension"
OURS = "Is q the limiting variance?"
