"""The nets whose output surfaces are drawn. Importable without torch."""

from dataclasses import dataclass

AS_THEY_ARE = "as they are"


@dataclass(frozen=True)
class Case:
    """A net of the paper's figures.

    Attributes:
        place: one of ``inits.PLACES``; the name of the case says it too.
        sigma_b: of the point, where the place does not say it.
        sigma_w: given instead of a place, as in Proposition 1's figure, where every input
            converges.
        inputs: the protocol of ``simulation.scaling`` that inputs are scaled by, if not the one of
            the run; or that they are taken as they are, as where sigma_w is given.
        times: how many times as many nets are drawn of it as of others, because they scatter.
    """

    name: str
    activation: str
    depth: int
    sigma_b: float
    place: str | None = None
    sigma_w: float | None = None
    inputs: str | None = None
    width: int = 100
    times: int = 1


CASES = (
    Case("relu-ordered", "relu", 10, 1.0, sigma_w=1.0),
    Case("tanh-ordered", "tanh", 10, 1.0, sigma_w=1.0),
    Case("relu-edge", "relu", 10, 0.0, "edge"),
    Case("tanh-edge", "tanh", 10, 0.2, "edge"),
    Case("tanh-chaotic", "tanh", 10, 0.2, sigma_w=3.0),
    Case("relu-edge-deep", "relu", 30, 0.0, "edge"),
    # Some of these stay in the bottleneck of F and are flat, some leave it and vary much.
    Case("swish-printed-deep", "swish", 30, 0.2, "printed", times=3),
    Case("swish-chi1-deep", "swish", 30, 0.2, "chi1"),
    Case("swish-stable-deep", "swish", 30, 0.2, "stable"),
    Case("swish-he-deep", "swish", 30, 0.0, "he"),
    # Does the verdict hang on how inputs are scaled? (ReLU's surface at sigma_b = 0 does not.)
    Case("swish-printed-deep-mean", "swish", 30, 0.2, "printed", inputs="mean"),
    Case("swish-printed-deep-root", "swish", 30, 0.2, "printed", inputs="root"),
    Case("swish-printed-deep-plain", "swish", 30, 0.2, "printed", inputs=AS_THEY_ARE),
)
REACH = 2.0  # inputs in [-2, 2]^2
