"""The conditions of Propositions 4, 5 and 7, each true or false with the number that decides it.

Conditions on all x or on all small sigma_b are checked on grids; ``where`` says which. Those that
are theorems say so, and where rounding would decide a condition is left open. What Proposition 4
concludes is measured in identity.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edgeofchaos.activations import Activation, activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint, edge_curve
from edgeofchaos.theory.edge_equation import NOT_SEARCHED, flat
from edgeofchaos.theory.grid import grid_moments
from edgeofchaos.theory.growth import bounded, linear_bound, points, seen
from edgeofchaos.theory.identity import differentiable_at_zero, jump_at_zero, reaches_zero, settled
from edgeofchaos.theory.ratio import hermite_squares
from edgeofchaos.theory.roots import least_value
from edgeofchaos.theory.searched import largest_variance, log_grid, searched
from edgeofchaos.theory.stability import has_edge_at_limit

_SIGMA_BS = np.geomspace(1e-6, 0.5, 18)
_RESOLVABLE = (1e-3, 5.0)  # where phi'' of a saturating phi stands clear of rounding
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Condition:
    """One condition of a proposition, and whether phi meets it.

    Attributes:
        proposition: 4, 5 or 7.
        condition: the condition in words.
        holds: whether it does; None where rounding, or what lies beyond the grid, would decide.
        witness: the number that decides, such as an infimum over x.
        where: where that number was found, or the grid that was searched.
        detail: what the number is, or why the condition fails.
    """

    proposition: int
    condition: str
    holds: bool | None
    witness: float
    where: str
    detail: str


def check_conditions(phi: Activation | str) -> list[Condition]:
    """Every condition of Propositions 4, 5 and 7 for phi (section 3 and the supplement).

    More are listed that the paper does not print. With Proposition 4: ``differentiable at 0`` and
    ``E[phi'^2] -> phi'(0)^2``, which together are what its conclusion needs, and ``(ii) without
    stability``, which is (ii) for any solution of chi_1 = 1 and F(q) = q, whether or not q is the
    limiting variance. With Proposition 7: ``E[phi'' phi] <= 0``, under which it holds.

    Args:
        phi: the activation.

    Raises:
        ValueError: the activation is unknown, constant, or not smooth between its kinks.

    Example:
        >>> [c.condition for c in check_conditions("elu") if c.proposition == 4 and not c.holds]
        []
    """
    phi = activation(phi)
    if why := flat(phi):
        raise ValueError(
            f"activation {phi.name!r}: {why}; allowed is one that varies, with E[phi'^2] > 0"
        )
    edge = edge_curve(phi, _SIGMA_BS)
    second = _condition_ii(phi, edge)
    return [
        *_condition_i(phi),
        *second,
        *_condition_iii(phi, edge),
        _condition_iv(phi, edge),
        _differentiable(phi),
        _slopes_settle(phi),
        *_proposition_5(phi, second[0]),
        *_proposition_7(phi),
    ]


def _negligible(value: float, size: float) -> bool | None:
    """Whether a number is 0, given the size of what it is rounded with; None if it may be."""
    if value == 0.0:
        return True
    return False if abs(value) > _ROUNDING * size else None


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _below(value: float, bound: float) -> bool | None:
    """Whether a number is at most ``bound``; None if rounding may have put it above."""
    return True if value <= bound else (None if value <= _ROUNDING else False)


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """No if one of them is no, else open if one is open, else yes."""
    given = set(answers)
    return False if False in given else (None if None in given else True)


def _condition_i(phi: Activation) -> list[Condition]:
    at_zero = float(phi(0.0))
    left, right = phi.one_sided(0.0)[:, 1]
    linear, largest, looked = linear_bound(phi, at_zero)  # |phi(x)/x| <= K needs phi(0) = 0
    x = points(phi)
    x = x[x <= 1]
    starts = _negligible(at_zero, float(np.abs(phi(np.concatenate([-x, x]))).max()))
    both = all_of((starts, linear))
    slope = float(max(abs(left), abs(right)))
    return [
        Condition(4, "(i) phi(0) = 0", starts, at_zero, "x = 0", f"phi(0) = {at_zero:.6g}"),
        Condition(
            4, "(i) a one-sided slope at 0 is not 0", _not(_negligible(slope, largest)), slope,
            "x = 0", f"phi'(0-) = {left:.6g}, phi'(0+) = {right:.6g}",
        ),
        Condition(
            4, "(i) |phi(x)/x| <= K", both, math.inf if both is False else largest,
            f"1e-6 <= {looked}", "sup |phi(x)/x|",
        ),
    ]  # fmt: skip


def _condition_ii(phi: Activation, edge: list[EdgePoint]) -> list[Condition]:
    """(ii) with the edge as Definition 2 has it (q the limiting variance), and without that."""
    where = f"sigma_b from {_SIGMA_BS[0]:.0e} to {_SIGMA_BS[-1]:g}"
    solved = [p.status != "none" for p in edge]
    # Where the solution with the smallest q is not the limiting variance, another one may be.
    limiting = [p.stable or has_edge_at_limit(phi, p.sigma_b) for p in edge]
    alphas = [p.alpha for p in edge if p.status != "none"]
    worst = float(max(alphas)) if alphas else math.nan
    reason = next((p.reason for p in edge if p.status == "none"), "")
    if not all(solved):
        detail = reason
    elif all(limiting):
        detail = f"q attracts and is the smallest fixed point; F'(q) <= {worst:.6g}"
    else:
        detail = f"chi_1 = 1 only at fixed points that repel; F'(q) up to {worst:.6g}"
    interval = _longest(limiting)
    # Where a search has ended there may be an edge beyond; with F'(q) = 1 rounding has decided.
    known = solved[0] or not reason.endswith(NOT_SEARCHED)
    clear = not solved[0] or abs(edge[0].alpha - 1) > _ROUNDING
    if not clear:
        detail = f"at sigma_b = {_SIGMA_BS[0]:g} F'(q) is 1 to rounding"
    return [
        Condition(
            4, "(ii) an edge for small sigma_b", limiting[0] if known and clear else None,
            interval, where, detail,
        ),
        Condition(
            4, "(ii) without stability", solved[0] if known else None, _longest(solved), where,
            "chi_1 = 1 and F(q) = q have a solution" if solved[0] else reason,
        ),
    ]  # fmt: skip


def _longest(holds: list[bool]) -> float:
    """The A of condition (ii): the largest sigma_b of the grid up to which it holds."""
    first_no = holds.index(False) if False in holds else len(holds)
    return float(_SIGMA_BS[first_no - 1]) if first_no else 0.0


def _condition_iii(phi: Activation, edge: list[EdgePoint]) -> list[Condition]:
    log_q, largest = log_grid(phi), grid_moments(phi, gaussian.SLOPE2).max()

    def relative(t: FloatArray | float) -> FloatArray:
        q = np.exp(t)
        return gaussian.moments(phi, q, [gaussian.U_PHI_SLOPE])[0] / q / largest

    at, least = least_value(relative, log_q, relative(log_q))
    rises, detail = _as_far_as_known(
        phi, _below(-least, 0.0), "least F'(x)/(sigma_w^2 sup E[phi'^2])"
    )
    where = f"x = {math.exp(at):.3g}"
    rising = Condition(4, "(iii) F is non-decreasing", rises, least, where, detail)
    if edge[0].status == "none":
        why = edge[0].reason
        none = None if why.endswith(NOT_SEARCHED) else False
        return [rising, Condition(4, "(iii) q -> 0", none, math.nan, "sigma_b -> 0", why)]
    # q is the smallest root of h(q) = sigma_b^2, so it goes to 0 exactly if h > 0 near 0.
    vanishes = reaches_zero(phi, edge[0].q)
    limit = Condition(
        4, "(iii) q -> 0", vanishes, edge[0].q, f"sigma_b = {edge[0].sigma_b:g}",
        "the smallest q found; sigma_b^2 as a function of q is positive at smaller q down to 1e-16"
        if vanishes else "the edge starts at this q: no smaller one solves F(q) = q",
    )  # fmt: skip
    return [rising, limit]


def _as_far_as_known(phi: Activation, holds: bool | None, detail: str) -> tuple[bool | None, str]:
    """What holds at every variance that was looked at is open where there are others."""
    found = searched(phi)
    if not holds or not found.beyond:
        return holds, detail
    end = math.exp(found.log_q[-1])
    return None, f"{detail}; it is not known beyond x = {end:.3g}: {found.beyond}"


def _condition_iv(phi: Activation, edge: list[EdgePoint]) -> Condition:
    """(iv), a theorem, with the least f'' on [0, 1], f''(0) = 2 sigma_w^2 a_2^2/q."""
    name = "(iv) f is convex on [0, 1]"
    point = next((p for p in reversed(edge) if p.status != "none" and p.q > 0), None)
    theorem = "true of every phi: f is a power series with coefficients sigma_w^2 a_k^2/q >= 0"
    if point is None:
        return Condition(4, name, True, math.nan, "no edge point to look at", theorem)
    least = 2 * point.sigma_w**2 * float(hermite_squares(phi, point.q, 3)[0][2]) / point.q
    return Condition(4, name, True, least, f"c = 0, sigma_b = {point.sigma_b:.3g}", theorem)


def _differentiable(phi: Activation) -> Condition:
    return Condition(
        4, "differentiable at 0", differentiable_at_zero(phi), jump_at_zero(phi), "x = 0",
        "not among the printed conditions; Proposition 4's conclusion needs it",
    )  # fmt: skip


def _slopes_settle(phi: Activation) -> Condition:
    q = np.exp(log_grid(phi))[0]
    left, right = phi.one_sided(0.0)[:, 1]
    gap = abs(float(grid_moments(phi, gaussian.SLOPE2)[0]) - float(left * right))
    # Where phi' has one limit at 0 that is so; with two it is not, for E[phi'^2] tends to their
    # mean square, or to more. Where neither is seen, phi' may still settle closer to 0.
    one = settled(phi) if differentiable_at_zero(phi) else False
    return Condition(
        4, "E[phi'^2] -> phi'(0)^2", one, gap,
        f"q = {q:.0e}", "E[phi'^2] - phi'(0-) phi'(0+); not printed; the conclusion needs it",
    )  # fmt: skip


def _proposition_5(phi: Activation, second: Condition) -> list[Condition]:
    x = points(phi)
    value, slope, _ = phi.derivatives(x)
    mirrored, slope_left, _ = phi.derivatives(-x)
    odd = float(np.abs(value + mirrored).max())
    size = max(1.0, float(np.abs(value).max()))
    left, right = phi.one_sided(0.0)[:, 1]
    least_slope = float(min(slope.min(), slope_left.min()))
    largest = float(max(np.abs(slope).max(), np.abs(slope_left).max()))
    near = x <= 500  # beyond, the tails of sigmoids underflow
    product = float(min((x * value)[near].min(), (-x * mirrored)[near].min()))
    grid = seen(x)
    x = x[(_RESOLVABLE[0] <= x) & (_RESOLVABLE[1] >= x)]
    x = np.concatenate([-x, x])
    bend = x * phi.derivatives(x)[2]
    at = int(np.argmax(bend))
    bends = _below_zero(bend)
    return [
        Condition(5, "bounded", *bounded(phi), "sup |phi|"),
        Condition(5, "odd", odd <= _ROUNDING * size, odd, grid, "sup |phi(x) + phi(-x)|"),
        Condition(
            5, "phi'(0) > 0", bool(min(left, right) > _ROUNDING * largest and right == left),
            float(min(left, right)), "x = 0", f"phi'(0-) = {left:.6g}, phi'(0+) = {right:.6g}",
        ),
        Condition(
            5, "phi' >= 0", least_slope >= -_ROUNDING * largest, least_slope, grid, "inf phi'"
        ),
        Condition(5, "x phi(x) > 0", product > 0, product, "1e-6 <= |x| <= 500", "inf x phi(x)"),
        Condition(
            5, "x phi''(x) < 0", bends, float(bend[at]), f"x = {x[at]:.4g}",
            f"sup x phi''(x) on {_RESOLVABLE[0]:g} <= |x| <= {_RESOLVABLE[1]:g}",
        ),
        Condition(5, "(ii) an edge for small sigma_b", second.holds, second.witness, second.where,
                  second.detail),
    ]  # fmt: skip


def _below_zero(bend: FloatArray) -> bool | None:
    """Whether numbers left and right of 0 are all below 0; None if that hangs on rounding.

    Where phi saturates, phi'' is rounded to 0. On a side where it is 0 throughout, it is none.
    """
    sides = np.abs(bend.reshape(2, -1)).max(axis=1)
    if sides.min() == 0.0 or bend.max() > _ROUNDING * sides.max():
        return False
    return True if bend.max() < 0 else None


def _farthest(phi: Activation) -> float:
    """The largest x at which E[phi'(xZ)^2] is looked at."""
    return min(1.6e4, math.sqrt(largest_variance(phi)) / 2)


def slope_decay(phi: Activation | str) -> tuple[float, float, float]:
    """The exponent beta of E[phi'(xZ)^2] ~ |x|^(-2 beta) for large x (Proposition 7).

    beta is the local exponent between x = 4e3 and 1.6e4 (or as far as phi can be tabulated), and
    its error the difference to the one between 1e3 and 4e3. Where phi' is square integrable,
    E[phi'(xZ)^2] = (1/|x|) times the integral of phi'(u)^2 exp(-u^2/(2x^2))/sqrt(2 pi), so that
    beta = 1/2 exactly.

    Returns:
        (beta, its error, |x| E[phi'(xZ)^2] at the largest x). The last is the limit as x grows
        where beta = 1/2. beta is NaN, and its error infinite, where E[phi'(xZ)^2] is 0 to all
        digits at one of these x.

    Example:
        >>> beta, error, scaled = slope_decay("tanh")
        >>> round(beta, 4), round(scaled, 4)
        (0.5, 0.5319)
    """
    phi = activation(phi)
    x = _farthest(phi) * np.array([1 / 16, 1 / 4, 1.0])
    values = gaussian.slope_second_moment(phi, x**2)
    if not values.all():  # phi' is 0 as far as some of these variances reach
        return math.nan, math.inf, float(x[-1] * values[-1])
    local = -0.5 * np.diff(np.log(values)) / np.diff(np.log(x))
    return float(local[1]), float(abs(local[1] - local[0])), float(x[-1] * values[-1])


def _proposition_7(phi: Activation) -> list[Condition]:
    beta, error, scaled = slope_decay(phi)
    holds = None if math.isnan(beta) else bool(error < beta < 1.0 - error)
    far = _farthest(phi)
    return [
        Condition(7, "bounded", *bounded(phi), "sup |phi|"),
        Condition(
            7, "E[phi'(xZ)^2] >= C |x|^(-2 beta), 0 < beta < 1", holds, beta,
            f"{far / 4:.3g} <= x <= {far:.3g}",
            f"beta, +- {error:.1e}; |x| E[phi'(xZ)^2] = {scaled:.6g}",
        ),
        _curvature_against_phi(phi),
    ]  # fmt: skip


def _curvature_against_phi(phi: Activation) -> Condition:
    log_q, largest = log_grid(phi), grid_moments(phi, gaussian.SLOPE2).max()

    def opposite(t: FloatArray | float) -> FloatArray:
        return -gaussian.curvature_phi(phi, np.exp(t)) / largest

    at, least = least_value(opposite, log_q, opposite(log_q))
    holds, detail = _as_far_as_known(
        phi, _below(-least, 1e-2 * _ROUNDING),
        "largest E[phi'' phi]/sup E[phi'^2]; not printed; makes alpha <= chi_1",
    )  # fmt: skip
    return Condition(7, "E[phi'' phi] <= 0", holds, -least, f"q = {math.exp(at):.3g}", detail)
