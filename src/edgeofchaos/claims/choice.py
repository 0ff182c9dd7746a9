"""Claims on which activation to choose: the better class."""

import math

from edgeofchaos.claims.model import (
    CLASS,
    Claim,
    above,
    below,
    equal,
    true,
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "prop4",
        CLASS,
        ("T",),
        "Under conditions (i)–(iv): K_var ≥ q, and sup |f(x) − x| over [0, 1] tends to 0 as "
        "σ_b → 0 along the edge.",
        [
            above("activations that meet the conditions as printed", 1.5),
            true("K_var ≥ q at all their edge points"),
            below("largest lim sup|f − x| among those differentiable at 0", 1e-4),
            below("largest |lim sup|f − x| − (s₊−s₋)²/(π(s₊²+s₋²))|, all activations", 1e-4),
            below("largest lim sup|f − x| among all that meet (i)–(iv) as printed", 1e-4, "scope"),
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
        "prop4-still-degenerate",
        CLASS,
        ("T",),
        "For each fixed σ_b > 0 on the edge correlations still tend to 1; Proposition 4 slows this "
        "down, it does not stop it.",
        [
            below("largest 1 − cˡ at the last layer, over non-linear φ with an edge", 1e-2),
            equal("(1 − cˡ) over its predicted power law at the last layer, worst", 1.0, 0.05),
        ],
        ("rates",),
    ),
    Claim(
        "prop4-lemma2",
        CLASS,
        ("T",),
        "Without q → 0, f → identity only for linear φ (f → identity forces Var φ'(√q Z) = 0).",
        [
            below("sup|f − x| for the identity", 1e-12),
            above("least sup|f − x| of non-linear φ at edge points with q ≥ 0.5", 1e-4),
            below("largest |f'(0) − (1 − Var φ'/E[φ'²])|", 1e-9),
        ],
        ("identity_distance",),
    ),
    Claim(
        "prop4-relu-excluded",
        CLASS,
        ("T",),
        "ReLU fails condition (ii).",
        [true("ReLU has no edge point for small σ_b > 0")],
        ("phase_diagram",),
    ),
    Claim(
        "prop5",
        CLASS,
        ("T",),
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
        "prop6-swish",
        CLASS,
        ("T",),
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
        "table1-swish",
        CLASS,
        ("T",),
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
        "swish-identity",
        CLASS,
        ("T",),
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
        "swish-variability",
        CLASS,
        ("S",),
        "A draw at depth 30, width 100, σ_b = 0.2 varies much more than ReLU's with the same "
        "architecture.",
        [
            above("log of Swish's Var(y)/E[y²] over ReLU's", 0.0),
            above("log of Swish's 1 − c over ReLU's", math.log(2), "scope"),
            above("share of the Swish nets with q³⁰ within 50 % of q", 0.5, "scope"),
        ],
        ("surfaces", "nets_departure"),
        "The surface does vary more. But at this width and depth most nets have left q, downwards "
        "into the ordered phase or upwards to ReLU's regime: what varies is not what the map at q "
        "predicts.",
    ),
    Claim(
        "others-elu",
        CLASS,
        ("T",),
        "ELU satisfies the conditions as well.",
        [true("ELU meets (i)–(iv)"), below("lim sup|f − x|", 1e-6)],
        ("identity_distance", "elu"),
    ),
    Claim(
        "others-selu",
        CLASS,
        ("T",),
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
        "others-softplus",
        CLASS,
        ("T",),
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
        "prop7-supplement",
        CLASS,
        ("T",),
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
        "hardtanh-supplement",
        CLASS,
        ("T",),
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
        "elu-supplement",
        CLASS,
        ("T",),
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
        "gradient-vanishing",
        CLASS,
        ("T", "S", "M"),
        "Tanh-like functions suffer vanishing gradients in back-propagation, and Swish, with slope "
        "near 1 for large inputs, does not.",
        [
            below("Tanh, trained: log10 of the first gradient over the last, deepest", -0.5),
            equal("Swish, trained: log10 of the first gradient over the last, deepest", 0.0, 1.0),
            equal(
                "largest gap of a simulated log factor to log χ₁, unstable edges left out",
                0.0,
                0.05,
            ),
            below(
                "Tanh: factor of the mean squared gradient a layer on the edge", 1.0 - 1e-6, "scope"
            ),
            equal("Swish: that factor at the limiting variance of σ_b = 0.2", 1.0, 1e-3, "scope"),
            below(
                "Tanh: simulated factor of the mean squared gradient a layer on the edge",
                0.98,
                "scope",
            ),
        ],
        ("edge_curves", "nets_gradients", "train_gradients"),
        "Two readings. Of deep nets in training it holds: the first rows, after the config's "
        "number of steps. At initialisation it does not: on the edge the mean squared gradient is "
        "multiplied by χ₁ = 1 a layer for every φ, Tanh included, and it is Swish at σ_b = 0.2 "
        "that has χ₁ = 0.820, at the variance that nets started below q go to.",
    ),
    Claim(
        "bayesian-prior",
        CLASS,
        ("T", "S"),
        "With ReLU-like φ the prior over functions concentrates near constants even on the edge; "
        "with the better class it is richer: compare 1 − c^L of the prior kernel at equal depth.",
        [
            below("ReLU: 1 − c^L of orthogonal inputs at L = 100", 0.01),
            above("least ratio of Tanh's, Arctan's, ELU's 1 − c^L to ReLU's, L ≥ 10", 1.0),
            above("the same for SELU and Hard-Tanh at the largest depth", 1.0, "scope"),
            above("simulated 1 − c^L of Tanh and ELU over ReLU's at L = 100, least", 2.0),
        ],
        ("prior_kernel", "nets_rates"),
    ),
)
