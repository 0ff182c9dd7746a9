"""The library's answers for one drawn activation, held against the slow path's."""

import contextlib
import math
import re
import signal
import warnings
from dataclasses import dataclass, field

import mpmath
import numpy as np
from scipy.optimize import brentq, minimize_scalar

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory import gaussian
from fuzz import reasons
from fuzz.grammar import Tree
from fuzz.slow_path import CURVATURE2, MEAN, Q_HIGH, SECOND, SLOPE2, U_PHI_SLOPE, SlowPath

# Bars, set before any example was run. The library states 1e-12 for an expectation: what follows
# from one or two of them directly may be off by a hundred times that.
MOMENT = 1e-10
# alpha is a difference of moments that may cancel: this, times the sizes of what it comes from.
ALPHA = 1e-9
# f and what depends on q by a root: ten times the above.
CORRELATION = 1e-8
RATE = 1e-7
# What the slow path's own two rules may differ by before an example is not judged.
SURE = 1e-11
LEAST = 1e-280  # of E[phi'^2]: sigma_w is a float
SECONDS = 60
CORRELATIONS = (0.0, 0.5, 0.9, -0.5)


@dataclass
class Verdict:
    """What came of one example.

    Attributes:
        answer: ``edge``, ``no edge``, ``not searched``, ``refused`` or ``failed``.
        reason: of a refusal or a failure.
        wrong: what is wrong, a line each.
        unsure: what was not judged, and why.
    """

    answer: str = ""
    reason: str = ""
    wrong: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)

    def hold(self, name, got, right, bar):
        """Note ``got`` as wrong if it is further from ``right`` than ``bar``."""
        if not abs(got - right) <= bar:
            self.wrong.append(f"{name}: {got!r}, right is {right!r} (bar {bar:.1e})")


class Refused(Exception):
    """The library raised a ValueError."""


class TooLong(BaseException):
    """The library took over a minute."""


@contextlib.contextmanager
def _at_most(seconds):
    def stop(*_):
        raise TooLong(f"no answer after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def compare(tree: Tree, sigma_b: float, ask: str) -> Verdict:
    """Ask the library about one activation, and judge what it says.

    Args:
        tree: the activation.
        sigma_b: where its edge point is asked for.
        ask: ``edge`` for the edge point and the rate alone, ``correlation`` for f as well,
            ``conditions`` for the conditions as well.
    """
    verdict = Verdict()
    slow = SlowPath(tree)
    try:
        _judge(verdict, slow, tree, sigma_b, ask)
    except Refused as error:
        verdict.answer, verdict.reason = "refused", str(error)
        if "\n" in str(error):
            verdict.wrong.append("a refusal of more than a line")
        verdict.wrong += reasons.wrong(verdict.reason, slow.tree)
    except TooLong as error:
        verdict.answer, verdict.reason = "too long", str(error)
    except Exception as error:  # whatever the library raises that it should not
        verdict.answer, verdict.reason = "failed", f"{type(error).__name__}: {error}"
        verdict.wrong.append(verdict.reason)
    return verdict


def _asked(function, *arguments):
    """What the library answers, in a minute at most and without a warning."""
    with _at_most(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(*arguments)
        except eoc.NoEdge:  # caught where it is expected
            raise
        except ValueError as error:
            raise Refused(str(error)) from error


def _judge(verdict, slow, tree, sigma_b, ask):
    phi = _asked(Activation, "drawn", tree.torch())
    try:
        point = _asked(eoc.edge_point, phi, sigma_b)
    except eoc.NoEdge as error:
        verdict.answer, verdict.reason = "no edge", str(error)
        _judge_none(verdict, slow, tree, sigma_b)
        if ask == "conditions":
            _judge_conditions(verdict, slow, phi)
        return
    verdict.answer = "edge"
    if point.q == 0.0:
        _judge_zero(verdict, slow, tree, point)
    elif point.q > 0.9 * slow.q_high:
        verdict.unsure.append("q is beyond the slow path")
    else:
        _judge_point(verdict, slow, phi, sigma_b, point)
        _judge_rate(verdict, slow, phi, point)
        if ask == "correlation":
            _judge_correlation(verdict, slow, phi, point)
    if ask == "conditions":
        _judge_conditions(verdict, slow, phi)


def _sure_moments(verdict, slow, q):
    """The moments at q and what they may be off by, relative; None where the two rules differ."""
    coarse, fine = slow.moments(q), slow.moments(q, fine=True)
    with np.errstate(all="ignore"):
        off = np.abs(coarse - fine) / np.abs(fine)
    # u phi phi' and phi are of both signs.
    bound = math.sqrt(q * fine[SECOND] * fine[SLOPE2])
    off[U_PHI_SLOPE] = abs(coarse[U_PHI_SLOPE] - fine[U_PHI_SLOPE]) / bound if bound > 0 else 0.0
    off[MEAN] = abs(coarse[MEAN] - fine[MEAN]) / max(math.sqrt(fine[SECOND]), 1e-300)
    # phi is rounded with the sizes of its terms, which may cancel.
    noise = _noise(slow, q, fine)
    worst = max(off[:4].max(), noise)
    if not worst < SURE:
        verdict.unsure.append(f"moments at q = {q:.3g} to {worst:.1e} only")
        return None
    return fine


def _noise(slow, q, moments):
    """What rounding of the terms leaves of E[phi^2], relative."""
    u = math.sqrt(q) * np.linspace(-4, 4, 81)
    size = slow.tree.size(u)
    return 1e-16 * float(np.sqrt(np.mean(size**2)) / math.sqrt(max(moments[SECOND], 1e-300)))


def _judge_point(verdict, slow, phi, sigma_b, point):
    q = point.q
    m = _sure_moments(verdict, slow, q)
    if m is None:
        return
    if not m[SLOPE2] > LEAST:
        verdict.unsure.append("E[phi'^2] underflows")
        return
    right = m[SLOPE2] ** -0.5
    # Kinks close together are rounded, which the library's bound has to say.
    bar = max(MOMENT, gaussian.relative_error(phi, q))
    verdict.hold("sigma_w", point.sigma_w, right, bar * right)
    size = q + m[SECOND] / m[SLOPE2]
    verdict.hold("q less E[phi^2]/E[phi'^2]", q - m[SECOND] / m[SLOPE2], sigma_b**2, bar * size)
    alpha = m[U_PHI_SLOPE] / q / m[SLOPE2]
    cancel = math.sqrt(m[SECOND] / (q * m[SLOPE2]))
    verdict.hold("alpha", point.alpha, alpha, ALPHA * max(1.0, cancel))
    _judge_smallest(verdict, slow, sigma_b, point)
    _judge_stable(verdict, slow, sigma_b, point, alpha)


def _judge_smallest(verdict, slow, sigma_b, point):
    """Whether no smaller q solves the edge equation."""
    target = sigma_b**2
    root, before, _ = slow.smallest_root(sigma_b)
    if root is None:
        return  # the residual has been judged: rounding decides whether there is a root
    if root < point.q * (1 - 1e-6) and slow.moments(root)[SLOPE2] > LEAST:
        # For certain only where h clears the target by more than its rounding.
        grid = np.geomspace(root, point.q, 40)
        ratio = np.array([slow.ratio(x) for x in grid])
        clear = grid - ratio - target
        best = int(np.argmax(clear[:-1]))
        if clear[best] > 1e-9 * (grid[best] + ratio[best]):
            m = slow.moments(root)
            verdict.wrong.append(
                f"q: {point.q!r}, the smallest is {root!r} (there E[phi'^2] = {m[SLOPE2]:.3g})"
            )
        elif before < target:
            verdict.unsure.append("a smaller root hangs on rounding")


def _judge_stable(verdict, slow, sigma_b, point, alpha):
    """smallest_fixed_point, stable and the status."""
    q, w2 = point.q, point.sigma_w**2
    x = np.geomspace(1e-16, q * (1 - 1e-3), max(8, round(30 * math.log10(q / 1e-16))))
    gap = np.array([(sigma_b**2 + w2 * slow.moments(float(v))[SECOND]) / v - 1 for v in x])
    certain = gap < -1e-9
    smallest = point.smallest_fixed_point
    if certain.any():
        first = float(x[int(np.argmax(certain))])
        if not smallest <= first:
            over = lambda t: sigma_b**2 + w2 * slow.moments(math.exp(t))[SECOND] - math.exp(t)  # noqa: E731
            right = math.exp(brentq(over, math.log(1e-16), math.log(first), xtol=1e-13))
            verdict.wrong.append(
                f"smallest_fixed_point: {smallest!r}, right is {right!r}; F(x) < x by "
                f"{-gap[certain][0]:.2e} x at x = {first!r}"
            )
        if point.stable:
            verdict.wrong.append(f"stable, but F(x) < x at x = {first!r} < q")
    elif smallest < q * (1 - 1e-3) and gap.min() > 1e-9:
        verdict.wrong.append(f"smallest_fixed_point: {smallest!r}, but F(x) > x below q")
    if smallest < q:
        m = slow.moments(smallest) if smallest > 0 else None
        if m is not None:
            verdict.hold("F at the smallest fixed point", sigma_b**2 + w2 * m[SECOND], smallest,
                         1e-6 * smallest)  # fmt: skip
    if point.stable and alpha > 1 + 1e-7:
        verdict.wrong.append(f"stable, but alpha = {alpha!r}")
    if not point.stable and alpha < 1 - 1e-7 and smallest == q:
        verdict.wrong.append(f"not stable, but alpha = {alpha!r} and q is the smallest")


def _at_zero(tree, precision=60):
    with mpmath.workdps(precision):
        return float(tree.exact(mpmath.mpf(0)))


def _slopes_at_zero(tree):
    """phi'(0-) and phi'(0+), and whether a kink lies too near 0 to tell them."""
    kinks = [abs(k) for k, _ in tree.jumps() if k != 0]
    widths = [w for _, w in tree.features()]
    near = min([1e-14, *(1e-14 * w for w in widths), *(k / 4 for k in kinks)])
    _, slope, _ = (np.broadcast_to(x, 2) for x in tree.jet(near * np.array([-1.0, 1.0])))
    return slope, min(kinks, default=1.0) < 1e-12


def _judge_zero(verdict, slow, tree, point):
    """The point q = 0, allowed at sigma_b = 0 where phi(0) = 0."""
    if abs(_at_zero(tree)) > 1e-13 * float(tree.size(np.array(0.0))):
        verdict.wrong.append(f"q = 0, but phi(0) = {_at_zero(tree)!r}")
    slopes, near = _slopes_at_zero(tree)
    if near or not np.abs(slopes).max() > 1e-6 * slow.tree.steep():
        verdict.unsure.append("the slopes at 0")
        return
    right = float(np.mean(slopes**2)) ** -0.5
    verdict.hold("sigma_w at q = 0", point.sigma_w, right, 1e-6 * right)


def _judge_none(verdict, slow, tree, sigma_b):
    reason = verdict.reason
    if sigma_b == 0 and _at_zero(tree) == 0:
        slopes, near = _slopes_at_zero(tree)
        if np.abs(slopes).max() > 1e-6 and not near:
            verdict.wrong.append(f"no edge at sigma_b = 0, but phi'(0) = {slopes}")
        return
    root, best, _ = slow.smallest_root(sigma_b)
    searched = not reason.endswith("where none is looked for")
    if root is None:
        if not searched:
            verdict.answer = "not searched"
        elif slow.q_high < Q_HIGH:
            verdict.unsure.append("no edge as far as the slow path goes")
        named = re.search(r"sigma_max = (\S+) \(reached at q = (\S+)\)", reason)
        if named and math.isfinite(best) and float(named[2]) < slow.q_high:
            right = math.sqrt(max(best, 0.0))
            q, h, _ = slow.scan(1e-16, slow.q_high)
            i = int(np.clip(np.argmax(h), 1, h.size - 2))
            right = math.sqrt(max(h.max(), slow.best(q[i - 1], q[i + 1])[1]))
            verdict.hold("sigma_max", float(named[1]), right, 1e-5 * right)
        return
    if not searched:
        verdict.answer = "not searched"
        if (
            1e-15 < root < 0.9e10
            and slow.moments(root)[SLOPE2] > 1e-12 * slow.moments(100 * root)[SLOPE2]
            and ("not further" not in reason or reasons.wrong(reason, tree, root))
        ):
            verdict.wrong.append(
                f"not searched ({reason}), but q = {root!r} solves the edge equation"
            )
        return
    m = slow.moments(root)
    if not m[SLOPE2] > LEAST:
        verdict.unsure.append("the edge's sigma_w is beyond float64")
        return
    grid = np.geomspace(root, min(slow.q_high, root * 100), 200)
    values = np.array([slow.ratio(x) for x in grid])
    clear = grid - values - sigma_b**2
    best = int(np.argmax(clear / (grid + values)))
    if _sure_moments(verdict, slow, float(grid[best])) is None:
        return
    if clear[best] > 1e-9 * (grid[best] + values[best]):
        verdict.wrong.append(
            f"no edge ({reason}), but q = {root!r} solves the edge equation "
            f"(there E[phi'^2] = {m[SLOPE2]:.4g})"
        )
    else:
        verdict.unsure.append("whether there is a root hangs on rounding")


def _judge_rate(verdict, slow, phi, point):
    rate = _asked(eoc.edge_rate, phi, point)
    m = _sure_moments(verdict, slow, point.q)
    if m is None:
        return
    w2 = 1 / m[SLOPE2]
    strength = slow.strength(point.q, math.sqrt(w2))
    if strength > 1e-12:
        right = 2, 9 / (2 * strength**2)
    elif strength > 0:
        verdict.unsure.append(f"rate: the kinks' share is {strength:.1e}")
        return
    else:
        coarse = slow.moments(point.q)[CURVATURE2]
        if abs(coarse - m[CURVATURE2]) > 1e-9 * m[CURVATURE2]:
            verdict.unsure.append("E[phi''^2]")
            return
        right = (1, 2 / (w2 * point.q * m[CURVATURE2])) if m[CURVATURE2] > 0 else None
    if rate is None or right is None:
        if rate is not right and (right is None or right[1] < 1e15):
            verdict.wrong.append(f"rate: {rate}, right is {right}")
        return
    if rate.exponent != right[0]:
        verdict.wrong.append(f"rate: exponent {rate.exponent}, right is {right}")
    else:
        # Jumps that rounding makes of nothing are below 1e-6 of the others, squared.
        bar = max(RATE, 10 * slow.strength_rounded(point.q)) if right[0] == 2 else RATE
        verdict.hold("rate's coefficient", rate.coefficient, right[1], bar * right[1])


def _judge_correlation(verdict, slow, phi, point):
    f = _asked(eoc.correlation_map, phi, point)
    m = _sure_moments(verdict, slow, point.q)
    if m is None:
        return
    got = [float(x) for x in _asked(f, np.array(CORRELATIONS))]
    for c, value in zip(CORRELATIONS, got, strict=True):
        if c == 0:
            product = m[MEAN] ** 2
        else:
            product, other = slow.product(point.q, c), slow.product(point.q, c, 0.4)
            if product is None or other is None:
                verdict.unsure.append(f"f({c}): too many panels")
                continue
            if abs(product - other) > 1e-2 * CORRELATION * m[SECOND]:
                verdict.unsure.append(f"f({c}) to {abs(product / other - 1):.1e}")
                continue
        right = (point.sigma_b**2 + product / m[SLOPE2]) / point.q
        verdict.hold(f"f({c})", value, float(right), CORRELATION)
    chi1 = f.chi1
    verdict.hold("f'(1)", chi1, 1.0, CORRELATION)


def _judge_conditions(verdict, slow, phi):
    tree = slow.tree
    found = {(c.proposition, c.condition): c for c in _asked(eoc.check_conditions, phi)}
    size = float(tree.size(np.array(0.0))) + 1e-300

    def says(key, right, clear):
        holds = found[key].holds
        if not clear:
            verdict.unsure.append(f"condition {key}")
        elif holds is not None and holds != right:
            verdict.wrong.append(f"condition {key}: {holds}, right is {right}: {found[key].detail}")

    at_zero = _at_zero(tree)
    says(
        (4, "(i) phi(0) = 0"),
        at_zero == 0 or abs(at_zero) < 1e-40,
        not 1e-40 < abs(at_zero) < 1e-11 * size,
    )
    slopes, near = _slopes_at_zero(tree)
    jump = dict(tree.jumps()).get(0.0, 0.0)
    says(
        (4, "differentiable at 0"),
        jump == 0,
        not near
        and not 0 < abs(jump) < 1e-9 * np.abs(slopes).max()
        # What rounding leaves of phi' has no jump so small, as where tanh is 1.
        and not 0 < abs(jump) < 1e-13 * float(tree.summands(np.array(0.0))[1]),
    )
    with mpmath.workdps(400):
        points = [
            mpmath.mpf(s) * mpmath.mpf(10) ** k / 7 for s in (1, -1) for k in (14, 20, 40, 60)
        ]
        far = [abs(tree.exact(x)) for x in points]
        nearer = max(float(np.abs(tree.jet(np.linspace(-50, 50, 4001))[0]).max()), 1e-300)
        bounded = max(far) < 1e9 * max(nearer, 1)
        places = [m + 0.37 * width for m, width in tree.features()]
        places += [k * 1.0001 for k, _ in tree.jumps()]
        sample = [mpmath.mpf(x) for x in (0.137, 0.00291, 1.719, 13.3, 333.1, *places)]
        sums = [
            abs(tree.exact(x) + tree.exact(-x)) / (abs(tree.exact(x)) + mpmath.mpf(10) ** -300)
            for x in sample
        ]
        odd = float(max(sums))
        linear = max(far[i] / abs(x) for i, x in enumerate(points)) < 1e9 * max(nearer, 1)
    says((5, "bounded"), bool(bounded), tree.wave() == 0)
    zero = at_zero == 0 or abs(at_zero) < 1e-40
    says(
        (4, "(i) |phi(x)/x| <= K"),
        zero and bool(linear),
        not 1e-40 < abs(at_zero) < 1e-11 * size and tree.wave() == 0,
    )
    says((5, "odd"), odd < 1e-50, not 1e-50 < odd < 1e-6)
    x = np.geomspace(1e-16, min(1e10, 0.9 * slow.q_high), 130)
    slope = np.array(
        [[m[U_PHI_SLOPE] / v, m[SLOPE2]] for v, m in ((v, slow.moments(float(v))) for v in x)]
    )
    # Where F falls it may do so between two points of the grid alone.
    rise = lambda t: float(slow.moments(math.exp(t))[U_PHI_SLOPE]) / math.exp(t)  # noqa: E731
    rises = slope[:, 0]
    turns = 1 + np.flatnonzero((rises[1:-1] <= rises[:-2]) & (rises[1:-1] <= rises[2:]))
    between = [minimize_scalar(rise, bounds=np.log(x[[i - 1, i + 1]]), method="bounded",
                             options={"xatol": 1e-6}).fun
             for i in turns[np.argsort(rises[turns])[:3]]]  # fmt: skip
    least = min([rises.min(), *between]) / slope[:, 1].max()
    says((4, "(iii) F is non-decreasing"), least >= 0, not -1e-8 < least < 0)
