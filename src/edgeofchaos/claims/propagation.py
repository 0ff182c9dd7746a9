"""Claims on how variances and correlations propagate: up to ReLU-like activations."""

import math

from edgeofchaos.claims.model import (
    DOMAINS,
    EDGE,
    GP,
    RELU,
    SCALES,
    Claim,
    above,
    below,
    equal,
    true,
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "gp-limit",
        GP,
        ("S",),
        "At width N the pre-activations tend to a Gaussian process: marginals tend to normal, and "
        "empirical q and c tend to the recursion's values, the gap shrinking as N grows.",
        [
            equal("exponent in N of a unit's excess kurtosis, furthest from −1", -1.0, 0.15),
            equal("exponent in N of E[(q/q_∞ − 1)²], furthest from −1", -1.0, 0.15),
            equal("exponent in N of the same for 1 − c, furthest from −1", -1.0, 0.25),
            below("largest excess kurtosis at the greatest width", 0.05),
        ],
        ("nets_width",),
        "Given the layer before, a unit is exactly N(0, K); its marginal has the excess kurtosis "
        "3 Var(K)/E[K]², which falls like 1/N.",
    ),
    Claim(
        "kernel-recursion",
        GP,
        ("T", "S"),
        "The kernel recursion κˡ(a,b) = σ_b² + σ_w² E[φ(yˡ⁻¹(a)) φ(yˡ⁻¹(b))] predicts simulated "
        "nets for every activation in the config.",
        [
            below("largest error of κ for ReLU-like φ against the arc-cosine kernel", 1e-10),
            below("largest relative error of Hard-Tanh's moments against closed forms", 1e-12),
            below("largest error of κ for erf against the arcsine kernel", 1e-10),
            equal("largest relative gap of simulated q", 0.0, 0.1),
            equal("largest relative gap of simulated 1 − c", 0.0, 0.2),
        ],
        ("relu_kernel", "nets_propagation"),
        "Closed forms say that the recursion is evaluated correctly, nets of every activation at "
        "(1, 1) that they follow it, with two inputs of different norms.",
    ),
    Claim(
        "prop1-variance",
        DOMAINS,
        ("T",),
        "σ_w² < 1/M_φ implies that F is a contraction, that (σ_b, σ_w) lies in D_var and that "
        "K_var = ∞, for every σ_b.",
        [
            equal("points below the bound outside D_var or with finite K_var", 0.0, 0.5),
            above("grid points with σ_w² < 1/M_φ", 0.5),
            below("largest F'(x) found at such a point's limit", 1.0),
        ],
        ("phase_diagram",),
        "Sufficient, far from necessary: the phase diagram shows how much larger D_var is.",
    ),
    Claim(
        "prop1-correlation",
        DOMAINS,
        ("T",),
        "σ_w² < min(1/M_φ, 1/C_φ,δ) implies membership of D_corr too, with K_corr = ∞.",
        [
            equal("points below the bound outside D_corr", 0.0, 0.5),
            above("grid points with σ_w² < min(1/M_φ, 1/C_φ)", 0.5),
            below("largest χ₁ at such a point", 1.0),
        ],
        ("phase_diagram",),
        "C_φ,δ = sup_x E[φ'(√x Z)²] for every δ (Cauchy–Schwarz, attained at x = y, c = 1), in the "
        "definition as reconstructed.",
    ),
    Claim(
        "prop1-relu-constants",
        DOMAINS,
        ("T",),
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
        "prop1-constant-outputs",
        DOMAINS,
        ("S",),
        "For (σ_b, σ_w) in both domains the outputs are constant functions in the limit: draws of "
        "the output surface (d = 2, ReLU and Tanh, L = 10, N = 100, (1, 1)) are almost flat.",
        [
            below("ReLU at (1, 1): Var(y)/E[y²] over the surface", 0.02),
            below("Tanh at (1, 1): Var(y)/E[y²] over the surface", 0.02),
        ],
        ("surfaces",),
    ),
    Claim(
        "prop1-variance-speed",
        DOMAINS,
        ("T",),
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
        "depth-scales",
        SCALES,
        ("T", "S"),
        "For smooth φ in the ordered phase |qˡ − q| ~ exp(−l/ε_q) and |cˡ − 1| ~ exp(−l/ε_c) with "
        "ε_q = −1/log α and ε_c = −1/log χ₁; ε_c diverges as χ₁ → 1.",
        [
            below("largest relative gap between fitted and predicted depth scale", 1e-3),
            equal("ε_c (1 − χ₁) at the largest χ₁ below 1", 1.0, 0.1),
            equal("simulated 1/ε_c over theory's, largest gap", 0.0, 0.1),
            equal("simulated 1/ε_q over theory's, largest gap", 0.0, 0.4),
        ],
        ("depth_scales", "nets_phases"),
    ),
    Claim(
        "ordered-phase",
        SCALES,
        ("T", "S"),
        "χ₁ < 1: correlations tend to 1.",
        [
            below("largest 1 − c at the last layer, over all ordered points", 1e-6),
            above("simulated slope of log(1 − c) by layer over log χ₁, least", 0.5),
        ],
        ("depth_scales", "nets_phases"),
    ),
    Claim(
        "chaotic-phase",
        SCALES,
        ("T", "S"),
        "χ₁ > 1: for Tanh correlations tend to one c < 1 whatever the inputs' correlation.",
        [
            below("largest spread of the limit over starting correlations", 1e-9),
            above("least 1 − c in the limit", 1e-3),
            below("largest |f'| at the limit", 1.0),
            equal("simulated limit of 1 − c over the map's, largest gap over starts", 0.0, 0.2),
        ],
        ("chaos", "nets_phases"),
    ),
    Claim(
        "chaotic-discontinuity",
        SCALES,
        ("T", "S"),
        "In the chaotic phase the limiting output function is nowhere continuous: outputs of "
        "inputs at distance ε decorrelate to the same c after a depth that grows like "
        "log(1/ε)/log χ₁.",
        [
            equal("layers a factor e in 1/ε, over 2/log χ₁ (worst σ_w)", 1.0, 0.05),
            above("least limiting 1 − c", 1e-3),
            equal("simulated layers a factor e in 1/ε, over 2/log χ₁", 1.0, 0.2),
        ],
        ("chaos", "nets_phases"),
        "The constant is 2: at distance ε one has 1 − c¹ of the order of ε², and χ₁ multiplies "
        "1 − c.",
    ),
    Claim(
        "eoc-derivative",
        EDGE,
        ("T",),
        "Being on the edge is equivalent to f'(1) = 1.",
        [
            below("largest |f'(1) − 1| at edge points, from pairs near c = 1", 1e-4),
            below("largest |f'(1) − χ₁| off the edge", 1e-4),
        ],
        ("relu_kernel",),
    ),
    Claim(
        "lemma1",
        EDGE,
        ("T",),
        "The true correlation recursion (with qˡ moving) and c ↦ f(c) have the same limit "
        "behaviour: sup |cˡ⁺¹ − f(cˡ)| → 0.",
        [
            below("largest |cˡ⁺¹ − f(cˡ)| at the last layer", 1e-8),
            above("largest |cˡ⁺¹ − f(cˡ)| at the first layer", 1e-3),
        ],
        ("lemma1",),
    ),
    Claim(
        "eoc-variability",
        EDGE,
        ("S",),
        "A ReLU net at (0, √2) gives a visibly more variable output surface than at (1, 1).",
        [
            above("log of Var(y)/E[y²] at (0, √2) over that at (1, 1)", math.log(10)),
            above("log of 1 − c at (0, √2) over that at (1, 1)", math.log(10)),
        ],
        ("surfaces",),
        "Visibly is read as tenfold.",
    ),
    Claim(
        "prop2",
        RELU,
        ("T",),
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
        "prop3-kernel",
        RELU,
        ("T",),
        "On the edge ReLU has f(x) = (x arcsin x)/π + √(1−x²)/π + x/2.",
        [
            below("largest |f − formula|, by quadrature over the pair", 1e-10),
            below("the same for general (λ, β), with our formula", 1e-10, "scope"),
        ],
        ("relu_kernel",),
    ),
    Claim(
        "prop3-rate",
        RELU,
        ("T", "S"),
        "There 1 − cˡ ~ 9π²/(2l²): polynomial, not exponential.",
        [
            equal("(1 − cˡ) l²/(9π²/2) at the last layer", 1.0, 0.01),
            equal("exponent of l over the last decade", -2.0, 0.01),
            equal("the same ratio for general (λ, β), worst", 1.0, 0.02, "scope"),
            equal("simulated (1 − cˡ) l²/(9π²/2) at the last layer", 1.0, 0.6),
            below("simulated exponent of l over the last decade", -1.4),
        ],
        ("relu_rate", "rates", "nets_rates"),
        "For slopes (λ, β) the constant is 9π²/2 · (λ²+β²)²/(λ−β)⁴, confirmed.",
    ),
    Claim(
        "relu-degenerate",
        RELU,
        ("T", "S"),
        "Even on the edge the limit kernel of ReLU is degenerate: cˡ → 1.",
        [
            below("1 − cˡ at the last layer", 1e-5),
            true("1 − cˡ decreases from layer to layer"),
            below("simulated exponent of l in 1 − cˡ", -0.5),
        ],
        ("relu_rate", "nets_rates"),
    ),
)
