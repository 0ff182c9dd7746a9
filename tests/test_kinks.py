"""Kinks are found without being declared, and derivatives of autograd are held against values."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import norm

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory.pairs import smooth_breaks

# torch function, kinks declared, sigma_b, sigma_w, q, alpha, kinks there are: by SciPy's quadrature
# and root finding, or a closed form.
CASES = {
    "hard swish": (F.hardswish, (), 1.0, 1.37233843, 11.3014514, 0.951840, (-3, 3)),
    "relu6, one kink declared": (F.relu6, (0,), 1.0, None, None, 0.625381, (0, 6)),
    "hard sigmoid by a clamp": (lambda x: torch.clamp(0.2 * x + 0.5, 0, 1), (-2.5, 2.5), 0.2,
                                8.6131383, 32.9141452, 0.061708, (-2.5, 2.5)),
    "hard swish by relu6": (lambda x: x * F.relu6(x + 3) / 6, (-3, 3), 1.0, 1.37233843,
                            11.3014514, 0.951840, (-3, 3)),
    "thirds": (lambda x: torch.clamp(3 * x, -1, 1), (-1 / 3, 1 / 3), 0.2, None, None, 0.239616,
               (-1 / 3, 1 / 3)),
    "thirds, not declared": (lambda x: torch.clamp(3 * x, -1, 1), (), 0.2, None, None, 0.239616,
                             (-1 / 3, 1 / 3)),
    "thirds, declared to four digits": (lambda x: torch.clamp(3 * x, -1, 1), (-0.3333, 0.3333), 0.2,
                                        None, None, 0.239616, None),
    "clamp at 3": (lambda x: torch.clamp(x, -3, 3), (), 0.2, None, None, 0.841842, (-3, 3)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_no_kink_is_lost(case):
    fn, declared, sigma_b, sigma_w, q, alpha, kinks = CASES[case]
    phi = Activation("mine", fn, declared)
    point = eoc.edge_point(phi, sigma_b)
    assert point.alpha == pytest.approx(alpha, abs=1e-6)
    assert sigma_w is None or point.sigma_w == pytest.approx(sigma_w, abs=1e-7)
    assert q is None or point.q == pytest.approx(q, rel=1e-8)
    assert kinks is None or phi.kinks == pytest.approx(kinks, abs=1e-14)


@pytest.mark.parametrize("at", [0.7, -1 / 3, math.pi, 1e-3, 0.1 + 0.2, 12.0, -50.0, 2.0**-7])
def test_a_kink_is_found_where_it_is(at):
    phi = Activation("bent", lambda x: torch.relu(x - at) + 0.5 * x)
    assert phi.kinks == pytest.approx((at,), rel=1e-14)
    np.testing.assert_allclose(phi.slope_jumps, [1.0], rtol=1e-12)


def test_a_kink_far_out_is_found_when_a_variance_reaches_it():
    phi = Activation("far", lambda x: torch.relu(x - 300.3) + 0.5 * x)
    assert phi.kinks == ()
    eoc.variance_map(phi, 0.0, 1.0)(1e4)
    assert phi.kinks == pytest.approx((300.3,), rel=1e-14)


def test_a_jump_of_the_curvature_is_a_kink():
    phi = Activation("square", lambda x: torch.relu(x - 0.3) ** 2 + x)
    assert phi.kinks == pytest.approx((0.3,), rel=1e-13)
    np.testing.assert_allclose(phi.slope_jumps, [0.0], atol=1e-12)


class Backward(torch.autograd.Function):
    """Swish whose backward pass takes sigmoid from the forward pass: phi'' lacks a part."""

    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, grad):
        x, s = ctx.saved_tensors
        return grad * (s + x * s * (1 - s))


class Once(Backward):
    @staticmethod
    def backward(ctx, grad):
        return Backward.backward(ctx, grad).detach()


class StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(-1, 1)

    @staticmethod
    def backward(ctx, grad):
        return grad


WRONG = {
    "saved from the forward pass": (Backward.apply, "phi''"),
    "once differentiable": (Once.apply, "phi''"),
    "straight through": (StraightThrough.apply, "phi'"),
    "detached in part": (lambda x: x * torch.sigmoid(x).detach(), "phi'"),
    "detached bend": (lambda x: torch.tanh(x) + (0.1 * torch.sin(x)).detach(), "phi'"),
    "twice the slope": (lambda x: 2 * torch.tanh(x) - torch.tanh(x).detach(), "phi'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_derivative_is_refused_and_the_point_named(name):
    fn, which = WRONG[name]
    said = (
        rf"^activation 'wrong': autograd has {which}\([-+.e\d]+\) = .*where the values of .* give"
    )
    with pytest.raises(ValueError, match=said):
        Activation("wrong", fn)


@pytest.mark.parametrize("fn", [torch.sign, torch.floor, lambda x: (x > 0.3).double() + x])
def test_a_jump_of_phi_is_refused(fn):
    with pytest.raises(ValueError, match=r"jumps|has no gradient"):
        Activation("step", fn)


@pytest.mark.parametrize("fn", [
    lambda x: torch.sqrt(x.abs() + 1e-300), lambda x: x * torch.log(x.abs() + 1e-300),
    lambda x: torch.sign(x) * x.abs() ** 1.5,
])  # fmt: skip
def test_what_is_not_smooth_beside_a_point_is_refused(fn):
    with pytest.raises(ValueError, match=r"not smooth beside|not finite"):
        Activation("root", fn)


# Piecewise smooth functions, against moments that share nothing with the library. Of the first
# 1,000 of this stream 873 have an edge point, right to 1e-10, and none is refused.

PIECES = {
    "line": (lambda t, a, b: a * t, lambda t, a, b: a + 0 * t),
    "bow": (lambda t, a, b: a * t + b * t * t, lambda t, a, b: a + 2 * b * t),
    "tanh": (lambda t, a, b: a * TANH(b * t), lambda t, a, b: a * b * (1 - np.tanh(b * t) ** 2)),
    "wave": (lambda t, a, b: a * SIN(b * t), lambda t, a, b: a * b * np.cos(b * t)),
}


def TANH(x):
    return torch.tanh(x) if isinstance(x, torch.Tensor) else np.tanh(x)


def SIN(x):
    return torch.sin(x) if isinstance(x, torch.Tensor) else np.sin(x)


class Piecewise:
    """Pieces between knots, each from where the last ended; tails are lines or tanh."""

    def __init__(self, rng):
        count = int(rng.integers(1, 5))
        how = rng.integers(4, size=count)
        raw = rng.uniform(-4, 4, count)
        knots = np.where(how == 0, raw, np.where(how == 1, raw.round(2), np.where(
            how == 2, (4 * raw).round() / 4, (3 * raw).round() / 3)))  # fmt: skip
        self.knots = np.unique(knots)
        kinds = ["line", "tanh", "line", "tanh"]
        inner = rng.choice(list(PIECES), len(self.knots) - 1)
        self.kinds = [rng.choice(kinds), *inner, rng.choice(kinds)]
        size = rng.uniform(0.3, 1.5, len(self.kinds)) * rng.choice([-1, 1], len(self.kinds))
        self.numbers = list(zip(size, rng.uniform(0.2, 2.0, len(self.kinds)), strict=True))
        self.from_ = [self.knots[0], *self.knots]
        self.offsets = [float(rng.normal())] * 2
        for i in range(1, len(self.knots)):
            step = self.knots[i] - self.knots[i - 1]
            self.offsets.append(self.offsets[-1] + self._piece(i, 0, step))

    def _piece(self, i, order, t):
        return PIECES[self.kinds[i]][order](t, *self.numbers[i])

    def torch(self, x):
        out = self.offsets[0] + self._piece(0, 0, x - self.from_[0])
        for i, knot in enumerate(self.knots, 1):
            out = torch.where(x > knot, self.offsets[i] + self._piece(i, 0, x - knot), out)
        return out

    def moments(self, q):
        """E[phi^2], E[phi'^2], E[u phi phi'] by Gauss-Legendre between the knots."""
        s = math.sqrt(q)
        # Pieces are round about the knots, and a variance may be far wider than they are.
        narrow = (self.knots[:, None] + 0.5 * np.arange(-40, 41)).ravel()
        every = np.concatenate([self.knots, narrow, np.linspace(-12 * s, 12 * s, 81)])
        edges = np.unique(np.clip(every, -12 * s, 12 * s))
        z, w = np.polynomial.legendre.leggauss(40)
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        u = middle[:, None] + half[:, None] * z
        weight = half[:, None] * w * norm.pdf(u, scale=s)
        piece = np.searchsorted(self.knots, middle)
        phi, slope = np.empty_like(u), np.empty_like(u)
        for row, i in enumerate(piece):
            t = u[row] - self.from_[i]
            phi[row] = self.offsets[i] + self._piece(i, 0, t)
            slope[row] = self._piece(i, 1, t)
        return [(weight * x).sum() for x in (phi**2, slope**2, u * phi * slope)]


@pytest.mark.parametrize("count", [15, pytest.param(150, marks=pytest.mark.slow)])
def test_piecewise_functions_are_right_and_none_is_refused(count):
    rng = np.random.default_rng(0)
    refused, tried = [], 0
    for _ in range(count):
        made = Piecewise(rng)
        try:
            phi = Activation("made", made.torch)
            point = eoc.edge_point(phi, 0.3)
        except eoc.NoEdge:
            continue
        except ValueError as error:
            refused.append(str(error))
            continue
        tried += 1
        second, slope, product = made.moments(point.q)
        assert point.sigma_w == pytest.approx(slope**-0.5, rel=1e-10)
        assert point.q == pytest.approx(0.09 + second / slope, rel=1e-10)
        assert point.alpha == pytest.approx(product / point.q / slope, abs=1e-9)
    assert tried > 2 / 3 * count
    assert not refused


def test_a_small_jump_of_the_slope_is_a_kink_and_no_noise():
    # phi' jumps by 7e-5 at -2.27, and is 1,500 in a bump at 0.
    phi = Activation(
        "drawn",
        lambda x: (
            -0.00525 * F.leaky_relu(x + 2.27, 0.9) * torch.erf(0.0499 * x)
            - torch.tanh(-0.421 * (x + 4.67))
            - 0.817 * torch.relu(x)
            - 0.465 * torch.exp(-((3310.0 * x) ** 2))
        ),
    )
    point = eoc.edge_point(phi, 0.215)
    assert phi.kinks == pytest.approx((-2.27, 0.0), abs=1e-12)
    assert point.q == pytest.approx(0.046709562293388, rel=1e-10)


def test_limits_beside_a_kink_are_not_read_between_a_few_floats():
    # phi'' is 0 at the kink and rounding of u is 1e-11 of it, so that no panel resolves it wholly.
    phi = Activation("shrunk", lambda x: torch.tanh(F.softshrink(-986.0 * (x + 5.0), 0.5)))
    assert phi.kinks == pytest.approx((-5 - 0.5 / 986, -5 + 0.5 / 986), abs=1e-12)
    assert phi.slope_jumps == pytest.approx([986.0, -986.0], rel=1e-9)


@pytest.mark.parametrize("name", ["gelu", "swish", "softplus"])
def test_a_wide_look_makes_no_kink_of_what_is_smooth(name):
    phi = Activation(name, eoc.activation(name).fn)
    smooth_breaks(phi, 2.0**36)
    assert phi.kinks == ()


def test_a_hinge_that_wide_panels_pass_over_has_its_kinks():
    """It rises by 3e-9 of a phi of 50: at 0 narrow panels meet, and the wide ones see nothing."""

    def fn(x):
        y = 4.43 - x
        cubic = -0.8 + (y - 8.86) * (0.816 + (y - 8.86) * (0.708 - 1.44 * (y - 8.86)))
        return -0.492 * cubic - 0.00229 * torch.clamp(0.337 * x, 0.0, 1.34e-06)

    phi = Activation("hinge", fn)
    eoc.edge_point(phi, 0.1)
    assert phi.kinks == pytest.approx((0.0, 1.34e-06 / 0.337), rel=1e-9)
    assert phi.slope_jumps == pytest.approx([-0.00229 * 0.337, 0.00229 * 0.337], rel=1e-8)
