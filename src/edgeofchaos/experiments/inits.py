"""The initialisations that are trained. Importable without torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Init:
    """An activation at a place: its edge point at sigma_b, sigma_w times ``ratio``.

    ``place`` edge, ordered, chaotic, stable (just above where the curve turns stable) or he
    (sigma_b = 0, sigma_w^2 = 2).
    """

    activation: str
    place: str
    ratio: float = 1.0


INITS = {
    "relu-edge": Init("relu", "edge"),
    "tanh-edge": Init("tanh", "edge"),
    "tanh-ordered": Init("tanh", "ordered", 0.7),
    "tanh-chaotic": Init("tanh", "chaotic", 1.6),
    "elu-edge": Init("elu", "edge"),
    "elu-ordered": Init("elu", "ordered", 0.7),
    "swish-edge": Init("swish", "edge"),
    "swish-ordered": Init("swish", "ordered", 0.7),
    "swish-chaotic": Init("swish", "chaotic", 1.3),
    "swish-stable": Init("swish", "stable"),
    "swish-he": Init("swish", "he"),
}
