"""Tables of arguments: wrong ones of each kind, and odd ones that are right."""

import math
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch

import edgeofchaos as eoc


class Own:
    """A value whose own code fails whatever it is asked for."""

    def __repr__(self):
        raise RuntimeError("no text for this")

    __float__ = __index__ = __array__ = __repr__


# Wrong wherever one number is asked for.
NO_NUMBERS = [
    None, True, np.bool_(True), "0.2", "abc", "", b"1", np.str_("1"), math.nan, math.inf, -math.inf,
    10**400, 10**5000, 0.2 + 0j, [0.2], (0.2,), range(3), {}, set(), object(), Own(),
    Decimal("nan"), Decimal("1e400"), np.array([0.2]), np.array([[1, 2], [3, 4]]), np.array([]),
    np.array("a"), np.array(None), np.array(True), np.datetime64("2020"), torch.tensor([0.2]),
    torch.tensor(True), torch.tensor(0.2 + 0j), torch.tensor(0.2, device="meta"), eoc.Activation,
]  # fmt: skip
NEGATIVE = [-1, -1e-9, np.float32(-0.5), Fraction(-1, 3)]
NO_SIGMAS = [*NO_NUMBERS, *NEGATIVE, 1e308]
NO_POSITIVES = [*NO_NUMBERS, *NEGATIVE, 0]
NO_VARIANCES = [*NO_NUMBERS, *NEGATIVE, 1e308]
NO_GAMMAS = [*NO_NUMBERS, *NEGATIVE, 2.1]
# Wrong where a whole number from 1 on is asked for.
NO_COUNTS = [*NO_NUMBERS, 0, -1, 2.5, 3.0, "10", 10**9]
# Wrong where an array is: numbers and arrays of numbers are right.
NO_ARRAYS = [
    None, True, np.bool_(True), "0.2", "", b"1", math.nan, [math.inf], 10**400, 1j, {}, set(),
    object(), Own(), [0.5, None], [0.5, True], [0.5, "0.5"], [[0.5], [0.1, 0.2]], np.array(["a"]),
    np.array([0.5j]), np.array([True]), np.array([None]), np.array([0.5, math.nan]),
    torch.tensor([True]), torch.tensor([0.5j]), torch.ones(2, device="meta"), (x for x in [0.5]),
]  # fmt: skip
NO_VARIANCE_ARRAYS = [*NO_ARRAYS, -1.0, [1.0, -1.0], [1e308]]
NO_ITERABLES = [
    None, True, 3, 0.5, "12", b"1", {}, {1: 2}, object(), Own(), np.array(1.0), torch.tensor(1.0),
]  # fmt: skip
NO_SIGMA_LISTS = [*NO_ITERABLES, *([0.1, bad] for bad in NO_SIGMAS), np.ones((2, 2))]
NO_RECORDS = [*NO_ITERABLES, *([1, bad] for bad in NO_COUNTS), [2, 1], [1, 1], np.ones((2, 2), int)]
NO_KINKS = [*NO_ITERABLES, *([bad] for bad in NO_NUMBERS), "a", [[0.0]], [1e308]]
NO_NAMES = [
    "tahn", "", None, 3, 0.5, True, [], ["tanh"], {}, object(), Own(), b"tanh", np.array(1.0),
    "x" * 9999, "a\nb", ":", ".", "..", "torch:", "torch:nothing", "no.such:f", "math:pi",
    "math:sin", "builtins:print", "sys:exit", "os:getcwd", "torch.nn.Linear", "swish(", "swish(2)",
    "swish(beta=)", "swish(beta=nan)", "swish(beta=1e999)", "swish(gamma=2)", "tanh(x=1)",
    "soft_shrink(lambd=-1)", "celu(alpha=0)", eoc.Activation, int, dict, torch.nn.Linear(3, 3),
]  # fmt: skip


def one_dimension_only(x):
    return torch.tanh(x) if x.dim() == 1 else torch.tanh(x).sum()


def near_only(x):
    if bool((x.abs() > 5).any()):
        raise RuntimeError("too far\nout")
    return torch.tanh(x)


NO_FUNCTIONS = [
    None, "tanh", 3, [], object(), Own(), torch.nn.ReLU, sys.exit,
    lambda: 0, lambda x: None, lambda x: 1 / 0, lambda x: sys.exit(1), lambda x: x.sum(),
    lambda x: x[None], lambda x: x.float(), lambda x: x > 0, lambda x: x.to(torch.complex128),
    lambda x: [x], lambda x: x.numpy(force=True), lambda x: x.detach().tanh(),
    lambda x: torch.softmax(x, -1), lambda x: x.mul_(2.0), lambda x: x * math.nan,
    one_dimension_only, near_only,
]  # fmt: skip


class Own3:
    """A point with what is given."""

    def __init__(self, q, sigma_b, sigma_w):
        self.q, self.sigma_b, self.sigma_w = q, sigma_b, sigma_w


POINT = eoc.edge_point("tanh", 0.2)
(NONE,) = eoc.edge_curve("softplus", [0.2])
BAD_POINTS = [
    None, 3, "tanh", {}, [], Own(), eoc.EdgePoint, eoc.activation("tanh"), NONE,
    replace(POINT, sigma_b=math.nan), replace(POINT, sigma_w=math.inf),
    replace(POINT, sigma_w=-1.0), replace(POINT, sigma_w="1.3"), replace(POINT, sigma_b=True),
]  # fmt: skip
# Where q counts too.
NO_POINTS = [
    *BAD_POINTS, eoc.edge_point("relu", 0.0), eoc.edge_point("swish", 0.2),
    replace(POINT, q=math.nan), replace(POINT, q=0.0), replace(POINT, q=1e308),
    replace(POINT, q=0.51), Own3("1", 0.2, 1.0), Own3(-1.0, 0.1, 1.0), Own3(None, 0.1, 1.0),
]  # fmt: skip
# The same number, but for rounding to a float.
NUMBERS = [
    (Fraction(1, 2), 0.5), (Decimal("0.5"), 0.5), (np.float32(0.5), 0.5), (np.float64(0.5), 0.5),
    (np.array(0.5), 0.5), (torch.tensor(0.5), 0.5), (torch.tensor(0.5, requires_grad=True), 0.5),
    (np.int64(1), 1.0), (1, 1.0), (np.longdouble(0.5), 0.5), (np.float16(0.5), 0.5),
]  # fmt: skip
COUNTS = [np.int64(3), np.uint8(3), np.array(3), torch.tensor(3)]
ARRAYS = [
    [0.25, 0.5], (0.25, 0.5), np.array([0.25, 0.5], dtype=np.float32), torch.tensor([0.25, 0.5]),
    [Fraction(1, 4), Decimal("0.5")], np.array([0.25, 0.5], dtype=object),
    torch.tensor([0.25, 0.5], requires_grad=True), [np.float32(0.25), torch.tensor(0.5)],
    torch.tensor([0.25, 0.5], dtype=torch.bfloat16),
]  # fmt: skip
