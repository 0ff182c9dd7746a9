"""Which conditions of Propositions 4, 5 and 7 hold, and the numbers that decide."""

import math

import numpy as np
import pytest
import torch
from independent import PHI, SELU_ALPHA, SELU_SCALE, expect, variance_step

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.theory.conditions import all_of, slope_decay
from edgeofchaos.theory.edge_equation import is_homogeneous

I_ZERO = "(i) phi(0) = 0"
I_SLOPE = "(i) a one-sided slope at 0 is not 0"
I_BOUND = "(i) |phi(x)/x| <= K"
II = "(ii) an edge for small sigma_b"
II_LOOSE = "(ii) without stability"
III_RISING = "(iii) F is non-decreasing"
III_LIMIT = "(iii) q -> 0"
SMOOTH = "differentiable at 0"
SETTLES = "E[phi'^2] -> phi'(0)^2"
BENDS = "E[phi'' phi] <= 0"
DECAY = "E[phi'(xZ)^2] >= C |x|^(-2 beta), 0 < beta < 1"

SQUARE = Activation("square", lambda x: x * x)
# name -> the conditions that fail, of each proposition; all others hold.
FAILS = {
    "tanh": ([], [], []),
    "arctan": ([], [], []),
    "erf": ([], [], []),
    "hardtanh": ([], ["x phi''(x) < 0"], []),
    "relu": (
        [II, II_LOOSE, III_LIMIT, SMOOTH, SETTLES],
        ["bounded", "odd", "phi'(0) > 0", "x phi(x) > 0", "x phi''(x) < 0", II],
        ["bounded", DECAY],
    ),
    "softplus": (
        [I_ZERO, I_BOUND, II, II_LOOSE, III_LIMIT],
        ["bounded", "odd", "x phi(x) > 0", "x phi''(x) < 0", II],
        ["bounded", DECAY, BENDS],
    ),
    "selu": (
        [SMOOTH, SETTLES],
        ["bounded", "odd", "phi'(0) > 0", "x phi''(x) < 0"],
        ["bounded", DECAY],
    ),
    "elu": ([], ["bounded", "odd", "x phi''(x) < 0"], ["bounded", DECAY]),
    "swish": (
        [II],
        ["bounded", "odd", "phi' >= 0", "x phi''(x) < 0", II],
        ["bounded", DECAY, BENDS],
    ),
}


@pytest.fixture(scope="module")
def found():
    """check_conditions, once for each activation."""
    kept = {}

    def look_up(name):
        if name not in kept:
            kept[name] = eoc.check_conditions(name)
        return kept[name]

    return look_up


def one(conditions, name, proposition=4):
    (condition,) = [c for c in conditions if c.condition == name and c.proposition == proposition]
    return condition


@pytest.mark.parametrize("name", FAILS)
def test_the_conditions_that_fail_are_these(found, name):
    failing = [
        [c.condition for c in found(name) if c.proposition == p and not c.holds] for p in (4, 5, 7)
    ]
    assert failing == [list(f) for f in FAILS[name]]


def test_the_witnesses(found):
    assert one(found("softplus"), I_ZERO).witness == pytest.approx(math.log(2), rel=1e-15)
    assert one(found("softplus"), I_BOUND).witness == math.inf
    assert one(found("selu"), I_BOUND).witness == pytest.approx(SELU_SCALE * SELU_ALPHA, rel=1e-5)
    jump = one(found("selu"), SMOOTH).witness
    assert jump == pytest.approx(SELU_SCALE * (1 - SELU_ALPHA), rel=1e-13)
    least = min(PHI["swish"][1](-3 + 1e-3 * k) for k in range(2000))
    assert one(found("swish"), "phi' >= 0", 5).witness == pytest.approx(least, abs=1e-5)


def test_relu_has_no_edge_for_any_positive_sigma_b(found):
    condition = one(found("relu"), II)
    assert (condition.holds, condition.witness) == (False, 0.0)
    assert "single point" in condition.detail


def test_swish_solves_the_equations_only_where_the_variance_leaves(found):
    conditions = found("swish")
    assert one(conditions, II_LOOSE).witness == 0.5
    condition = one(conditions, II)
    assert "repel" in condition.detail


@pytest.mark.parametrize("sigma_w", [1.2, 1.6, 1.8, 1.9])
def test_swish_at_its_limiting_variance_is_ordered(sigma_w):
    # sigma_b = 0.1: by brute force, each variance diverges or settles where chi_1 is below 1.
    slope = PHI["swish"][1]
    x = 0.01
    for _ in range(300):
        x = variance_step("swish", 0.1, sigma_w, x)
        if x > 1e3:
            break
    assert (x > 1e3) == (sigma_w == 1.9)
    if x < 1e3:
        assert sigma_w**2 * expect(lambda u: slope(u) ** 2, x) < 0.95


@pytest.mark.parametrize("name", ["selu", "elu", "tanh", "hardtanh"])
def test_f_is_convex_with_a_resolved_witness(found, name):
    condition = one(found(name), "(iv) f is convex on [0, 1]")
    assert condition.holds
    assert condition.witness > -1e-9


def test_a_square_outgrows_every_line():
    assert not one(eoc.check_conditions(SQUARE), I_BOUND).holds


def test_a_decreasing_variance_map_is_found_out():
    # F(x) = sigma_b^2 + sigma_w^2 (1 + exp(-2 x))/2.
    cosine = Activation("cosine", torch.cos)
    assert not one(eoc.check_conditions(cosine), III_RISING).holds


def test_slope_decay_of_tanh_and_hardtanh():
    # E[phi'(xZ)^2] ~ (integral of phi'^2)/(sqrt(2 pi) x): 4/3 for tanh, 2 for Hard-Tanh.
    for name, integral in (("tanh", 4 / 3), ("hardtanh", 2.0)):
        beta, error, scaled = slope_decay(name)
        assert beta == pytest.approx(0.5, abs=1e-6)
        assert error < 1e-6
        assert scaled == pytest.approx(integral / math.sqrt(2 * math.pi), rel=1e-7)


def test_a_phi_constant_about_0_is_judged_without_a_warning():
    dead = Activation("dead", lambda x: torch.relu(x - 1.0), kinks=(1.0,))
    held = {(c.proposition, c.condition): c.holds for c in eoc.check_conditions(dead)}
    assert not held[4, I_SLOPE]
    assert not held[4, II]


@pytest.mark.parametrize("name", ["swish", "elu", "x_plus_half_tanh"])
def test_the_witness_of_convexity_is_the_least_second_derivative(found, name):
    condition = one(found(name), "(iv) f is convex on [0, 1]")
    f = eoc.correlation_map(name, eoc.edge_point(name, 0.5))
    least = f.derivative(np.linspace(0.0, 0.99, 100), 2).min()
    assert condition.holds and condition.witness == pytest.approx(least, abs=1e-9)


@pytest.mark.parametrize("part", [0.1, 0.01, 1e-4, 1e-6, 1e-8])
def test_close_to_linear_is_neither_linear_nor_concave(part):
    phi = Activation("close", lambda x: x + part * torch.tanh(x))
    assert not is_homogeneous(phi)
    conditions = eoc.check_conditions(phi)
    assert one(conditions, "(iv) f is convex on [0, 1]").holds
    assert all(one(conditions, name).holds for name in (II_LOOSE, III_RISING, III_LIMIT))
    # F'(q) is within rounding of 1 where phi is that close to linear.
    assert one(conditions, II).holds is (None if part < 1e-7 else True)


@pytest.mark.parametrize(
    "linear",
    [lambda x: 0.3 * x + 0.7 * torch.relu(x), lambda x: x / 3, lambda x: 0.1 * x + 0.2 * x],
)
def test_rounding_makes_no_relu_like_phi_another(linear):
    assert is_homogeneous(Activation("linear", linear, (0.0,)))


I_ALL = (I_ZERO, I_SLOPE, I_BOUND)
OPEN = [
    # What hangs on rounding, or on |x| > 1e12, is left open.
    (lambda x: torch.tanh(x) + 1e-17, 4, [I_ZERO, I_BOUND]),
    (lambda x: torch.tanh(30 * x), 5, ["x phi''(x) < 0"]),
    (lambda x: x * (1 + 1e-3 * torch.log1p(x * x)), 4, [I_BOUND]),
]


@pytest.mark.parametrize(("fn", "proposition", "names"), OPEN)
def test_what_cannot_be_told_is_open(fn, proposition, names):
    found = eoc.check_conditions(Activation("open", fn))
    left = [c.condition for c in found if c.proposition == proposition and c.holds is None]
    assert left == names


BEYOND = [
    # h rises up to q = 1e10, the largest variance searched, and is 1e-18 there.
    lambda x: 1e12 * torch.tanh(x / 1e12),
    # ReLU and Softplus as far as is searched, with an edge at every small sigma_b beyond.
    lambda x: torch.clamp(x, 0.0, 1e9),
    lambda x: 1e12 * torch.tanh(torch.nn.functional.softplus(x, threshold=40.0) / 1e12),
]


@pytest.mark.parametrize("fn", BEYOND)
def test_an_edge_beyond_what_is_searched_is_open(fn):
    found = eoc.check_conditions(Activation("scale", fn))
    assert [one(found, name).holds for name in (II, II_LOOSE, III_LIMIT)] == [None] * 3


def test_the_logarithm_is_no_bound():
    found = eoc.check_conditions(Activation("log", torch.asinh))
    assert one(found, "bounded", 5).holds is False and one(found, I_BOUND).holds


def test_one_no_outweighs_what_is_open():
    assert all_of([True, None, False]) is False
    assert all_of([True, None]) is None and all_of([True]) is True


GELU = torch.nn.functional.gelu


def gelu_slope(y):
    return 0.5 * math.erfc(-y / math.sqrt(2)) + y * math.exp(-y * y / 2) / math.sqrt(2 * math.pi)


@pytest.mark.parametrize("scale", [1.0, 1.06, 2.0])
def test_f_falls_where_it_does_between_two_points_of_the_grid_alone(scale):
    condition = one(
        eoc.check_conditions(Activation("dips", lambda x: GELU(scale * x - 1.5025))), III_RISING
    )
    assert condition.holds is False
    # F' at x = 0.295/scale^2 by quadrature of its own, with y = scale u - 1.5025.
    z, weight = np.polynomial.hermite_e.hermegauss(120)
    y = math.sqrt(0.295) * z - 1.5025
    value = y * np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in y])
    slope = np.array([gelu_slope(v) for v in y])
    right = (weight @ (z * value * slope)) / math.sqrt(0.295 * 2 * math.pi)
    assert condition.witness == pytest.approx(right / 0.5, rel=1e-2)  # E[phi'^2] tends to 1/2
    assert right < 0


@pytest.mark.parametrize("offset", [3.82, -2.9, 8.0])
def test_a_slope_that_underflows_close_to_0_is_no_overflow(offset):
    phi = Activation("off", lambda x: 1.03 * torch.clamp(-0.349 * (x + offset), -1.0, 1.0))
    found = eoc.check_conditions(phi)
    # phi is +-1 or +-1.03 all about 0, so that no small q solves the edge equation.
    constant = abs(0.349 * offset) > 1
    assert one(found, III_LIMIT).holds is False
    assert one(found, I_SLOPE).holds is not constant


CONSTANTS = [
    (lambda x: 0.468 * torch.relu(-x) ** 2 - 0.468 * torch.relu(-x) ** 2, "phi is constant, 0,"),
    (lambda x: torch.tanh(x) + torch.tanh(-x) + 1.2, "phi is constant, 1.2,"),
    (lambda x: torch.erf(x) + torch.erfc(x), "phi is constant, 1,"),
    (lambda x: torch.relu(x - 1e8), "phi is constant, 0, for |u| <= 1e+06"),
    (lambda x: 1e-200 * torch.tanh(x), "E[phi'^2] is 0 to all digits"),
]


@pytest.mark.parametrize(("fn", "words"), CONSTANTS)
def test_a_constant_phi_is_refused_as_one(fn, words):
    phi = Activation("same", fn)
    with pytest.raises(ValueError, match="allowed is one that varies") as caught:
        eoc.check_conditions(phi)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    for sigma_b in (0.0, 0.3):
        with pytest.raises(eoc.NoEdge) as no_edge:
            eoc.edge_point(phi, sigma_b)
        assert words in str(no_edge.value)


def test_where_the_slope_is_0_to_all_digits_the_exponent_of_its_decay_is_open():
    found = eoc.check_conditions(Activation("late", lambda x: torch.relu(x - 5e5)))
    assert one(found, DECAY, 7).holds is None
    assert math.isnan(slope_decay(Activation("late", lambda x: torch.relu(x - 5e5)))[0])


def test_what_is_large_has_its_edge_and_conditions_without_an_overflow():
    large = Activation("large", lambda x: 1e140 * torch.tanh(x))
    point, right = eoc.edge_point(large, 0.2), eoc.edge_point("tanh", 0.2)
    assert point.q == pytest.approx(right.q, rel=1e-11)
    assert point.sigma_w == pytest.approx(1e-140 * right.sigma_w, rel=1e-11)
    assert [c.holds for c in eoc.check_conditions(large)] == [
        c.holds for c in eoc.check_conditions("tanh")
    ]


def test_what_keeps_no_digits_at_the_variances_asked_for_is_refused_by_name():
    # cosh(x) - 1 is x^2/2, of which rounding leaves nothing below |x| = 1e-8.
    with pytest.raises(ValueError, match=r"^activation 'cosh'.*; allowed is"):
        eoc.check_conditions(Activation("cosh", lambda x: torch.cosh(x) - 1))


def test_f_may_fall_beyond_where_phi_is_known():
    """1/(1 + exp(-973 (x + 5))) has no derivatives from x = -5.7 on; F falls far beyond that."""

    def fn(step):
        return lambda x: step(973.0 * (x + 5)) - 3.16 * torch.nn.functional.elu(-(x - 2.11), 0.26)

    written = eoc.check_conditions(Activation("by exp", fn(lambda y: 1 / (1 + torch.exp(-y)))))
    built_in = eoc.check_conditions(Activation("built in", fn(torch.sigmoid)))
    found, known = (
        next(c for c in each if c.condition == III_RISING) for each in (written, built_in)
    )
    assert found.holds is None or found.holds == known.holds
    if found.holds is None:
        assert "not known beyond x = 0.0" in found.detail
