"""The pieces that drawn activations are made of: a torch source, and values got without torch.

A leaf is a function of one number with, beside its torch source, its first two derivatives by hand
in NumPy, its value in mpmath, and where it is not smooth. None of it comes from the library.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import mpmath
import numpy as np
from scipy.special import erf, expit, log_ndtr

_ROOT_2PI = math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Leaf:
    """A function g of x.

    Attributes:
        source: torch source, with {x} for the argument.
        jet: x -> (g, g', g'') for arrays that avoid the kinks.
        exact: x -> g in mpmath.
        jumps: {kink: jump of g' there}; kinks of g'' alone have 0.
        widths: how wide the features about 0 are, for a leaf that varies there.
        wave: whether it oscillates for ever, with wave number 1.
        smooth_bounded: whether it may be a factor of a product.
        rounded: x -> the size of what torch computes g from, where that is more than g; g' is then
            rounded as 1 is.
    """

    source: str
    jet: Callable
    exact: Callable
    jumps: dict[float, float] = field(default_factory=dict)
    widths: tuple[float, ...] = ()
    wave: bool = False
    smooth_bounded: bool = False
    rounded: Callable | None = None


def _tanh(x):
    t = np.tanh(x)
    d = 1 / np.cosh(np.clip(x, -350, 350)) ** 2
    return t, d, -2 * t * d


def _sigmoid(x):
    s, d = expit(x), expit(x) * expit(-x)
    return s, d, d * (expit(-x) - s)


def _softplus(x):
    return np.logaddexp(0, x), *_sigmoid(x)[:2]


def _swish(x):
    s, d, c = _sigmoid(x)
    return x * s, s + x * d, 2 * d + x * c


def _erf(x):
    d = 2 / math.sqrt(math.pi) * np.exp(-x * x)
    return erf(x), d, -2 * x * d


def _gelu(x):
    cdf, pdf = np.exp(log_ndtr(x)), np.exp(-x * x / 2) / _ROOT_2PI
    return x * cdf, cdf + x * pdf, (2 - x * x) * pdf


def _bump(x):
    e = np.exp(-x * x)
    return e, -2 * x * e, (4 * x * x - 2) * e


def _rational(x):
    r = 1 / (1 + x * x)
    return x * r, (1 - x * x) * r * r, 2 * x * (x * x - 3) * r**3


def _atan(x):
    r = 1 / (1 + x * x)
    return np.arctan(x), r, -2 * x * r * r


def _elu(alpha):
    def jet(x):
        e = alpha * np.exp(np.minimum(x, 0))
        left = x < 0
        return (
            np.where(left, alpha * np.expm1(np.minimum(x, 0)), x),
            np.where(left, e, 1.0),
            np.where(left, e, 0.0),
        )

    return jet


def _pieces(knots, pieces):
    """The jet of polynomials (c0, c1, c2) between knots."""

    def jet(x):
        which = np.searchsorted(knots, x)
        c0, c1, c2 = np.array(pieces, dtype=float).T[:, which]
        return c0 + x * (c1 + x * c2), c1 + 2 * c2 * x, 2 * c2

    return jet


def _exact_pieces(knots, pieces):
    def exact(x):
        c0, c1, c2 = pieces[sum(x > k for k in knots)]
        return c0 + x * (c1 + x * c2)

    return exact


def _piecewise(source, knots, pieces):
    jumps = {}
    for k, left, right in zip(knots, pieces, pieces[1:], strict=False):
        jumps[float(k)] = (right[1] - left[1]) + 2 * k * (right[2] - left[2])
    # What rounding has left of a slope without a jump.
    jumps = {k: 0.0 if abs(j) < 1e-12 else j for k, j in jumps.items()}
    return Leaf(source, _pieces(knots, pieces), _exact_pieces(knots, pieces), jumps)


def poly(c0, c1, c2, c3):
    """A polynomial of degree 3 at most."""

    def jet(x):
        value = c0 + x * (c1 + x * (c2 + x * c3))
        return value, c1 + x * (2 * c2 + 3 * c3 * x), 2 * c2 + 6 * c3 * x

    source = f"({c0!r} + {{x}}*({c1!r} + {{x}}*({c2!r} + {{x}}*{c3!r})))"
    return Leaf(source, jet, lambda x: c0 + x * (c1 + x * (c2 + x * c3)))


def leaky(slope):
    return _piecewise(
        f"F.leaky_relu({{x}}, {slope!r})", [0.0], [(0, slope, 0), (0, 1, 0)]
    )  # fmt: skip


def hinges(gap):
    """A clamp between two kinks that may be close to each other."""
    return _piecewise(f"torch.clamp({{x}}, 0.0, {gap!r})", [0.0, gap],
                      [(0, 0, 0), (0, 1, 0), (gap, 0, 0)])  # fmt: skip


def elu(alpha):
    def exact(x):
        return x if x > 0 else alpha * mpmath.expm1(x)

    return Leaf(f"F.elu({{x}}, {alpha!r})", _elu(alpha), exact, {0.0: 1 - alpha}, (1.0,))


_one = mpmath.mpf(1)
SMOOTH = {
    "tanh": Leaf("torch.tanh({x})", _tanh, mpmath.tanh, widths=(1.0,), smooth_bounded=True),
    "sigmoid": Leaf("torch.sigmoid({x})", _sigmoid, lambda x: _one / (1 + mpmath.exp(-x)),
                    widths=(1.0,), smooth_bounded=True),
    "erf": Leaf("torch.erf({x})", _erf, mpmath.erf, widths=(1.0,), smooth_bounded=True),
    "sin": Leaf("torch.sin({x})", lambda x: (np.sin(x), np.cos(x), -np.sin(x)), mpmath.sin,
                wave=True, smooth_bounded=True),
    "softplus": Leaf("-F.logsigmoid(-{x})", _softplus,
                     lambda x: x + mpmath.log1p(mpmath.exp(-x)) if x > 0
                     else mpmath.log1p(mpmath.exp(x)), widths=(1.0,)),
    "swish": Leaf("F.silu({x})", _swish, lambda x: x / (1 + mpmath.exp(-x)), widths=(1.0,)),
    "gelu": Leaf("F.gelu({x})", _gelu, lambda x: x * mpmath.ncdf(x), widths=(1.0,),
                 rounded=np.abs),  # x/2 (1 + erf)
    "bump": Leaf("torch.exp(-{x}**2)", _bump, lambda x: mpmath.exp(-x * x), widths=(1.0,),
                 smooth_bounded=True),
    "rational": Leaf("{x}/(1 + {x}**2)", _rational, lambda x: x / (1 + x * x), widths=(1.0,),
                     smooth_bounded=True),
    "atan": Leaf("torch.atan({x})", _atan, mpmath.atan, widths=(1.0,), smooth_bounded=True),
}  # fmt: skip
# As people write them: they overflow, or lose digits, far out.
WRITTEN_OUT = {
    "swish by exp": Leaf("{x}/(1 + torch.exp(-{x}))", _swish,
                         lambda x: x / (1 + mpmath.exp(-x)), widths=(1.0,)),
    "softplus by exp": Leaf("torch.log(1 + torch.exp({x}))", _softplus,
                            SMOOTH["softplus"].exact, widths=(1.0,), rounded=np.ones_like),
    "sigmoid by exp": Leaf("1/(1 + torch.exp(-{x}))", _sigmoid,
                           SMOOTH["sigmoid"].exact, widths=(1.0,)),
    "elu by where": Leaf("torch.where({x} > 0, {x}, torch.exp({x}) - 1)", _elu(1.0),
                         lambda x: x if x > 0 else mpmath.expm1(x), {0.0: 0.0}, (1.0,),
                         rounded=np.ones_like),
}  # fmt: skip
_sixth = 1 / 6
KINKED = {
    "relu": _piecewise("torch.relu({x})", [0.0], [(0, 0, 0), (0, 1, 0)]),
    "abs": _piecewise("torch.abs({x})", [0.0], [(0, -1, 0), (0, 1, 0)]),
    "clamp": _piecewise("torch.clamp({x}, -1.0, 1.0)", [-1.0, 1.0],
                        [(-1, 0, 0), (0, 1, 0), (1, 0, 0)]),
    "relu squared": _piecewise("torch.relu({x})**2", [0.0], [(0, 0, 0), (0, 0, 1)]),
    "hard swish": _piecewise("F.hardswish({x})", [-3.0, 3.0],
                             [(0, 0, 0), (0, 0.5, _sixth), (0, 1, 0)]),
    "hard sigmoid": _piecewise("torch.clamp({x}/6 + 0.5, 0.0, 1.0)", [-3.0, 3.0],
                               [(0, 0, 0), (0.5, _sixth, 0), (1, 0, 0)]),
    "soft shrink": _piecewise("F.softshrink({x}, 0.5)", [-0.5, 0.5],
                              [(0.5, 1, 0), (0, 0, 0), (-0.5, 1, 0)]),
    "relu6": _piecewise("F.relu6({x})", [0.0, 6.0], [(0, 0, 0), (0, 1, 0), (6, 0, 0)]),
}  # fmt: skip
