"""Every figure: its title, category, caption, and the tables it is drawn from.

A new figure needs two things: an entry here, and a function of the same name in one of the
``*_figures`` modules beside this one. The module imports neither torch nor matplotlib, since the
Snakefile reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What a figure is drawn from: by name, a data frame, or for `surfaces` a dict of arrays.
Tables = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """What the workflow and the report need to know of a figure.

    Attributes:
        title: a few words.
        category: the heading under which the report shows it.
        tables: names of the CSV tables that it is drawn from; ``surfaces`` is an NPZ file.
        caption: what is to be seen, in whole sentences.
        reference: names of tables of the reference run that it shows where they are there.
    """

    title: str
    category: str
    tables: tuple[str, ...]
    caption: str
    reference: tuple[str, ...] = ()


_EDGE, _MAPS, _RATES, _PHASES = "Edge of chaos", "Maps", "Rates", "Phases"
_NETS, _TRAINED = "Simulated nets", "Trained nets"

FIGURES: dict[str, Figure] = {
    "phase_diagram": Figure(
        "Phase diagram",
        _PHASES,
        ("phase_diagram", "edge", "folds", "phase_window", "windows"),
        "χ₁ at the limiting variance over (σ_b, σ_w), for ReLU, Tanh, Swish and ELU. Where the "
        "variance diverges the plane is grey. The black line shows the points with χ₁ = 1 and "
        "F(q) = q; it is solid where q is the limiting variance and dashed where it is not. For "
        "Swish at small σ_b the dashed line lies inside the ordered phase, and no white region "
        "(χ₁ = 1) separates the ordered phase from divergence. ReLU's edge is the single point "
        "(0, √2). Dotted is the fold of F, where the limiting variance jumps. Last panel: Swish "
        "where its fold lies below σ_w² = 2, with colours from 0.9 to 1.02. Between the "
        "vertical lines, at σ_b = 0.711 and 0.745, nets go at the fold from ordered to chaotic "
        "with a finite variance, and no σ_w gives χ₁ = 1 at the limiting variance; right of "
        "them the edge is stable.",
    ),
    "edge_curves": Figure(
        "Edge curves",
        _EDGE,
        ("edge", "threshold"),
        "σ_w, q and α = F'(q) along the edge curve (χ₁ = 1 and F(q) = q) of every activation that "
        "has one. A line is solid where q attracts and is the smallest fixed point of F, and "
        "dashed where q repels (α > 1). Dots mark where a curve turns from one to the other.",
    ),
    "variance_map": Figure(
        "Variance map",
        _MAPS,
        ("variance_maps", "fixed_points"),
        "F(x) − x of Swish and Tanh at their edge points with σ_b = 0.2. Dots mark all fixed "
        "points, filled where they attract and open where they repel. The insets show F beside the "
        "diagonal. Swish's edge point is the repelling fixed point; below it lies an attracting "
        "one, where χ₁ = 0.82.",
    ),
    "printed_table": Figure(
        "The printed point of Swish",
        _MAPS,
        ("printed_maps",),
        "Swish at the point that the paper prints for σ_b = 0.2 (σ_w = 1.718, q = 0.44), at the "
        "solution of χ₁ = 1 and F(q) = q for the same σ_b, and at a stable edge point, with σ_b "
        "just above 0.745. Left: F(x) − x relative to q; at the printed point it has no zero, so "
        "that there is no fixed point, but a narrow bottleneck. Right: qˡ/q by layer, from "
        "q¹ = σ_b²: through the bottleneck and away, to the smaller fixed point, and to q.",
    ),
    "departure": Figure(
        "Departure from an unstable edge",
        _EDGE,
        ("departure",),
        "The number of layers until the variance of a Swish net that starts at q(1 ± d) is 50 % "
        "off q, in the infinite-width recursion. The lines are log(0.5/d)/log α.",
    ),
    "swish_moments": Figure(
        "Swish's moments",
        _MAPS,
        ("swish_moments",),
        "Moments of Swish for q from 0.1 to 10. Left: E[φ''φ], which the paper takes to be "
        "negligible, and α − 1 = σ_w² E[φ''φ]. Right: the least and the largest value of f'' on "
        "[0, 1].",
    ),
    "swish_identity": Figure(
        "Swish's correlation map",
        _MAPS,
        ("correlation_maps",),
        "f(c) − c of Swish at edge points with several σ_b. As σ_b → 0 the map approaches the "
        "identity. Lines are dashed where q is not the limiting variance.",
    ),
    "identity_distance": Figure(
        "Distance to the identity",
        _EDGE,
        ("identity_distance", "constants"),
        "The largest |f(x) − x| on [0, 1] along the edge. It tends to 0 with σ_b for every "
        "activation that is differentiable at 0. For SELU, which meets Proposition 4's conditions "
        "as printed, it tends to (s₊−s₋)²/(π(s₊²+s₋²)) = 0.038 instead (dotted), s₊ and s₋ being "
        "its slopes on the two sides of 0.",
    ),
    "counterexamples": Figure(
        "Counterexamples to Propositions 4 and 7",
        _EDGE,
        ("oscillating", "bounded_folds"),
        "Left: sup|f − x| of φ = x + ½x|x| sin(1/|x|) at its edge points against q. It tends to "
        "1/9 (dotted), although φ is differentiable and meets Proposition 4's conditions, since "
        "E[φ'²] tends to 9/8 and not to φ'(0)² = 1. Right: χ₁ at the limiting variance of "
        "10 tanh(swish(x)/10), just below and just beyond the fold of F, against σ_b. It skips 1 "
        "(line), although φ is bounded with β = 1/2, as Proposition 7 asks.",
    ),
    "relu_like_map": Figure(
        "Correlation map of ReLU-like activations",
        _MAPS,
        ("relu_like_map",),
        "The correlation map f on the edge for slopes λ (x > 0) and β (x < 0), by quadrature over "
        "the pair (dots) and in closed form (lines), beside the identity. ReLU is (1, 0).",
    ),
    "relu_like_rates": Figure(
        "Rate of ReLU-like activations",
        _RATES,
        ("relu_like_rates",),
        "1 − cˡ of inputs that start orthogonal, on the edge, for slopes λ (x > 0) and β (x < 0), "
        "and the law 9π²/(2l²)·(λ²+β²)²/(λ−β)⁴ (dashed).",
    ),
    "rates": Figure(
        "Rates of all activations",
        _RATES,
        ("rates",),
        "l(1 − cˡ) on the edge. A flat line means that 1 − cˡ falls like 1/l, a falling one that "
        "it falls like 1/l². Which of the two depends on whether φ' jumps anywhere (dashed): "
        "Hard-Tanh, although smooth at 0, falls as fast as ReLU and SELU.",
    ),
    "depth_scales": Figure(
        "Depth scales",
        _PHASES,
        ("depth_scales", "trajectories"),
        "Tanh in the ordered phase. Left: 1 − cˡ layer by layer, with exp(−l/ε_c) dashed. Right: "
        "depth scales of q and c, fitted and predicted, with −1/log χ₁.",
    ),
    "chaos": Figure(
        "The chaotic phase",
        _PHASES,
        ("chaotic", "decorrelation"),
        "Tanh with χ₁ > 1. Left: the limit of 1 − c from every starting correlation. Right: the "
        "number of layers that inputs at distance ε take to decorrelate; the lines have slope "
        "2/log χ₁.",
    ),
    "lemma1": Figure(
        "Lemma 1",
        _PHASES,
        ("lemma1",),
        "The maps f_l at the variances of layer l tend to f. Dots: the largest |f_l(x) − f(x)| on "
        "a grid of [0, 1], over two pairs of inputs whose variances still change from layer to "
        "layer. Bars above them: a bound that holds for all x. Lines: |cˡ⁺¹ − f(cˡ)| along their "
        "own recursion. Left: Tanh at three σ_w, below and above the edge. Right: others at one.",
    ),
    "near_edge": Figure(
        "Close to the edge",
        _PHASES,
        ("near_edge", "near_edge_paths"),
        "Tanh at σ_b = 0.2 and σ_w from 0.90 to 1.10 times that of the edge. Left: 1 − cˡ of "
        "inputs that start orthogonal; the dotted line is layer 40, the depth of the paper's "
        "nets. Right: the depth scale against the distance from the edge, 1/|log χ₁| (lines and "
        "dots) and, above the edge, the one over which 1 − c settles (open dots).",
    ),
    "negative_pairs": Figure(
        "Opposite inputs, and a small σ_b",
        _RATES,
        ("negative_pairs", "negative_paths"),
        "Left: 1 − cˡ of Tanh on the edge at several σ_b, from c = −1 (solid) and from c = 0 "
        "(dashed), with the law β_q/l (dotted): a small σ_b slows the convergence to 1 and does "
        "not prevent it. Right: how many layers opposite inputs take to c ≥ 0, times f(0), on the "
        "edges of several activations; the lines are 1/2, 0.641 and log 2, and the bar is one "
        "layer. Odd activations lie between the upper two where f(0) is small.",
    ),
    "variance": Figure(
        "Variance against layer",
        _PHASES,
        ("variance",),
        "The variance of three inputs at (σ_b, σ_w) = (1, 1), layer by layer. Tanh has converged "
        "when ReLU is still on its way.",
    ),
    "constants": Figure(
        "Constants of Proposition 1",
        _PHASES,
        ("constants",),
        "M_φ and C_φ of every activation. For ReLU both are 1/2, where the paper prints M = 2 and "
        "C ≤ 1.",
    ),
    "slope_decay": Figure(
        "Decay of the slope's second moment",
        _EDGE,
        ("constants",),
        "The exponent β of E[φ'(xZ)²] ~ |x|^(−2β). Bounded activations, Tanh among them, have "
        "β = 1/2, inside the interval (0, 1) that Proposition 7 asks for.",
    ),
    "elu": Figure(
        "ELU",
        _EDGE,
        ("edge", "variance_maps", "correlation_maps"),
        "ELU: its edge curve with q, its variance map at the edge point with σ_b = 0.2, and "
        "f(c) − c at several edge points.",
    ),
    "hardtanh": Figure(
        "Hard-Tanh beside Tanh",
        _EDGE,
        ("edge", "correlation_maps", "rates", "hardtanh"),
        "Hard-Tanh (solid) and Tanh (dashed). From left to right: their edge curves; E[φ²] with "
        "Hard-Tanh's closed form (dots); f(c) − c at σ_b = 0.2, where the two are alike; and "
        "1 − cˡ, which falls like 1/l² for Hard-Tanh and like 1/l for Tanh.",
    ),
    "prior_kernel": Figure(
        "Prior kernel at depth",
        _RATES,
        ("prior_kernel",),
        "1 − c^L of inputs that start orthogonal, which tells how far from constant functions the "
        "prior over functions still is at depth L. Dashed, in both panels: ReLU-like activations "
        "on their edge, with slopes (λ, β). Left: others on the edge at σ_b = 0.2. Right: Swish at "
        "the printed point, where the variance moves (from q¹ = 0.44 and from half of it), at "
        "χ₁ = 1, at the stable point and at He's σ_w, where the variance goes to 0. A line ends "
        "where the variance leaves 10⁻³⁰ to 10³⁰.",
    ),
    "input_scaling": Figure(
        "MNIST by how it is scaled",
        _PHASES,
        ("input_scaling",),
        "Variances of MNIST's test images over q, by layer, in nets of infinite width (medians, "
        "and bands from 5 % to 95 % of images), with images scaled so that q¹ ≤ q for every "
        "training image, so that q¹ is q on average, or by √q. At a stable edge variances tend to "
        "q whatever the scale, for Swish slowly. At the printed point of Swish and at χ₁ = 1 "
        "images that start above q run away, and others go to the bottleneck or to the smaller "
        "fixed point.",
    ),
    "kernel_accuracy": Figure(
        "Deep kernels on MNIST",
        _RATES,
        ("kernel_accuracy",),
        "The test accuracy on MNIST of regression to classes with the kernels of infinitely wide "
        "nets, against depth: medians over sets of images without one in common, and their 90 % "
        "intervals (of fewer than 5 sets, the range). Above with the NNGP, the prior of a Bayesian "
        "net, below with the NTK. Left with next to no noise of the targets, right with more, as a "
        "share of the mean of the kernel's diagonal. The dotted line is chance.",
    ),
    "surfaces": Figure(
        "Output surfaces",
        _NETS,
        ("surfaces", "nets_spread"),
        "One output of one net of width 100 over the square [−2, 2]², in units of its root mean "
        "square and with the same colours throughout. Below each picture stands Var(y)/E[y²] "
        "(geometric mean over draws). It is nearly 0 in the ordered phase at (1, 1), far from 0 on "
        "the edge, and 1 in the chaotic phase. The inputs of nets at a named place are scaled so "
        "that q¹ ≤ q for each of the square. At the printed point of Swish and at χ₁ = 1 some "
        "draws are flat and some vary much.",
    ),
    "nets_propagation": Figure(
        "Nets against the kernel recursion",
        _NETS,
        ("nets_propagation",),
        "Variances of two inputs (solid and dashed) and 1 − c by layer at (σ_b, σ_w) = (1, 1). "
        "Dots with 90 % intervals are simulated nets, lines are the infinite-width recursion.",
    ),
    "nets_width": Figure(
        "The gap to the Gaussian process against width",
        _NETS,
        ("nets_width",),
        "The excess kurtosis of a unit at the last layer, and there the squared gaps of log q and "
        "log(1 − c) to the infinite-width recursion, with 90 % intervals. All of them fall like "
        "1/N (dashed).",
    ),
    "nets_rates": Figure(
        "Rates of simulated nets",
        _NETS,
        ("nets_rates",),
        "1 − cˡ on the edge: simulated nets (dots are means, bands reach from 5 % to 95 % of "
        "draws), the infinite-width recursion (lines), and the laws 9π²/(2l²) and β_q/l (dashed).",
    ),
    "nets_phases": Figure(
        "Phases of simulated nets",
        _NETS,
        ("nets_ordered", "nets_chaotic", "nets_decorrelation"),
        "Tanh nets, with 90 % intervals. Left: decay rates of q and c in the ordered phase against "
        "the recursion's over the same layers. Middle: 1 − c at the last layer in the chaotic "
        "phase, from several starts, with the fixed point of the correlation map. Right: the "
        "number of layers until inputs at distance ε decorrelate.",
    ),
    "nets_gradients": Figure(
        "Gradients at initialisation",
        _NETS,
        ("nets_gradients",),
        "The mean squared gradient by layer relative to the last layer, at 0.8, 1 and 1.2 times "
        "the edge's σ_w; of Swish at the printed point (from q¹ = 0.44 and from half of it), at "
        "χ₁ = 1, at the stable point and at He's σ_w. Lines are means of the logarithm, bands go "
        "from 5 % to 95 % of draws, and the product of χ₁ along the recursion of the variance is "
        "dashed. On the edge the gradient neither vanishes nor explodes, for Tanh as for ReLU. At "
        "Swish's printed point and at χ₁ = 1 the variances of nets leave q and gradients scatter.",
    ),
    "nets_printed": Figure(
        "Nets at the printed point of Swish",
        _NETS,
        ("nets_printed",),
        "The variance by layer of Swish nets at the point that the paper prints, (0.2, 1.718), by "
        "width and from three starts: medians and bands from 5 % to 95 % of draws, and the "
        "recursion F of infinite width (dashed). The grey line is the printed q = 0.44. Nets pass "
        "the bottleneck below it and run away, the narrower the more at random; from q itself they "
        "do so within 30 to 40 layers.",
    ),
    "nets_departure": Figure(
        "Nets leaving an unstable edge",
        _NETS,
        ("nets_paths", "nets_times"),
        "Swish nets that start at q on the edge, at σ_b = 0.2 in the first two panels. Left: the "
        "median of qˡ/q over draws (solid), with 5 % and 95 % (dotted). Middle: the share of draws "
        "within 50 % of q; the dotted line is the paper's depth, 30. Right: the median number of "
        "layers until |qˡ/q − 1| > 1/2, with slope 1/(2 log α) in log N (dashed).",
    ),
    "train_curves": Figure(
        "Learning curves",
        _TRAINED,
        ("train_curves",),
        "The test error on MNIST, 1 less the accuracy, against the training step, by depth, at the "
        "paper's learning rate: medians over runs, and their 90 % intervals (of fewer than 5 runs, "
        "the range). ReLU, Tanh and ELU are on the "
        "edge, Swish at the point that the paper prints, at the solution of χ₁ = 1, at a stable "
        "point of its edge and at He's σ_w.",
    ),
    "train_rates": Figure(
        "Accuracy against learning rate",
        _TRAINED,
        ("train_curves",),
        "The test accuracy at the step that claims are judged at against the learning rate, by "
        "optimiser and depth: medians over runs, and their 90 % intervals (of fewer than 5 runs, "
        "the range). The vertical line is the paper's rate. Thick lines are on the edge, or at one "
        "of Swish's points; thin ones are in the ordered and the chaotic phase.",
    ),
    "train_depth": Figure(
        "Accuracy against depth",
        _TRAINED,
        ("train_curves",),
        "The test accuracy at the step that claims are judged at against depth, at the paper's "
        "learning rate: medians over runs, and their 90 % intervals (of fewer than 5 runs, the "
        "range), in the ordered phase, on the edge and in the chaotic phase; for Swish at the "
        "point that the paper prints, at χ₁ = 1, at the stable point and at He's σ_w. The dotted "
        "line is chance.",
    ),
    "train_near_edge": Figure(
        "Tanh near its edge and along it",
        _TRAINED,
        ("train_curves",),
        "The test accuracy of Tanh nets at the step that claims are judged at, a line a depth and "
        "learning rate: left, against σ_w over its value on the edge; right, on the edge against "
        "σ_b. Medians over runs, and their 90 % intervals (of fewer than 5 runs, the range).",
    ),
    "train_movement": Figure(
        "How far weights move",
        _TRAINED,
        ("train_gradients",),
        "‖W_t − W_0‖/‖W_0‖ of each hidden weight matrix at the step that claims are judged at, in "
        "the deepest nets, a panel a learning rate: medians over runs.",
    ),
    "train_width_depth": Figure(
        "Width and depth",
        _TRAINED,
        ("train_curves",),
        "By how many per cent the test accuracy of Swish at the printed point and the paper's "
        "learning rate exceeds ReLU's, at the step that claims are judged at, by (width, depth), a "
        "column a learning rate of ReLU: medians of the difference between runs of one number, "
        "with 90 % intervals (of fewer than 5 runs, the range).",
    ),
    "train_gradients": Figure(
        "Gradients during training",
        _TRAINED,
        ("train_gradients",),
        "The root mean square of the gradient of each hidden weight matrix relative to the last "
        "one, in the deepest nets, at the paper's learning rate, at the first evaluation (dashed) "
        "and at the step that claims are judged at (solid). Lines are medians over runs.",
    ),
    "train_length": Figure(
        "How long is long enough",
        _TRAINED,
        ("train_curves",),
        "The test accuracy against the training step, of the reference run where its tables are "
        "there, else of this one: medians over runs, and their 90 % intervals (of fewer than 5 "
        "runs, the range). The vertical lines are at a quarter of the steps after which claims are "
        "judged, at these, 1,500, and at four times as many. Left: the deepest nets at the paper's "
        "learning rate and at a third of it; right: nets deeper than wide.",
        ("lengths",),
    ),
}
