"""Kernels of infinitely wide nets against quadrature, closed forms and nets of finite width."""

import itertools
import math

import numpy as np
import pytest
import torch

import edgeofchaos as eoc
from edgeofchaos.practice.kernels import Kernel
from edgeofchaos.theory import pairs
from edgeofchaos.theory.closed_forms import erf_product, relu_product
from edgeofchaos.theory.one_sided_powers import one_sided_powers
from edgeofchaos.theory.pair_closed import pair_products
from edgeofchaos.theory.pair_series import PairSeries
from edgeofchaos.theory.truncated import truncated_products, upper_orthant


def bent(x):
    """Two kinks, one with a jump of phi' and one with a jump of phi''."""
    smooth = torch.where(x > -0.3, x, 0.2 * (x + 0.3) - 0.3)
    return smooth + 0.1 * torch.relu(x - 0.7) ** 2 + 0.1 * torch.sin(x)


BENT = eoc.Activation("bent", bent, kinks=(-0.3, 0.7))
NAMES = [
    "relu", "leaky_relu(negative_slope=0.2)", "tanh", "swish", "erf", "gelu", "hardtanh", "elu",
    "elu(alpha=0.6)", "selu", "hard_swish", "relu6", "squared_relu", "soft_shrink(lambd=0.2)",
    "identity", "softplus", "sigmoid",
]  # fmt: skip
ALL = [*NAMES, BENT]
POINT = {"sigma_b": 0.3, "sigma_w": 1.2}


def inputs(rows=5, columns=4, seed=0):
    """Rows of norms from 0.4 to 1.6, two of them close to each other."""
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(rows, columns))
    found *= np.linspace(0.4, 1.6, rows)[:, None] / np.linalg.norm(found, axis=1, keepdims=True)
    found[1] = 1.01 * found[0] + 1e-3
    return found * math.sqrt(columns)


def layer_by_quadrature(phi, K):
    """E[phi(U1) phi(U2)] entry by entry."""
    q = np.diag(K)
    out = np.empty_like(K)
    for i, j in np.ndindex(*K.shape):
        if i > j:
            out[i, j] = out[j, i]
            continue
        c = min(1.0, max(-1.0, K[i, j] / math.sqrt(q[i] * q[j]))) if i != j else 1.0
        out[i, j] = pairs.product(phi, q[i], q[j], math.acos(c))
        out[j, i] = out[i, j]
    return out


def off(found, wanted):
    """The largest difference over the diagonal."""
    root = np.sqrt(np.diag(wanted))
    return np.abs((found - wanted) / np.outer(root, root)).max()


def linear(X, sigma_b, sigma_w):
    return sigma_b**2 + sigma_w**2 * X @ X.T / X.shape[1]


@pytest.mark.parametrize("phi", ALL, ids=str)
@pytest.mark.slow(after=4)
def test_the_nngp_of_three_layers_is_that_of_quadrature(phi):
    phi, X = eoc.activation(phi), inputs()
    wanted = linear(X, **POINT)
    for depth in (1, 2, 3):
        wanted = 0.09 + 1.44 * layer_by_quadrature(phi, wanted)
        found = eoc.kernel(phi, X, depth=depth, **POINT)
        assert off(found.nngp, wanted) < 1e-10
        assert found.error < 1e-10


# phi' as a function of its own, for those whose phi' is continuous or has jumps that are known.
SLOPES = {
    "tanh": (lambda x: 1 / torch.cosh(x) ** 2, ()),
    "erf": (lambda x: 2 / math.sqrt(math.pi) * torch.exp(-x * x), ()),
    "swish": (lambda x: torch.sigmoid(x) * (1 + x * (1 - torch.sigmoid(x))), ()),
    "squared_relu": (lambda x: 2 * torch.relu(x), (0.0,)),
    "elu": (lambda x: torch.exp(torch.clamp(x, max=0.0)), (0.0,)),
    "gelu": (
        lambda x: (
            0.5 * (1 + torch.erf(x / math.sqrt(2)))
            + x * torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        ),
        (),
    ),
}


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.slow(after=1)
def test_the_ntk_is_that_of_quadrature_of_the_derivative(name):
    phi, X = eoc.activation(name), inputs()
    slope = eoc.Activation(f"slope of {name}", *SLOPES[name])
    K = linear(X, **POINT)
    theta = K
    for depth in (1, 2, 3):
        by_slope = layer_by_quadrature(slope, K)
        K = 0.09 + 1.44 * layer_by_quadrature(phi, K)
        theta = K + 1.44 * theta * by_slope
        found = eoc.kernel(phi, X, depth=depth, **POINT)
        assert off(found.ntk, theta) < 1e-10


@pytest.mark.parametrize("phi", ALL, ids=str)
def test_the_expectation_of_slopes_is_the_derivative_of_that_of_values(phi):
    """d/dc E[phi(U1) phi(U2)] = sqrt(q1 q2) E[phi'(U1) phi'(U2)], by differences of order 6."""
    phi = eoc.activation(phi)
    q = np.array([0.3, 0.8, 1.7])
    maps = pair_products(phi, q, 1.0)
    rows, step = maps.rows(q), 1e-3
    for gamma in (0.2, 0.7, 1.3):
        near = [maps.products(rows, rows, np.full((3, 3), gamma + n * step))[0]
                for n in (-3, -2, -1, 1, 2, 3)]  # fmt: skip
        slope = np.tensordot(np.array([-1, 9, -45, 45, -9, 1]) / (60 * step), near, axes=1)
        found = maps.products(rows, rows, np.full((3, 3), gamma))[1]
        assert np.abs(slope / np.sqrt(np.outer(q, q)) - found).max() < 1e-10


@pytest.mark.parametrize("phi", ["hardtanh", "hard_swish", "elu(alpha=0.6)", "selu", BENT], ids=str)
def test_the_series_holds_for_close_and_for_opposite_pairs_of_any_variances(phi):
    phi = eoc.activation(phi)
    q = np.array([0.2, 0.2002, 0.9, 2.0])
    series = PairSeries(phi, q, 1.0)
    rows = series.rows(q)
    for gamma in (1e-10, 1e-4, 0.1, 1.9, 2.0 - 1e-6):
        fall, _ = series.products(rows, rows, np.full((4, 4), gamma))
        theta = 2 * math.asin(math.sqrt(gamma / 2))
        for i, j in np.ndindex(4, 4):
            wanted = pairs.product(phi, q[i], q[j], theta)
            found = math.sqrt(rows.own[i] * rows.own[j]) - fall[i, j]
            assert abs(found - wanted) < 3e-11 * math.sqrt(rows.value[i] * rows.value[j])


@pytest.mark.parametrize("phi", ["relu", "erf", "identity", "leaky_relu"])
def test_closed_forms_and_the_series_are_one(phi):
    phi, q = eoc.activation(phi), np.array([0.1, 0.5, 1.3])
    gamma = np.random.default_rng(0).uniform(0, 2, (3, 3))
    closed, series = pair_products(phi, q, 1.0), PairSeries(phi, q, 1.0)
    assert not isinstance(closed, PairSeries)
    for found, wanted in zip(
        series.products(series.rows(q), series.rows(q), gamma),
        closed.products(closed.rows(q), closed.rows(q), gamma),
        strict=True,
    ):
        assert np.abs(found - wanted).max() < 1e-11


def test_one_layer_is_the_arc_cosine_and_the_arcsine_kernel():
    X = np.array([[1.0, 0.0], [math.cos(1.1), math.sin(1.1)]]) * math.sqrt(2)
    found = eoc.kernel("relu", X, depth=1, sigma_b=0.0, sigma_w=1.0).nngp
    assert abs(found[0, 1] - relu_product(1.1)) < 1e-15
    found = eoc.kernel("erf", X, depth=1, sigma_b=0.0, sigma_w=1.0).nngp
    assert abs(found[0, 1] - erf_product(1.0, 1.1)) < 1e-15


def test_relu_on_its_edge_follows_the_correlation_map():
    cmap = eoc.correlation_map("relu", eoc.edge_point("relu", 0.0))
    X = np.eye(2) * math.sqrt(2)
    found = eoc.kernel("relu", X, depth=49, sigma_b=0.0, sigma_w=math.sqrt(2.0)).nngp
    wanted = 2.0 * (1 - eoc.complement_trajectory(cmap, 1.0, [50])[0])
    assert abs(found[0, 1] - wanted) < 1e-13


def test_the_ntk_of_a_linear_net_is_its_nngp_times_its_layers():
    X = inputs()
    found = eoc.kernel("identity", X, depth=4, sigma_b=0.0, sigma_w=1.0)
    assert off(found.ntk, 5 * found.nngp) < 1e-14
    assert off(found.nngp, X @ X.T / 4) < 1e-14


@pytest.mark.parametrize("name", ["tanh", "relu", "hardtanh"])
def test_the_kernels_are_those_of_wide_nets(name):
    """The mean over nets of the products of outputs and of gradients, within 5 standard errors."""
    phi, X = eoc.activation(name), inputs(rows=3)
    wanted = eoc.kernel(phi, X, depth=2, **POINT)
    width, draws = 100, 120
    generator = torch.Generator().manual_seed(3)
    x = torch.from_numpy(X)
    nngp, ntk = [], []
    for _ in range(draws):
        sizes = [(width, x.shape[1]), (width, width), (1, width)]
        weights = [torch.randn(s, generator=generator, dtype=torch.float64) for s in sizes]
        biases = [torch.randn(s[0], generator=generator, dtype=torch.float64) for s in sizes]
        parameters = [p.requires_grad_() for p in (*weights, *biases)]
        y = x
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            y = phi(y) if i else y
            y = POINT["sigma_b"] * b + POINT["sigma_w"] * y @ w.T / math.sqrt(w.shape[1])
        gradients = [
            torch.cat(
                [g.flatten() for g in torch.autograd.grad(out, parameters, retain_graph=True)]
            )
            for out in y[:, 0]
        ]
        jacobian = torch.stack(gradients)
        ntk.append((jacobian @ jacobian.T).numpy())
        nngp.append(torch.outer(y[:, 0], y[:, 0]).detach().numpy())
    for found, limit, slack in ((nngp, wanted.nngp, 0.0), (ntk, wanted.ntk, 0.03)):
        error = np.std(found, axis=0) / math.sqrt(draws)
        bound = 5 * error + slack * limit.max()
        assert (np.abs(np.mean(found, axis=0) - limit) < bound).all()
        # It could fail: 15 % away is outside.
        assert (np.abs(np.mean(found, axis=0) - limit * 1.15) > bound).any() or slack == 0.0


@pytest.mark.parametrize("phi", ["relu", "tanh", "erf", "hardtanh", "elu", BENT], ids=str)
def test_the_cross_kernel_is_a_block_of_the_joint_one(phi):
    X = inputs(rows=7)
    joint = eoc.kernel(phi, X, depth=2, **POINT)
    cross = eoc.kernel(phi, X[:4], X[2:], depth=2, **POINT)
    for found, whole in ((cross.nngp, joint.nngp), (cross.ntk, joint.ntk)):
        root = np.sqrt(np.diag(whole))
        assert np.abs((found - whole[:4, 2:]) / np.outer(root[:4], root[2:])).max() < 1e-11
    q, theta = eoc.kernel_diagonal(phi, X, depth=2, **POINT)
    assert np.allclose(q, np.diag(joint.nngp), rtol=1e-12)
    assert np.allclose(theta, np.diag(joint.ntk), rtol=1e-11)


@pytest.mark.parametrize("phi", ["relu", "tanh", "hardtanh", "swish", BENT], ids=str)
def test_the_matrices_are_symmetric_positive_and_follow_a_permutation(phi):
    X = np.random.default_rng(5).normal(size=(40, 6)) * np.linspace(0.5, 1.5, 40)[:, None]
    order = np.random.default_rng(6).permutation(40)
    found = eoc.kernel(phi, X, depth=3, **POINT)
    moved = eoc.kernel(phi, X[order], depth=3, **POINT)
    for matrix, other in ((found.nngp, moved.nngp), (found.ntk, moved.ntk)):
        assert np.array_equal(matrix, matrix.T)
        assert np.linalg.eigvalsh(matrix)[0] > -1e-11 * np.trace(matrix)
        assert off(other, matrix[np.ix_(order, order)]) < 1e-11


def test_many_variances_are_interpolated_and_blocks_are_put_together(monkeypatch):
    X = np.random.default_rng(5).normal(size=(60, 6)) * np.linspace(0.5, 1.5, 60)[:, None]
    for phi in ("tanh", "hardtanh"):
        found = eoc.kernel(phi, X, depth=2, **POINT)
        few = [eoc.kernel(phi, X[i : i + 9], X[20:29], depth=2, **POINT) for i in range(0, 54, 9)]
        joined = np.concatenate([f.ntk for f in few])
        root = np.sqrt(np.diag(found.ntk))
        assert np.abs((joined - found.ntk[:54, 20:29]) / np.outer(root[:54], root[20:29])).max() < (
            2e-11
        )
        monkeypatch.setattr("edgeofchaos.practice.kernel_recursion._BLOCK", 77)
        assert off(eoc.kernel(phi, X, depth=2, **POINT).ntk, found.ntk) < 1e-13
        monkeypatch.undo()


@pytest.mark.parametrize("phi", ["relu", "hardtanh", "tanh", BENT], ids=str)
def test_equal_inputs_have_equal_rows_and_the_diagonal_between_them(phi):
    X = inputs()
    X[3] = X[0]
    found = eoc.kernel(phi, X, depth=3, **POINT)
    for matrix in (found.nngp, found.ntk):
        assert matrix[0, 3] == matrix[0, 0] == matrix[3, 3]
        assert np.allclose(matrix[0], matrix[3], rtol=1e-13)
    cross = eoc.kernel(phi, X, X.copy(), depth=3, **POINT)
    assert off(cross.ntk, found.ntk) < 1e-11


def test_parallel_and_opposite_inputs_keep_their_angle_without_biases():
    X = np.array([[1.0, 2.0], [2.0, 4.0], [-1.0, -2.0], [0.3, 0.1]])
    relu = eoc.kernel("relu", X, depth=3, sigma_b=0.0, sigma_w=1.3)
    assert abs(relu.ntk[0, 1] - 2 * relu.ntk[0, 0]) < 1e-14 * relu.ntk[0, 1]
    bounded = eoc.kernel("hardtanh", X, depth=3, sigma_b=0.0, sigma_w=1.3)
    assert abs(bounded.nngp[0, 2] + bounded.nngp[0, 0]) < 1e-14
    assert bounded.error < 1e-10


def test_close_inputs_have_the_angle_that_they_have():
    """At 1 - c = 1e-16 the NTK of ReLU is known to all digits, by the angle between inputs."""
    theta = 1e-8
    X = np.array([[1.0, 0.0], [1.0, theta]]) * math.sqrt(2)
    found = eoc.kernel("relu", X, depth=1, sigma_b=0.0, sigma_w=1.0)
    wanted = found.nngp[0, 1] + 0.5 - theta / (2 * math.pi)
    assert abs(found.ntk[0, 1] - wanted) < 1e-15


@pytest.mark.parametrize(
    ("phi", "offset"), [("sigmoid", 0.5), ("tanh", 0.0), ("relu", 0.0)], ids=str
)
def test_an_input_of_zeros_without_biases(phi, offset):
    X = np.array([[0.0, 0.0], [1.0, 0.5]])
    found = eoc.kernel(phi, X, depth=1, sigma_b=0.0, sigma_w=1.5)
    alone = eoc.kernel(phi, X[1:], depth=1, sigma_b=0.0, sigma_w=1.5)
    mean = float(eoc.activation(phi)(0.0)) if phi != "relu" else 0.0
    wanted = 2.25 * np.array([offset**2, offset * mean])
    assert np.allclose(found.nngp[0], wanted, atol=1e-14)
    assert np.allclose(found.ntk[0], wanted, atol=1e-14)
    assert np.allclose(found.ntk[1, 1], alone.ntk[0, 0], rtol=1e-14)
    assert np.array_equal(
        eoc.kernel(phi, X[:1], depth=2, sigma_b=0.0, sigma_w=1.5).ntk.shape, (1, 1)
    )


def test_the_diagonal_is_the_recursion_of_the_variance():
    fmap = eoc.variance_map("swish", 0.2, 1.5)
    X = inputs()
    found = eoc.kernel("swish", X, depth=5, sigma_b=0.2, sigma_w=1.5)
    wanted = fmap.trajectory(np.diag(linear(X, 0.2, 1.5)), 6)[-1]
    assert np.allclose(np.diag(found.nngp), wanted, rtol=1e-12)


def test_an_error_that_is_too_large_is_told_and_is_above_what_it_really_is():
    X = 40.0 * inputs()
    with pytest.raises(
        ValueError, match=r"'celu\(alpha=0.5\)': the entries .* tolerance = 1e-10"
    ) as caught:
        eoc.kernel("celu(alpha=0.5)", X, depth=1, **POINT)
    assert len(str(caught.value).splitlines()) == 1
    found = eoc.kernel("celu(alpha=0.5)", X, depth=1, tolerance=1.0, **POINT)
    wanted = 0.09 + 1.44 * layer_by_quadrature(
        eoc.activation("celu(alpha=0.5)"), linear(X, **POINT)
    )
    assert found.nngp_error > 1e-10 and off(found.nngp, wanted) < found.nngp_error


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"X": [1.0, 2.0]}, "X = .*; allowed is a matrix"),
        ({"X": np.ones((0, 2))}, "X = .*; allowed is a matrix"),
        ({"X": [[1.0, math.nan]]}, "X = nan"),
        ({"X": [["a"]]}, "X = 'a'"),
        ({"X": [[1e200, 1.0]]}, "X: a variance"),
        ({"X": [[1e30, 1.0]]}, "depth: the variance comes to"),
        ({"Y": [[1.0]]}, "Y has 1 columns and X has 2"),
        ({"depth": 0}, "depth = 0"),
        ({"depth": 2.0}, "depth = 2.0"),
        ({"sigma_b": -1.0}, "sigma_b = -1.0"),
        ({"sigma_w": math.inf}, "sigma_w = inf"),
        ({"tolerance": 0.0}, "tolerance = 0.0"),
        ({"phi": "tahn"}, "activation: 'tahn' is unknown"),
    ],
)
def test_a_bad_argument_is_one_line(changed, said):
    given = {"phi": "tanh", "X": [[1.0, 2.0], [0.5, 1.0]], "depth": 2, **POINT, **changed}
    with pytest.raises(ValueError, match=said) as caught:
        eoc.kernel(given.pop("phi"), given.pop("X"), **given)
    assert len(str(caught.value).splitlines()) == 1


def test_a_result_has_its_fields():
    found = eoc.kernel("tanh", torch.ones(2, 3), depth=1, **POINT)
    assert isinstance(found, Kernel) and found.nngp.shape == found.ntk.shape == (2, 2)
    assert found.error == max(found.nngp_error, found.ntk_error) > 0


def test_the_truncated_powers_take_the_jumps_away():
    phi = eoc.activation("selu")
    rest = one_sided_powers(phi, 4)
    slopes = [phi.derivatives(s * 1e-3)[2] - _second(rest, s * 1e-3) for s in (-1, 1)]
    jump = abs(phi.derivatives(-1e-3)[2] - phi.derivatives(1e-3)[2])
    assert abs(slopes[0] - slopes[1]) < 1e-2 * jump


def _second(powers, u, step=1e-4):
    values = powers(np.array([u - step, u, u + step]))
    return (values[0] - 2 * values[1] + values[2]) / step**2


def test_products_of_truncated_powers_are_those_of_quadrature():
    h, k = np.array([[0.4]]), np.array([[1.1]])
    for gamma in (1e-6, 0.3, 1.0, 1.7):
        for m, n in ((1, 1), (2, 1), (3, 4)):
            left, right = ([float(i == p) for i in range(5)] for p in (m, n))
            found = truncated_products(h, k, np.full((1, 1), gamma), [left], [right])[0][0, 0]
            wanted = _by_quadrature(0.4, 1.1, gamma, m, n)
            assert abs(found - wanted) < 1e-13
    assert float(upper_orthant(h, k, np.full((1, 1), 2.0))[0, 0]) == pytest.approx(0, abs=1e-16)


def _by_quadrature(h, k, gamma, m, n):
    """E[(Z1 - h)_+^m (Z2 - k)_+^n]/(m! n!) by Gauss-Legendre panels in polar-like coordinates."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    rho, sine = 1 - gamma, math.sqrt(gamma * (2 - gamma))
    total = 0.0
    # Z1 = x, Z2 = rho x + sine y; the inner integral from where Z2 = k on, to 10 deviations.
    edges = np.unique(np.concatenate([np.linspace(h, h + 10, 25), [max(h, min(h + 10, k))]]))
    centre = (k / rho) if abs(rho) > 1e-3 else None
    if centre is not None:
        near = centre + sine * np.array([-9, -6, -4, -2, -1, 0, 1, 2, 4, 6, 9]) / abs(rho)
        edges = np.unique(np.concatenate([edges, near[(near > h) & (near < h + 10)]]))
    for a, b in itertools.pairwise(edges):
        x = (a + b) / 2 + (b - a) / 2 * nodes
        start = (k - rho * x) / sine
        low, high = np.maximum(start, -9.5), np.maximum(start, 9.5)
        for s in range(8):
            lower = low + (high - low) * s / 8
            upper = low + (high - low) * (s + 1) / 8
            y = ((lower + upper) / 2)[:, None] + ((upper - lower) / 2)[:, None] * nodes
            density = np.exp(-(x[:, None] ** 2 + y**2) / 2) / (2 * math.pi)
            value = (x[:, None] - h) ** m * np.maximum(rho * x[:, None] + sine * y - k, 0) ** n
            inner = (value * density) @ weights * (upper - lower) / 2
            total += float(inner @ weights) * (b - a) / 2
    return total / math.factorial(m) / math.factorial(n)
