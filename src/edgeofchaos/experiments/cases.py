"""The nets whose output surfaces are drawn. Importable without torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A net of the paper's figures: sigma_w None means the edge point at sigma_b."""

    name: str
    activation: str
    sigma_b: float
    sigma_w: float | None
    depth: int
    width: int = 100


CASES = (
    Case("relu-ordered", "relu", 1.0, 1.0, 10),
    Case("tanh-ordered", "tanh", 1.0, 1.0, 10),
    Case("relu-edge", "relu", 0.0, None, 10),
    Case("tanh-edge", "tanh", 0.2, None, 10),
    Case("tanh-chaotic", "tanh", 0.2, 3.0, 10),
    Case("relu-edge-deep", "relu", 0.0, None, 30),
    Case("swish-deep", "swish", 0.2, None, 30),
)
REACH = 2.0  # inputs in [-2, 2]^2
