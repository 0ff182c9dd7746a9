"""What the paper remarks beside its propositions, as claims."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from edgeofchaos.claims.accuracies import BEST, DEEP, MIDDLE, PAPER
from edgeofchaos.claims.laws import fit_errors, groups, limit_of_falling, over_law
from edgeofchaos.claims.model import REMARKS, Claim, Measurement, Tables, below, equal, yes
from edgeofchaos.claims.model import above as more_than
from edgeofchaos.claims.reading import (
    COMPLEMENT_ERROR,
    MAP_ERROR,
    accumulated,
    each,
    increasing,
    last,
    limits,
    none_of,
    row,
    rows,
    some,
)
from edgeofchaos.claims.trained import CLOSE as CLOSE_TRAINED
from edgeofchaos.claims.trained import LESS_CLOSE as LESS_CLOSE_TRAINED
from edgeofchaos.claims.trained import near_edge
from edgeofchaos.claims.words import ABOUT_AS_WELL, TENDS_TO
from edgeofchaos.experiments.fits import NEAR_EDGE_FIT
from edgeofchaos.support.columns import truth

POINT = ("activation", "sigma_b", "sigma_w")
SIGMA_B = 0.2  # of the edge point that nets close to it are compared with
DEPTH = 40  # of the nets in the paper's figure of training
CLOSE, LESS_CLOSE = (0.98, 1.02), (0.95, 1.05)  # sigma_w over the edge's
OPPOSITE = 2.0  # 1 - c
ROUNDING = 1e-12


def where_increasing(tables: Tables) -> pd.DataFrame:
    """Where F does not decrease and has a fixed point."""
    found = rows(tables, "kcorr")
    return some(found[truth(found["increasing"])], "table kcorr has no point where F increases")


def excesses(tables: Tables) -> list[Measurement]:
    """By how much qˡ exceeds q at one of them, relatively."""
    found = where_increasing(tables)
    return each(found, found["over"], ROUNDING, POINT)


def k_var_below_q(tables: Tables) -> Measurement:
    """Whether K_var ≥ q at all of them."""
    found = where_increasing(tables)
    less = found[found["K_var"] < found["q"] * (1 - ROUNDING)]
    names = [f"{p.activation} at ({p.sigma_b:g}, {p.sigma_w:g})" for p in less.itertuples()]
    return none_of(names, f"{len(found)} points")


def near(tables: Tables, ratios: tuple[float, ...]) -> list[Measurement]:
    """The depth scale of Tanh at σ_b = 0.2 and these ratios, the shorter where there are two."""
    found = rows(tables, "near_edge", activation="tanh", sigma_b=SIGMA_B, ratio=ratios)
    scale = found[["scale", "to_limit"]].min(axis=1)
    return each(found, scale, scale * _misfit(found), ("activation", "ratio"))


def misfits(tables: Tables) -> list[Measurement]:
    """How far measured depth scales are from −1/log χ₁ and −1/log f'(c*), relatively."""
    found = rows(tables, "near_edge")
    found = found[np.isfinite(_misfit(found))]
    found = some(found, "table near_edge has no measured depth scale")
    # Paths are followed for 60 scales, through all of the window that they are fitted in.
    points = math.log(NEAR_EDGE_FIT[1] / NEAR_EDGE_FIT[0]) / -np.log(found["slope"])
    errors = fit_errors(found["slope"], points, NEAR_EDGE_FIT[1])
    return each(found, _misfit(found), errors, ("activation", "ratio"))


def _misfit(found: pd.DataFrame) -> pd.Series:
    gaps = [(found[f"{name}_measured"] / found[name] - 1).abs() for name in ("scale", "to_limit")]
    return pd.concat(gaps, axis=1).max(axis=1, skipna=False)


def kept_at_depth(tables: Tables, ratios: tuple[float, ...]) -> list[Measurement]:
    """The log of 1 − c at the paper's depth over that on the edge, of Tanh at σ_b = 0.2."""
    row(tables, "near_edge", activation="tanh", sigma_b=SIGMA_B)
    edge = float(row(tables, "near_edge_paths", ratio=1.0, layer=DEPTH)["gamma"])
    found = rows(tables, "near_edge_paths", ratio=ratios, layer=DEPTH)
    errors = 2 * float(accumulated(DEPTH))
    return each(found, np.log(found["gamma"] / edge), errors, ("ratio",))


def layers_behind(tables: Tables) -> list[Measurement]:
    """How often f is applied to c = −1 until c ≥ 0."""
    found = rows(tables, "negative_pairs")
    return each(found, found["layers"], 0.0, ("activation", "sigma_b"))


def outside_bounds(tables: Tables) -> list[Measurement]:
    """By how many layers that number is outside of what theory allows, where it was found."""
    found = rows(tables, "negative_pairs")
    found = some(found[np.isfinite(found["layers"])], "table negative_pairs has no finite layers")
    outside = np.maximum(found["least"] - found["layers"], found["layers"] - found["most"])
    return each(found, np.maximum(outside, 0), 0.0, ("activation", "sigma_b"))


def formula_gaps(tables: Tables) -> list[Measurement]:
    """|f(−1) − (−1 + 2σ_b²/q)| of odd φ."""
    found = rows(tables, "negative_pairs")
    found = some(found[truth(found["odd"])], "table negative_pairs has no odd activation")
    gap = (found["at_minus_one"] + 1 - 2 * found["sigma_b"] ** 2 / found["q"]).abs()
    return each(found, gap, MAP_ERROR, ("activation", "sigma_b"))


def over_the_law(tables: Tables, start: float) -> list[Measurement]:
    """The limit of 1 − c over its law, of φ with continuous φ'."""
    paths = groups(rows(tables, "negative_paths", start=start), ("activation", "sigma_b"))
    return [over_law(path, 1, name) for name, path in paths]


def limiting_complements(tables: Tables) -> list[Measurement]:
    """The limit of 1 − c on the edge from orthogonal inputs, at each σ_b."""
    paths = groups(rows(tables, "negative_paths", start=1.0), ("activation", "sigma_b"))
    return [limit_of_falling(path, "gamma", name) for name, path in paths]


def slower_at_small_sigma_b(tables: Tables) -> Measurement:
    """Whether 1 − c at the last layer is larger the smaller σ_b is."""
    found = last(rows(tables, "negative_paths", start=1.0)).sort_values("sigma_b")
    shown = ", ".join(f"{p.gamma:.3g} at σ_b = {p.sigma_b:g}" for p in found.itertuples())
    return increasing(-np.log(found["gamma"]), float(accumulated(found["layer"].max())), shown)


def opposite_without_biases(tables: Tables) -> list[Measurement]:
    """The limit of 1 − c from c = −1 at σ_b = 0, for odd φ."""
    found = rows(tables, "without_biases", start=OPPOSITE)
    found = some(found[truth(found["odd"])], "table without_biases has no odd activation")
    return limits(found, "gamma", "gamma_half", ("activation",))


def kept_variances(tables: Tables) -> list[Measurement]:
    """q¹⁰⁰/q¹ of inputs with different q¹ on ReLU's edge."""
    found = rows(tables, "kept_variances", activation="relu")
    return each(found, found["q"] / found["start"], ROUNDING)


def spread_of_limits(tables: Tables) -> Measurement:
    """The largest q¹⁰⁰ over the least, of inputs with q¹ from 0.5 to 2 on ReLU's edge."""
    rows(tables, "kept_variances", activation="relu", start=(0.5, 2.0))
    found = rows(tables, "kept_variances", activation="relu")
    return Measurement(float(found["q"].max() / found["q"].min()), ROUNDING, f"{len(found)} inputs")


def spread_of_maps(tables: Tables) -> list[Measurement]:
    """How much f(0) differs between the variances, for each activation that has two.

    Raises:
        MissingRows: none of them has.
    """
    both = rows(tables, "kept_variances").groupby("activation", as_index=False)
    found = both.agg(low=("f0", "min"), high=("f0", "max"), starts=("start", "nunique"))
    found = some(found[found["starts"] > 1], "table kept_variances has one variance of each")
    return each(found, found["high"] - found["low"], 2 * MAP_ERROR)


def relu_edge(tables: Tables, column: str, power: int = 1) -> Measurement:
    """A coordinate of ReLU's edge point."""
    value = float(row(tables, "kept_variances", activation="relu")[column])
    return Measurement(value**power, 4e-16, "relu")


def scaling_gaps(tables: Tables, columns: tuple[str, ...]) -> list[Measurement]:
    """How far what scaling says is equal is apart, for each β and βσ_b."""
    found = rows(tables, "scaled_swish")
    by = ("beta", "scaled_sigma_b")
    return each(found, found[list(columns)].max(axis=1), 0.0, by)


def thresholds(tables: Tables) -> list[Measurement]:
    """βσ_b where the edge turns stable, for each β."""
    found = rows(tables, "scaled_thresholds")
    return each(found, found["scaled_sigma_b"], 1e-10, ("beta",))


def complement_ends(tables: Tables) -> list[Measurement]:
    """The limit of 1 − c where F does not decrease and has a fixed point, of inputs with q¹ = q."""
    found = where_increasing(tables)
    measured = limits(found, "gamma", "gamma_half", POINT)
    return [Measurement(m.value, m.error + 2 * COMPLEMENT_ERROR, m.detail) for m in measured]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "remark-kcorr",
        REMARKS,
        ("T",),
        "If F is increasing and has a fixed point, then K_corr ≥ q, so that inputs, or σ_w of the "
        "first layer, can be scaled to have q¹ ≤ q.",
        [
            below(
                "largest limit of 1 − c of inputs with q¹ ≤ q, where F does not decrease and has "
                "a fixed point", TENDS_TO, complement_ends,
                witnesses=("tanh, σ_b = 0.3, σ_w = 2",),
            ),
            yes("K_var ≥ q at all of these points", k_var_below_q, "scope"),
            below(
                "|qˡ/q − 1| that is left of inputs with q¹ ≤ q, largest", TENDS_TO,
                lambda t: limits(where_increasing(t), "rest", "rest_half", POINT), "scope",
            ),
            below(
                "by how much qˡ of such an input exceeds q, relatively", 1e-9,
                excesses, "scope",
            ),
        ],
        note="False as printed, true with K_var in place of K_corr. At (0.3, 2) F of Tanh "
        "increases and q = 2.254, but χ₁ = 1.327, so that inputs at q itself decorrelate to "
        "1 − c = 0.736. What increasing gives is that qˡ increases from any q¹ ≤ q and stays below "
        "q, the smallest fixed point: K_var ≥ q. The correlation needs χ₁ ≤ 1 besides. Scaling "
        "works if every input has q¹ ≤ q; a mean of q is not enough where q is followed by a "
        "fixed point that repels.",
    ),
    Claim(
        "remark-near-edge",
        REMARKS,
        ("T", "M"),
        "Nets are finite and the theory is an approximation, so that parameters close to the edge "
        "should do about as well as those on it.",
        [
            equal(
                "log of 1 − c at layer 40, 2 % off the edge's σ_w, over that on it, furthest from "
                "0", 0.0, ABOUT_AS_WELL, lambda t: kept_at_depth(t, CLOSE),
            ),
            more_than(
                "depth scale 2 % off the edge's σ_w, layers, the shortest", float(DEPTH),
                lambda t: near(t, CLOSE),
            ),
            more_than(
                "depth scale 5 % off the edge's σ_w, layers, the shortest", float(DEPTH),
                lambda t: near(t, LESS_CLOSE), "scope",
            ),
            below("measured against predicted depth scales, largest gap", 1e-3, misfits, "scope"),
            near_edge(CLOSE_TRAINED, MIDDLE, PAPER, "core"),
            near_edge(LESS_CLOSE_TRAINED, MIDDLE, PAPER, "scope"),
            near_edge(CLOSE_TRAINED, DEEP, BEST, "scope"),
        ],
        figures=("near_edge", "train_near_edge"),
        note="Tanh at σ_b = 0.2. Below the edge 1 − c falls by a factor e in −1/log χ₁ layers: 68 "
        "at 0.98 of the edge's σ_w, 26 at 0.95, 12 at 0.90. Above it small ones grow by a factor e "
        "in 1/log χ₁ layers, 71 at 1.02, 29 at 1.05, 15 at 1.10, and settle at their limit within "
        "75, 33 and 19. The bar of 40 layers is the depth of the paper's nets in its figure of "
        "training: 2 % off is close for them, 5 % is not.",
    ),
    Claim(
        "remark-positive-c",
        REMARKS,
        ("T",),
        "c¹ ≥ 0 may be assumed without loss of generality.",
        [
            equal(
                "limit of (1 − cˡ) over its power law, from c¹ = −1 on the edge, σ_b > 0",
                1.0, 0.05, lambda t: over_the_law(t, OPPOSITE),
            ),
            below(
                "layers until c ≥ 0 from c¹ = −1 on the edge, most", 1.5, layers_behind, "scope",
                witnesses=("tanh, σ_b = 0.02",),
            ),
            below(
                "limit of 1 − c at σ_b = 0 from c¹ = −1, odd φ, largest", TENDS_TO,
                opposite_without_biases, "scope", witnesses=("tanh",),
            ),
            below("largest |f(−1) − (−1 + 2σ_b²/q)|, odd φ", 1e-9, formula_gaps, "scope"),
            equal(
                "layers until c ≥ 0 outside of what f(0) allows, most", 0.0, 0.5, outside_bounds,
                "scope",
            ),
        ],
        figures=("negative_pairs",),
        note="True of the limit for σ_b > 0, false at σ_b = 0, and not free of charge: for odd φ "
        "on the edge f(−1) = −1 + 2σ_b²/q and f'(−1) = f'(1) = 1, so that opposite inputs are "
        "(0.641 to 0.693) q/σ_b² layers behind orthogonal ones, 122 for Tanh at σ_b = 0.02. For "
        "every φ it is 1/2 to log 2 over f(0) = sup|f − x|, so that this is a price of "
        "Proposition 4: the closer f is to the identity the longer c < 0 lasts. ReLU, whose f maps "
        "into [0, 1], needs one layer. At σ_b = 0 the outputs of odd φ at a and −a are opposite in "
        "every layer.",
    ),
    Claim(
        "remark-prevents",
        REMARKS,
        ("T",),
        "The main text: a small σ_b prevents the convergence of correlations to 1. The supplement: "
        "it slows it down.",
        [
            more_than(
                "limit of 1 − c of orthogonal inputs on the edge, least over σ_b", TENDS_TO,
                limiting_complements,
            ),
            yes(
                "1 − c at the last layer is the larger the smaller σ_b is, as the supplement says",
                slower_at_small_sigma_b, "scope",
            ),
            equal(
                "limit of (1 − cˡ) over β_q/l, furthest from 1", 1.0, 0.05,
                lambda t: over_the_law(t, 1.0), "scope",
            ),
        ],
        figures=("negative_pairs",),
        note="The supplement is right and the main text is not: 1 − cˡ falls like β_q/l at every "
        "σ_b > 0, with β_q the larger the smaller σ_b is.",
    ),
    Claim(
        "remark-relu-edge",
        REMARKS,
        ("T",),
        "On ReLU's edge F(x) = x, so that q “does not formally exist”: read strictly, Definitions "
        "1 and 2 leave that edge out. It is He's initialisation, σ_w² = 2 and σ_b = 0.",
        [
            more_than(
                "largest over least q¹⁰⁰ of inputs with q¹ from 0.5 to 2 on ReLU's edge", 1.5,
                spread_of_limits,
            ),
            equal("q¹⁰⁰/q¹ there, furthest from 1", 1.0, 1e-9, kept_variances),
            equal(
                "σ_w² of ReLU's edge", 2.0, 1e-12, lambda t: relu_edge(t, "sigma_w", 2)
            ),
            equal("σ_b of ReLU's edge", 0.0, 1e-12, lambda t: relu_edge(t, "sigma_b")),
            below(
                "difference of f(0) between variances, ReLU and Leaky ReLU, largest", 1e-9,
                spread_of_maps, "scope",
            ),
        ],
        figures=("phase_diagram",),
        note="Each input keeps its variance, so that no q is the limit for all inputs with q¹ ≤ K, "
        "as Definition 1 asks, whatever K > 0 is; and the smallest fixed point of F is 0, where f "
        "is not defined. What saves the paper's use of it: χ₁ and f are the same at every "
        "variance, so that any of them may stand for q.",
    ),
    Claim(
        "remark-beta-swish",
        REMARKS,
        ("T",),
        "For x·sigmoid(βx) everything at (β, σ_b) is what it is at (1, βσ_b), by scaling; the edge "
        "turns stable at βσ_b = 0.745.",
        [
            below(
                "largest relative difference of σ_w on the edge and at the fold, and of F", 1e-12,
                lambda t: scaling_gaps(t, ("sigma_w_gap", "fold_gap", "F_gap")),
            ),
            below(
                "largest difference of α, f and, relative, β²q", 1e-10,
                lambda t: scaling_gaps(t, ("alpha_gap", "f_gap", "q_gap")),
            ),
            equal("βσ_b where the edge turns stable, furthest from 0.745", 0.745, 5e-4, thresholds),
        ],
        note="φ_β(u) = φ₁(βu)/β gives F_β(x; σ_b) = F₁(β²x; βσ_b)/β² at the same σ_w, χ₁ and F' at "
        "x are those of φ₁ at β²x, and f is the same function. So β only sets the unit of σ_b: "
        "the nets of the paper with σ_b = 0.2 would be stable from β = 3.73 on.",
    ),
)  # fmt: skip
