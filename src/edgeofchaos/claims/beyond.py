"""Claims beyond the paper: its successor's rate, and the stability of the edge."""

from edgeofchaos.claims.model import (
    EXTENSION,
    OURS,
    Claim,
    below,
    equal,
    true,
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "smooth-rate",
        EXTENSION,
        ("T", "S"),
        "For φ smooth at 0: 1 − cˡ ~ β_q/l with β_q = 2E[φ'(√qZ)²]/(q E[φ''(√qZ)²]), against 1/l² "
        "for ReLU-like φ (the successor paper).",
        [
            equal("(1 − cˡ) l/β_q at the last layer, worst of the φ with continuous φ'", 1.0, 0.05),
            equal("exponent of l over the last decade, worst", -1.0, 0.05),
            equal("exponent for φ with a jump of φ', worst", -2.0, 0.05),
            true("every φ smooth at 0 decays like 1/l", "scope"),
            equal("simulated exponent of Tanh and ELU, distance from −1", 0.0, 0.4),
            equal("simulated (1 − cˡ) l/β_q of Tanh and ELU, distance from 1", 0.0, 0.6),
            equal("simulated exponent less the recursion's, all nets", 0.0, 0.5),
        ],
        ("rates", "nets_rates"),
        "What decides is a jump of φ' anywhere, not at 0 only: Hard-Tanh is smooth at 0 and decays "
        "like 1/l². With jumps J_j at k_j, 1 − cˡ ~ 9/(2A²l²), "
        "A = σ_w²/(2π) Σ J_j² exp(−k_j²/(2q)).",
    ),
    Claim(
        "edge-stability",
        OURS,
        ("T", "S"),
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
            equal("Swish nets: layers to leave q a factor e in N, over 1/(2 log α)", 1.0, 0.6),
            below("share of Swish nets of width 100 still within 50 % of q at layer 30", 0.5),
        ],
        ("edge_curves", "variance_map", "departure", "swish_moments", "nets_departure"),
        "Established to high precision. For σ_b < 0.745 nets of Swish go, as σ_w grows, from the "
        "ordered phase straight to divergence. GELU turns stable at σ_b² = 0.1729, Mish at 0.0945; "
        "softplus − log 2 not for any σ_b up to 5.",
    ),
)
