"""Every claim of the paper, in its order, with its criteria.

A claim of kind T has criteria here and a reader in ``evidence``; parts S (simulation) and M
(training) that have no evidence yet are pending.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from edgeofchaos.claims.verdict import Criterion

BUILT = ("T",)  # the kinds of evidence that exist


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

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "gp-limit", GP, ("S",),
        "At width N the pre-activations tend to a Gaussian process: marginals tend to normal, and "
        "empirical q and c tend to the recursion's values, the gap shrinking as N grows.",
    ),
    Claim(
        "kernel-recursion", GP, ("T", "S"),
        "The kernel recursion κˡ(a,b) = σ_b² + σ_w² E[φ(yˡ⁻¹(a)) φ(yˡ⁻¹(b))] predicts simulated "
        "nets for every activation in the config.",
        [
            below("largest error of κ for ReLU-like φ against the arc-cosine kernel", 1e-10),
            below("largest relative error of Hard-Tanh's moments against closed forms", 1e-12),
            below("largest error of κ for erf against the arcsine kernel", 1e-10),
        ],
        ("relu_kernel",),
        "Theory part only: the recursion is evaluated correctly where a closed form exists. "
        "Whether nets follow it is for the simulation to say.",
    ),
    Claim(
        "prop1-variance", DOMAINS, ("T",),
        "σ_w² < 1/M_φ implies that F is a contraction, that (σ_b, σ_w) lies in D_var and that "
        "K_var = ∞, for every σ_b.",
        [
            above("grid points with σ_w² < 1/M_φ", 0.5),
            equal("of these, points outside D_var or with finite K_var", 0.0, 0.5),
            below("largest F'(x) found at such a point's limit", 1.0),
        ],
        ("phase_diagram",),
        "Sufficient, far from necessary: the phase diagram shows how much larger D_var is.",
    ),
    Claim(
        "prop1-correlation", DOMAINS, ("T",),
        "σ_w² < min(1/M_φ, 1/C_φ,δ) implies membership of D_corr too, with K_corr = ∞.",
        [
            above("grid points with σ_w² < min(1/M_φ, 1/C_φ)", 0.5),
            equal("of these, points outside D_corr", 0.0, 0.5),
            below("largest χ₁ at such a point", 1.0),
        ],
        ("phase_diagram",),
        "C_φ,δ = sup_x E[φ'(√x Z)²] for every δ (Cauchy–Schwarz, attained at x = y, c = 1), in the "
        "definition as reconstructed.",
    ),
    Claim(
        "prop1-relu-constants", DOMAINS, ("T",),
        "Printed example: M_ReLU = 2 and C_ReLU ≤ 1.",
        [
            equal("M_ReLU", 2.0, 1e-6),
            below("C_ReLU", 1.0 + 1e-9),
            true("σ_w² < 1/M_ReLU is the σ_w < √2 of Proposition 2", "scope"),
        ],
        ("constants",),
        "Erratum: the definition gives M_ReLU = C_ReLU = 1/2, so the bound of Proposition 1 reads "
        "σ_w² < 2, which is what Proposition 2 says; with 2 it would read σ_w² < 1/2. (2 is "
        "1/M_ReLU.)",
    ),
    Claim(
        "prop1-constant-outputs", DOMAINS, ("S",),
        "For (σ_b, σ_w) in both domains the outputs are constant functions in the limit: draws of "
        "the output surface (d = 2, ReLU and Tanh, L = 10, N = 100, (1, 1)) are almost flat.",
    ),
    Claim(
        "prop1-variance-speed", DOMAINS, ("T",),
        "At (σ_b, σ_w) = (1, 1) the variances of three inputs converge, for Tanh faster than for "
        "ReLU.",
        [
            above("layers to come within 0.1 % of the limit: ReLU minus Tanh", 0.5),
            below("Tanh: largest relative distance from the limit at the last layer", 1e-6),
            below("ReLU: largest relative distance from the limit at the last layer", 1e-6),
        ],
        ("variance",),
    ),
    Claim(
        "depth-scales", SCALES, ("T", "S"),
        "For smooth φ in the ordered phase |qˡ − q| ~ exp(−l/ε_q) and |cˡ − 1| ~ exp(−l/ε_c) with "
        "ε_q = −1/log α and ε_c = −1/log χ₁; ε_c diverges as χ₁ → 1.",
        [
            below("largest relative gap between fitted and predicted depth scale", 1e-3),
            equal("ε_c (1 − χ₁) at the largest χ₁ below 1", 1.0, 0.1),
        ],
        ("depth_scales",),
    ),
    Claim(
        "ordered-phase", SCALES, ("T", "S"),
        "χ₁ < 1: correlations tend to 1.",
        [below("largest 1 − c at the last layer, over all ordered points", 1e-6)],
        ("depth_scales",),
    ),
    Claim(
        "chaotic-phase", SCALES, ("T", "S"),
        "χ₁ > 1: for Tanh correlations tend to one c < 1 whatever the inputs' correlation.",
        [
            below("largest spread of the limit over starting correlations", 1e-9),
            above("least 1 − c in the limit", 1e-3),
            below("largest |f'| at the limit", 1.0),
        ],
        ("chaos",),
    ),
    Claim(
        "chaotic-discontinuity", SCALES, ("T", "S"),
        "In the chaotic phase the limiting output function is nowhere continuous: outputs of "
        "inputs at distance ε decorrelate to the same c after a depth that grows like "
        "log(1/ε)/log χ₁.",
        [
            equal("layers a factor e in 1/ε, over 2/log χ₁ (worst σ_w)", 1.0, 0.05),
            above("least limiting 1 − c", 1e-3),
        ],
        ("chaos",),
        "The constant is 2: at distance ε one has 1 − c¹ of the order of ε², and χ₁ multiplies "
        "1 − c.",
    ),
    Claim(
        "eoc-derivative", EDGE, ("T",),
        "Being on the edge is equivalent to f'(1) = 1.",
        [
            below("largest |f'(1) − 1| at edge points, f'(1) from 1 − f over pairs near c = 1", 1e-4),
            below("largest |f'(1) − χ₁| off the edge", 1e-4),
        ],
        ("relu_kernel",),
    ),
    Claim(
        "lemma1", EDGE, ("T",),
        "The true correlation recursion (with qˡ moving) and c ↦ f(c) have the same limit "
        "behaviour: sup |cˡ⁺¹ − f(cˡ)| → 0.",
        [
            below("largest |cˡ⁺¹ − f(cˡ)| at the last layer", 1e-8),
            above("largest |cˡ⁺¹ − f(cˡ)| at the first layer", 1e-3),
        ],
        ("lemma1",),
    ),
    Claim(
        "eoc-variability", EDGE, ("S",),
        "A ReLU net at (0, √2) gives a visibly more variable output surface than at (1, 1).",
    ),
    Claim(
        "prop2", RELU, ("T",),
        "For σ_w < √(2/(λ²+β²)): in D_var with K_var = ∞. The edge is the single point "
        "(0, √(2/(λ²+β²))), and there F(x) = x for all x ≥ 0.",
        [
            below("largest error of σ_w on the edge", 1e-12),
            below("largest |F(x)/x − 1| on the edge", 1e-12),
            equal("edge points found at σ_b > 0", 0.0, 0.5),
            true("below it every point is in D_var with K_var = ∞"),
        ],
        ("phase_diagram",),
    ),
    Claim(
        "prop3-kernel", RELU, ("T",),
        "On the edge ReLU has f(x) = (x arcsin x)/π + √(1−x²)/π + x/2.",
        [
            below("largest |f − formula|, by quadrature over the pair", 1e-10),
            below("the same for general (λ, β), with our formula", 1e-10, "scope"),
        ],
        ("relu_kernel",),
    ),
    Claim(
        "prop3-rate", RELU, ("T", "S"),
        "There 1 − cˡ ~ 9π²/(2l²): polynomial, not exponential.",
        [
            equal("(1 − cˡ) l²/(9π²/2) at the last layer", 1.0, 0.01),
            equal("exponent of l over the last decade", -2.0, 0.01),
            equal("the same ratio for general (λ, β), worst", 1.0, 0.02, "scope"),
        ],
        ("relu_rate", "rates"),
        "For slopes (λ, β) the constant is 9π²/2 · (λ²+β²)²/(λ−β)⁴, confirmed.",
    ),
    Claim(
        "relu-degenerate", RELU, ("T", "S"),
        "Even on the edge the limit kernel of ReLU is degenerate: cˡ → 1.",
        [below("1 − cˡ at the last layer", 1e-5), true("1 − cˡ decreases from layer to layer")],
        ("relu_rate",),
    ),
    Claim(
        "prop4", CLASS, ("T",),
        "Under conditions (i)–(iv): K_var ≥ q, and sup |f(x) − x| over [0, 1] tends to 0 as "
        "σ_b → 0 along the edge.",
        [
            above("activations that meet the conditions as printed", 1.5),
            true("K_var ≥ q at all their edge points"),
            below("largest lim sup|f − x| among those differentiable at 0", 1e-4),
            below("largest |lim sup|f − x| − (s₊−s₋)²/(π(s₊²+s₋²))|, all activations", 1e-4),
            below("largest lim sup|f − x| among all that meet the printed conditions", 1e-4, "scope"),
        ],
        ("identity_distance", "edge_curves"),
        "False as printed, true with one hypothesis more: φ differentiable at 0. On the edge "
        "sup|f − x| = f(0) = (σ_b² + σ_w² E[φ]²)/q, since f is a power series with coefficients "
        "σ_w² a_k²/q ≥ 0 and f'(1) = 1. As q → 0, φ(√q z)/√q tends to the ReLU-like function with "
        "φ's one-sided slopes s± at 0, so f(0) → (s₊−s₋)²/(π(s₊²+s₋²)), which is 0 if and only if "
        "s₊ = s₋. Hence differentiability at 0 is necessary as well as sufficient: no weaker "
        "hypothesis will do. SELU (1.758 and 1.051) is the counterexample. Condition (iv) is "
        "automatic for every φ, by the same series.",
    ),
    Claim(
        "prop4-still-degenerate", CLASS, ("T",),
        "For each fixed σ_b > 0 on the edge correlations still tend to 1; Proposition 4 slows this "
        "down, it does not stop it.",
        [
            below("largest 1 − cˡ at the last layer, over non-linear φ with an edge", 1e-2),
            equal("(1 − cˡ) over its predicted power law at the last layer, worst", 1.0, 0.05),
        ],
        ("rates",),
    ),
    Claim(
        "prop4-lemma2", CLASS, ("T",),
        "Without q → 0, f → identity only for linear φ (f → identity forces Var φ'(√q Z) = 0).",
        [
            below("sup|f − x| for the identity", 1e-12),
            above("least sup|f − x| of non-linear φ at edge points with q ≥ 0.5", 1e-4),
            below("largest |f'(0) − (1 − Var φ'/E[φ'²])|", 1e-9),
        ],
        ("identity_distance",),
    ),
    Claim(
        "prop4-relu-excluded", CLASS, ("T",),
        "ReLU fails condition (ii).",
        [true("ReLU has no edge point for small σ_b > 0")],
        ("phase_diagram",),
    ),
    Claim(
        "prop5", CLASS, ("T",),
        "Bounded odd φ with φ'(0) > 0, φ' ≥ 0, xφ(x) > 0 and xφ''(x) < 0 for x ≠ 0, and (ii), "
        "satisfies all of the conditions. Tanh and Arctan do.",
        [
            true("Tanh meets Proposition 5's hypotheses"),
            true("Arctan meets Proposition 5's hypotheses"),
            true("Tanh meets (i)–(iv)"),
            true("Arctan meets (i)–(iv)"),
            below("largest lim sup|f − x| of the two", 1e-4),
        ],
        ("identity_distance", "edge_curves"),
    ),
    Claim(
        "prop6-swish", CLASS, ("T",),
        "Swish satisfies all of the conditions: F' > 0; f'' ≥ 0 for q from 0.1 to 10; q → 0; on "
        "the edge E[φ''φ] is about 0.01, so F'(q) ≈ 1.",
        [
            true("F is non-decreasing"),
            above("least f'' on [0, 1] for q from 0.1 to 10", 0.0),
            true("q → 0 as σ_b → 0"),
            true("(ii): an edge for small σ_b, q being the limiting variance"),
            equal("E[φ''φ] on the curve for q from 0.1 to 10: largest", 0.01, 0.02, "scope"),
            below("F'(q)³⁰ at σ_b = 0.2, what 30 layers make of F'(q) ≈ 1", 1.5, "scope"),
        ],
        ("swish_moments", "variance_map", "edge_curves"),
        "F' > 0, f'' ≥ 0 and q → 0 hold, and E[φ''φ] is small, 0.005 to 0.038. But E[φ''φ] > 0 "
        "makes F'(q) = 1 + σ_w² E[φ''φ] > 1: q repels, F has a smaller, attracting fixed point "
        "with χ₁ < 1, and for σ_b below 0.745 no σ_w puts Swish on the edge in the sense of "
        "Definition 2. Condition (ii) fails.",
    ),
    Claim(
        "table1-swish", CLASS, ("T",),
        "The table of edge points (σ_b, σ_w, q) of Swish; q decreases with σ_b.",
        [
            above("points computed", 1.5),
            true("q decreases as σ_b decreases"),
            below("largest |χ₁ − 1|", 1e-12),
            below("largest relative |F(q) − q|, as the nearest fixed point found separately", 1e-8),
            true("q is the limiting variance at all of them", "scope"),
        ],
        ("variance_map", "edge_curves"),
        "The points solve χ₁ = 1 and F(q) = q, but below σ_b = 0.745 q is not the limit of qˡ: "
        "α and every fixed point of F stand in fixed_points.csv.",
    ),
    Claim(
        "swish-identity", CLASS, ("T",),
        "f of Swish for several σ_b approaches the identity as σ_b → 0.",
        [
            true("sup|f − x| decreases as σ_b decreases to 0"),
            below("lim sup|f − x|", 1e-6),
            true("q is the limiting variance on that part of the curve", "scope"),
        ],
        ("swish_identity",),
        "True of the map at the unstable fixed point q. A net whose variance is off q leaves it, "
        "and then follows another map.",
    ),
    Claim(
        "swish-variability", CLASS, ("S",),
        "A draw at depth 30, width 100, σ_b = 0.2 varies much more than ReLU's with the same "
        "architecture.",
    ),
    Claim(
        "others-elu", CLASS, ("T",),
        "ELU satisfies the conditions as well.",
        [true("ELU meets (i)–(iv)"), below("lim sup|f − x|", 1e-6)],
        ("identity_distance", "elu"),
    ),
    Claim(
        "others-selu", CLASS, ("T",),
        "SELU satisfies the conditions as well.",
        [
            true("SELU meets (i)–(iv) as printed"),
            equal("lim sup|f − x| against (λα−λ)²/(π((λα)²+λ²)) = 0.0379715", 0.0379715275, 1e-6),
            below("lim sup|f − x|, which Proposition 4 says is 0", 1e-4, "scope"),
        ],
        ("identity_distance",),
        "SELU meets the conditions as printed and contradicts what Proposition 4 draws from them, "
        "because of its kink at 0.",
    ),
    Claim(
        "others-softplus", CLASS, ("T",),
        "Softplus satisfies the conditions as well.",
        [
            true("φ(0) = 0"),
            true("Softplus has an edge point for small σ_b"),
            true("softplus − log 2 meets (i)–(iv)", "scope"),
        ],
        ("edge_curves",),
        "Softplus has φ(0) = log 2, and q − E[φ²]/E[φ'²] < 0 for every q, so it has no edge at "
        "all. softplus − log 2 has a curve, but an unstable one at every σ_b looked at, like "
        "Swish's below its threshold.",
    ),
    Claim(
        "prop7-supplement", CLASS, ("T",),
        "Bounded φ with E[φ'(xZ)²] ≳ |x|^(−2β) for some β in (0, 1) satisfies (ii); Tanh does not "
        "meet this condition (as reconstructed).",
        [
            above("bounded activations of the config with such a β", 0.5),
            true("all of them satisfy (ii)"),
            true("Tanh has no such β in (0, 1)", "scope"),
        ],
        ("slope_decay",),
        "The implication holds wherever it can be tried. The remark on Tanh does not: "
        "E[φ'(xZ)²] ~ (4/3)/(√(2π) |x|), so β = 1/2, as for every bounded φ with square "
        "integrable φ'. The condition is as reconstructed.",
    ),
    Claim(
        "hardtanh-supplement", CLASS, ("T",),
        "For Hard-Tanh the moments and f have closed forms; its edge curve, F and f look like "
        "Tanh's.",
        [
            below("largest relative error of its moments against the closed forms", 1e-12),
            true("both edge curves rise with σ_b and both q → 0"),
            below("largest difference of the two f at σ_b = 0.2", 0.05),
            equal("exponent of 1 − cˡ: Hard-Tanh's minus Tanh's", 0.0, 0.1, "scope"),
        ],
        ("hardtanh",),
        "They look alike and behave differently at depth: Hard-Tanh's slope jumps at ±1, so "
        "1 − cˡ ~ 1/l², as for ReLU, where Tanh has 1/l.",
    ),
    Claim(
        "elu-supplement", CLASS, ("T",),
        "ELU: the edge curve exists, F is non-decreasing, q → 0, f is convex.",
        [
            true("an edge point at every σ_b of the config"),
            true("F is non-decreasing"),
            true("q → 0 as σ_b → 0"),
            true("f is convex on [0, 1]"),
        ],
        ("elu",),
    ),
    Claim(
        "gradient-vanishing", CLASS, ("T", "S"),
        "Tanh-like functions suffer vanishing gradients in back-propagation, and Swish, with slope "
        "near 1 for large inputs, does not.",
        [
            below("Tanh: factor of the mean squared gradient a layer on the edge", 1.0 - 1e-6),
            equal("Swish: that factor at the limiting variance of σ_b = 0.2", 1.0, 1e-3),
        ],
        ("edge_curves",),
        "In the mean-field limit, at initialisation: on the edge the mean squared gradient is "
        "multiplied by χ₁ = 1 a layer for every φ, Tanh included, and Swish at σ_b = 0.2 has "
        "χ₁ = 0.820 at the variance that nets started below q go to. Training is not covered yet.",
    ),
    Claim(
        "bayesian-prior", CLASS, ("T", "S"),
        "With ReLU-like φ the prior over functions concentrates near constants even on the edge; "
        "with the better class it is richer: compare 1 − c^L of the prior kernel at equal depth.",
        [
            below("ReLU: 1 − c^L of orthogonal inputs at L = 100", 0.01),
            above("least ratio of Tanh's, Arctan's and ELU's 1 − c^L (σ_b = 0.2) to ReLU's, L ≥ 10", 1.0),
            above("the same for SELU and Hard-Tanh, which have kinks, at the largest depth", 1.0, "scope"),
        ],
        ("prior_kernel",),
    ),
    Claim(
        "train-eoc", TRAINING, ("M",),
        "Swish net: away from the edge test accuracy stays near 0.1 as L grows; on the edge it "
        "trains.",
    ),
    Claim(
        "train-activations", TRAINING, ("M",),
        "ReLU, Tanh and Swish on the edge: at depth 5 Tanh learns faster than ReLU; at L ≥ 40 Tanh "
        "is stuck; Swish beats ReLU.",
    ),
    Claim(
        "train-width-depth", TRAINING, ("M",),
        "Swish against ReLU over (width, depth) pairs; with depth greater than width ReLU wins "
        "while both are small and Swish wins when deeper.",
    ),
    Claim(
        "train-edge-benefit", TRAINING, ("M",),
        "An edge initialisation speeds up learning for the other activations too (ELU, Tanh).",
    ),
    Claim(
        "smooth-rate", EXTENSION, ("T", "S"),
        "For φ smooth at 0: 1 − cˡ ~ β_q/l with β_q = 2E[φ'(√qZ)²]/(q E[φ''(√qZ)²]), against 1/l² "
        "for ReLU-like φ (the successor paper).",
        [
            equal("(1 − cˡ) l/β_q at the last layer, worst of the φ with continuous φ'", 1.0, 0.05),
            equal("exponent of l over the last decade, worst", -1.0, 0.05),
            equal("exponent for φ with a jump of φ', worst", -2.0, 0.05),
            true("every φ smooth at 0 decays like 1/l", "scope"),
        ],
        ("rates",),
        "What decides is a jump of φ' anywhere, not at 0 only: Hard-Tanh is smooth at 0 and decays "
        "like 1/l². With jumps J_j at k_j, 1 − cˡ ~ 9/(2A²l²), "
        "A = σ_w²/(2π) Σ J_j² exp(−k_j²/(2q)).",
    ),
    Claim(
        "edge-stability", OURS, ("T", "S"),
        "On the curve χ₁ = 1, F(q) = q, Tanh, ELU and SELU have α < 1. Swish does not: at "
        "σ_b = 0.2 α = 1.0987, and F has a smaller fixed point 0.19404 where χ₁ = 0.820. Its curve "
        "turns stable only at σ_b² ≈ 0.555, σ_w² ≈ 1.988, q ≈ 14.32; below it no chaotic phase "
        "exists.",
        [
            below("largest α of Tanh, ELU and SELU on their curves", 1.0),
            equal("Swish at σ_b = 0.2: α", 1.0987278, 1e-6),
            equal("Swish at σ_b = 0.2: smallest fixed point of F", 0.19403796, 1e-7),
            equal("Swish: χ₁ there", 0.8202784, 1e-6),
            equal("Swish turns stable at σ_b²", 0.55514317, 1e-7),
            equal("Swish turns stable at σ_w²", 1.98800468, 1e-7),
            equal("Swish turns stable at q", 14.3201736, 1e-6),
            below("Swish below the threshold: largest χ₁ at any limiting variance, any σ_w", 1.0),
            equal("layers to leave q, a factor 10 in the deviation, over log 10/log α", 1.0, 0.03),
        ],
        ("edge_curves", "variance_map", "departure", "swish_moments"),
        "Established to high precision. For σ_b < 0.745 nets of Swish go, as σ_w grows, from the "
        "ordered phase straight to divergence. GELU turns stable at σ_b² = 0.1729, Mish at 0.0945; "
        "softplus − log 2 not for any σ_b up to 5.",
    ),
)  # fmt: skip

BY_ID = {claim.id: claim for claim in CLAIMS}
ERROR_1D = 1e-12  # of one-dimensional moments, relative (tests hold them to it)
NOT_A_NUMBER = math.nan
