"""Claims on nets trained on MNIST."""

from edgeofchaos.claims.model import TRAINING, Claim, above, below

# A difference of accuracies that nobody would choose by; where one net must not be behind another,
# it may be by less than this.
MARGIN = 0.05
# Stuck: a third of what a linear classifier reaches on MNIST.
STUCK = 0.3

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "train-eoc",
        TRAINING,
        ("M",),
        "Swish net: away from the edge test accuracy stays near 0.1 as L grows; on the edge it "
        "trains.",
        [
            below("Swish off the edge, deepest: accuracy, larger of the two phases", 0.2),
            above("Swish on the edge less off it, deepest: smaller difference", 0.1),
            above(
                "Swish at the paper's edge point less at its stable one, deepest", -MARGIN, "scope"
            ),
        ],
        ("train_curves", "train_depth"),
        "Accuracies after the config's number of steps, not after convergence. The scope criterion "
        "is what the instability costs: the paper's edge point (σ_b = 0.2) must not be behind the "
        "stable one (σ_b just above 0.745) by as much as 5 points.",
    ),
    Claim(
        "train-activations",
        TRAINING,
        ("M",),
        "ReLU, Tanh and Swish on the edge: at depth 5 Tanh learns faster than ReLU; at L ≥ 40 Tanh "
        "is stuck; Swish beats ReLU.",
        [
            above("Tanh less ReLU, shallowest: mean accuracy over the curve", 0.0),
            below("Tanh less ReLU, deepest", 0.0),
            above("Swish less ReLU, deepest", 0.0),
            below("Tanh, deepest: accuracy", STUCK, "scope"),
        ],
        ("train_curves", "train_depth"),
        "Accuracies after the config's number of steps, paired over seeds. How they turn with more "
        "steps stands in docs/numbers.md. Stuck is below 0.3, a third of a linear classifier's.",
    ),
    Claim(
        "train-width-depth",
        TRAINING,
        ("M",),
        "Swish against ReLU over (width, depth) pairs; with depth greater than width ReLU wins "
        "while both are small and Swish wins when deeper.",
        [
            above("Swish less ReLU, wider than deep, mean of the pairs", 0.0),
            above("Swish less ReLU, wider than deep, least", -MARGIN),
            below("Swish less ReLU, deeper than wide, the smallest", 0.0),
            above("Swish less ReLU, deeper than wide, the deepest", 0.0),
        ],
        ("train_width_depth",),
        "Swish at the paper's edge point, σ_b = 0.2, after the config's number of steps, paired "
        "over seeds. In no pair wider than deep may it be behind by as much as 5 points.",
    ),
    Claim(
        "train-edge-benefit",
        TRAINING,
        ("M",),
        "An edge initialisation speeds up learning for the other activations too (ELU, Tanh).",
        [
            *(
                above(f"{name} on the edge less off it, deepest that trains: smaller gain", 0.0)
                for name in ("Tanh", "ELU")
            ),
            *(
                above(
                    f"{name} on the edge less off it, deepest: smaller gain at the end",
                    0.0,
                    "scope",
                )
                for name in ("Tanh", "ELU")
            ),
        ],
        ("train_depth",),
        "Mean accuracy over the curve, or the last, paired over seeds; ordered at 0.7, chaotic at "
        "1.6 times the edge's σ_w. A depth trains where any of the nets that are compared ends "
        "above 0.5 on average.",
    ),
)
