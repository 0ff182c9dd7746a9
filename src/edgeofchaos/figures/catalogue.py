"""Every figure: its title, category, caption, and the tables it is drawn from.

Importable without torch and matplotlib, since the Snakefile reads it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What the workflow and the report need to know of a figure."""

    title: str
    category: str
    tables: tuple[str, ...]
    caption: str


_EDGE, _MAPS, _RATES, _PHASES = "Edge of chaos", "Maps", "Rates", "Phases"
_NETS, _TRAINED = "Simulated nets", "Trained nets"

FIGURES: dict[str, Figure] = {
    "phase_diagram": Figure(
        "Phase diagram",
        _PHASES,
        ("phases", "edge", "folds"),
        "χ₁ at the limiting variance over (σ_b, σ_w), for ReLU, Tanh, Swish and ELU; grey where "
        "the variance diverges. Black line: points with χ₁ = 1 and F(q) = q, solid where q is the "
        "limiting variance, dashed where it is not. For Swish at small σ_b the dashed line lies "
        "inside the ordered phase and no white (χ₁ = 1) region separates order from divergence. "
        "ReLU's edge is the single point (0, √2).",
    ),
    "edge_curves": Figure(
        "Edge curves",
        _EDGE,
        ("edge", "threshold"),
        "σ_w, q and α = F'(q) along the curve χ₁ = 1, F(q) = q of every activation that has one. "
        "Solid: q attracts and is the smallest fixed point; dashed: it repels (α > 1). Dots: where "
        "a curve turns stable.",
    ),
    "variance_map": Figure(
        "Variance map",
        _MAPS,
        ("variance_maps", "fixed_points"),
        "F(x) − x of Swish and Tanh at their edge points of σ_b = 0.2, with every fixed point: "
        "filled where it attracts, open where it repels. Inset: F against the diagonal. Swish's "
        "edge point is the repelling one, above an attracting fixed point with χ₁ = 0.82.",
    ),
    "departure": Figure(
        "Departure from an unstable edge",
        _EDGE,
        ("departure",),
        "Layers until the variance of a Swish net, started at q(1 ± d), is 50 % off q, in the "
        "infinite-width recursion. Lines: log(0.5/d)/log α.",
    ),
    "swish_moments": Figure(
        "Swish's moments",
        _MAPS,
        ("swish_moments",),
        "Swish for q from 0.1 to 10: E[φ''φ], which the paper reads as negligible, with "
        "α − 1 = σ_w² E[φ''φ]; and the least and largest f'' on [0, 1].",
    ),
    "swish_identity": Figure(
        "Swish's correlation map",
        _MAPS,
        ("curves",),
        "f(c) − c of Swish at edge points with several σ_b: the map approaches the identity as "
        "σ_b → 0. Dashed: q is not the limiting variance there.",
    ),
    "identity_distance": Figure(
        "Distance to the identity",
        _EDGE,
        ("identity", "constants"),
        "sup|f − x| on [0, 1] along the edge. It tends to 0 with σ_b for every activation that is "
        "differentiable at 0, and to (s₊−s₋)²/(π(s₊²+s₋²)) = 0.038 for SELU (dotted), which meets "
        "Proposition 4's conditions as printed.",
    ),
    "relu_kernel": Figure(
        "ReLU's correlation map",
        _MAPS,
        ("relu_kernel",),
        "f on the edge for slopes (λ, β), by quadrature over the pair (dots) and in closed form "
        "(lines), against the identity. ReLU is (1, 0).",
    ),
    "relu_rate": Figure(
        "ReLU's rate",
        _RATES,
        ("relu_rates",),
        "1 − cˡ from orthogonal inputs on the edge, for slopes (λ, β), and the law "
        "9π²/(2l²)·(λ²+β²)²/(λ−β)⁴ (dashed).",
    ),
    "rates": Figure(
        "Rates of all activations",
        _RATES,
        ("rates",),
        "1 − cˡ on the edge, compensated by l: flat is 1/l, falling is 1/l². What decides is a "
        "jump of φ' anywhere (dashed): Hard-Tanh, smooth at 0, falls like ReLU and SELU.",
    ),
    "depth_scales": Figure(
        "Depth scales",
        _PHASES,
        ("depth_scales", "trajectories"),
        "Tanh in the ordered phase: 1 − cˡ layer by layer with exp(−l/ε_c) dashed, and fitted "
        "against predicted depth scales of q and c, with −1/log χ₁.",
    ),
    "chaos": Figure(
        "The chaotic phase",
        _PHASES,
        ("chaotic", "decorrelation"),
        "Tanh with χ₁ > 1: the limit of 1 − c from every starting correlation, and the layers "
        "that inputs at distance ε take to decorrelate, with slope 2/log χ₁.",
    ),
    "lemma1": Figure(
        "Lemma 1",
        _PHASES,
        ("lemma1",),
        "The largest |cˡ⁺¹ − f(cˡ)| of the full recursion, whose variances still move, over two "
        "pairs of inputs: Tanh below and above the edge.",
    ),
    "variance": Figure(
        "Variance against layer",
        _PHASES,
        ("variance",),
        "Variance of three inputs at (σ_b, σ_w) = (1, 1): Tanh has converged when ReLU is still on "
        "its way.",
    ),
    "constants": Figure(
        "Constants of Proposition 1",
        _PHASES,
        ("constants",),
        "M_φ and C_φ of every activation. For ReLU both are 1/2; the paper prints M = 2, C ≤ 1.",
    ),
    "slope_decay": Figure(
        "Decay of the slope's second moment",
        _EDGE,
        ("constants",),
        "The exponent β of E[φ'(xZ)²] ~ |x|^(−2β). Bounded activations have β = 1/2, Tanh among "
        "them, inside Proposition 7's interval (0, 1).",
    ),
    "elu": Figure(
        "ELU",
        _EDGE,
        ("edge", "variance_maps", "curves"),
        "ELU: its edge curve with q, its variance map at σ_b = 0.2, and f(c) − c at several edge "
        "points.",
    ),
    "hardtanh": Figure(
        "Hard-Tanh beside Tanh",
        _EDGE,
        ("edge", "curves", "rates", "hardtanh"),
        "Hard-Tanh (solid) and Tanh (dashed): edge curves, E[φ²] with Hard-Tanh's closed form "
        "(dots), f(c) − c at σ_b = 0.2 — alike — and 1 − cˡ, which is 1/l² for the one and 1/l for "
        "the other.",
    ),
    "prior_kernel": Figure(
        "Prior kernel at depth",
        _RATES,
        ("kernels",),
        "1 − c^L of orthogonal inputs on the edge (σ_b = 0.2; ReLU at its point): how far from "
        "constant the prior over functions still is at depth L.",
    ),
    "surfaces": Figure(
        "Output surfaces",
        _NETS,
        ("surfaces", "nets_spread"),
        "One output of one net of width 100 over the square [−2, 2]², in units of its root mean "
        "square, the same colours throughout; below each Var(y)/E[y²] (geometric mean over draws): "
        "nearly 0 in the ordered phase at (1, 1), far from it on the edge, 1 in the chaotic phase.",
    ),
    "nets_propagation": Figure(
        "Nets against the kernel recursion",
        _NETS,
        ("nets_propagation",),
        "Variances of two inputs (solid, dashed) and 1 − c of simulated nets at (1, 1): dots with "
        "intervals, lines the recursion.",
    ),
    "nets_width": Figure(
        "The gap to the Gaussian process against width",
        _NETS,
        ("nets_width",),
        "Excess kurtosis of a unit and squared gaps of q and 1 − c to the recursion at the last "
        "layer: all fall like 1/N (dashed).",
    ),
    "nets_rates": Figure(
        "Rates of simulated nets",
        _NETS,
        ("nets_rates",),
        "1 − cˡ of simulated nets on the edge (dots; band: 5 % to 95 % of draws), the recursion "
        "(lines) and the laws 9π²/(2l²) and β_q/l (dashed).",
    ),
    "nets_phases": Figure(
        "Phases of simulated nets",
        _NETS,
        ("nets_ordered", "nets_chaotic", "nets_decorrelation"),
        "Tanh nets. Left: decay rates of q and c in the ordered phase against theory. Middle: "
        "1 − c at the last layer in the chaotic phase, from several starts, with the map's fixed "
        "point. Right: layers until inputs at distance ε decorrelate.",
    ),
    "nets_gradients": Figure(
        "Gradients at initialisation",
        _NETS,
        ("nets_gradients",),
        "Mean squared gradient by layer relative to the last (mean of the log; band: 5 % to 95 % "
        "of draws) with the product of χ₁ (dashed), at 0.8, 1 and 1.2 times the edge's σ_w. On the "
        "edge it neither vanishes nor explodes, for Tanh as for ReLU; Swish's edge is unstable at "
        "σ_b = 0.2, and its nets scatter.",
    ),
    "nets_departure": Figure(
        "Nets leaving an unstable edge",
        _NETS,
        ("nets_paths", "nets_times"),
        "Swish nets started at q on the edge at σ_b = 0.2. Left: median (solid), 5 % and 95 % "
        "(dotted) of qˡ/q over draws. Middle: the share within 50 % of q; dotted line: the "
        "paper's depth 30. Right: median layers until |qˡ/q − 1| > 1/2, with slope 1/(2 log α) in "
        "log N (dashed).",
    ),
    "train_curves": Figure(
        "Learning curves",
        _TRAINED,
        ("train_curves",),
        "Test error on MNIST, 1 less the accuracy, against step: mean and 90 % interval over "
        "seeds, by depth. ReLU, Tanh, ELU and Swish on the edge, Swish at its stable point and at "
        "He's σ_w.",
    ),
    "train_depth": Figure(
        "Accuracy against depth",
        _TRAINED,
        ("train_curves",),
        "Last test accuracy against depth with 90 % intervals: ordered phase, edge and chaotic "
        "phase (for Swish also the stable point of its curve and He's σ_w). Dotted: chance.",
    ),
    "train_width_depth": Figure(
        "Width and depth",
        _TRAINED,
        ("train_curves",),
        "Paired difference of the last test accuracy in per cent, with 90 % intervals, over "
        "(width, depth): Swish at the paper's edge point, and at its stable point, less ReLU.",
    ),
    "train_gradients": Figure(
        "Gradients during training",
        _TRAINED,
        ("train_gradients",),
        "Root mean square of the gradient of each hidden weight matrix, relative to the last one, "
        "at the first evaluation (dashed) and at the end of training (solid), in the deepest nets; "
        "mean over seeds of the logarithm.",
    ),
}
