"""What the paper's supplement and its Swish figures show, as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from edgeofchaos.activations import Activation, activation
from edgeofchaos.experiments import Grid, Pairs, Rows, Tables
from edgeofchaos.experiments.points import Point, point_at
from edgeofchaos.theory import gaussian, pairs
from edgeofchaos.theory.closed_forms import erf_product, hardtanh_moments, relu_product
from edgeofchaos.theory.correlation import CorrelationMap, correlation_map
from edgeofchaos.theory.edge import edge_curve, edge_or_at_zero, edge_point
from edgeofchaos.theory.edge_equation import edge_equation, is_homogeneous
from edgeofchaos.theory.recursion import complement_trajectory, pair_trajectory
from edgeofchaos.theory.relu_like import relu_like
from edgeofchaos.theory.variance import variance_map

TABLES = (
    "swish_moments", "variance_maps", "hardtanh", "prior_kernel", "closed_forms", "slopes",
)  # fmt: skip

MOVING = ("printed", "he")  # places of Swish whose q is no fixed point of F
MOVING_RANGE = (1e-30, 1e30)  # of the variances that quadrature is trusted with here


def supplement(
    *,
    q: Grid,
    sigma_b: float,
    with_variance_map: Sequence[str] = ("swish", "tanh", "elu", "hardtanh"),
    with_prior_kernel: Sequence[str] = (
        "relu", "leaky_relu", "tanh", "arctan", "elu", "hardtanh", "selu",
    ),
    kernel_slopes: Pairs = ((1.0, 0.25), (1.0, -1.0), (2.0, 1.0)),
    with_slopes: Sequence[str] = (
        "relu", "leaky_relu", "tanh", "arctan", "swish", "elu", "selu", "hardtanh", "gelu",
    ),
    depths: Sequence[int] = (5, 10, 20, 30, 50, 100, 200, 500),
    with_moments: str = "swish",
    kernel_sigma_b: Sequence[float] = (0.05, 0.2, 1.0),
    printed_sigma_b: float = 0.2,
    closed_form_q: Sequence[float] = (0.1, 1.0, 20.0),
    theta: float = 1e-6,
    off_edge: float = 0.8,
) -> Tables:  # fmt: skip
    """Swish's E[phi'' phi] and f'' over q, F, Hard-Tanh beside Tanh, and kernels at depth.

    Args:
        q: the range of variances, spaced geometrically.
        sigma_b: of the edge points at which F and f'(1) are computed.
        with_variance_map: the activations whose F is tabulated.
        with_prior_kernel: the activations whose prior kernel is followed to depth; Swish's is too.
        kernel_slopes: more ReLU-like ones, LAMBDA,BETA.
        with_slopes: the activations whose f'(1) is compared with chi_1.
        depths: the depths L at which the prior kernel is taken.
        with_moments: the activation whose E[phi'' phi] and f'' are computed at each q.
        kernel_sigma_b: of the edge points at which the prior kernel is taken.
        printed_sigma_b: of the points of Swish at which it is taken, one of them printed.
        closed_form_q: variances at which the quadrature over pairs is compared.
        theta: the angle of the pairs that f'(1) is read from.
        off_edge: sigma_w off the edge, over that of the edge, where it is read as well.

    Returns:
        ``swish_moments``, ``variance_maps``, ``hardtanh``, ``prior_kernel``, ``closed_forms`` and
        ``slopes``.
    """
    every = np.geomspace(*q)
    of_kernels = [*map(activation, with_prior_kernel), *(relu_like(*s) for s in kernel_slopes)]
    return {
        "swish_moments": moments_over_q(with_moments, every),
        "variance_maps": [r for n in with_variance_map for r in tabulated_map(n, sigma_b)],
        "hardtanh": hardtanh_beside_tanh(every),
        "prior_kernel": [
            *(r for phi in of_kernels for r in prior_kernel(phi, depths, kernel_sigma_b)),
            *prior_kernel_of_swish(depths, printed_sigma_b),
        ],
        "closed_forms": closed_forms(closed_form_q),
        "slopes": [r for n in with_slopes for r in slopes_at_one(n, sigma_b, theta, off_edge)],
    }


def moments_over_q(phi: Activation | str, q: ArrayLike) -> Rows:
    """E[phi'' phi], alpha - 1 and the least f'' on [0, 1], with sigma_w^2 = 1/E[phi'^2] at each q.

    sigma_b^2 = h(q) belongs to that q (negative where no edge point has it; F(q) = q holds all the
    same, which is what f needs).
    """
    phi = activation(phi)
    c = np.linspace(0.0, 1.0, 101)
    rows = []
    for value in np.asarray(q, dtype=np.float64):
        x = float(value)
        sigma_w = 1.0 / math.sqrt(float(gaussian.slope_second_moment(phi, x)))
        curvature = float(gaussian.curvature_phi(phi, x))
        second = CorrelationMap(phi, x, 0.0, sigma_w).derivative(c, 2)
        rows.append({
            "activation": phi.name, "q": x, "sigma_w": sigma_w,
            "sigma_b_squared": float(edge_equation(phi, x)),
            "curvature_phi": curvature, "alpha_minus_1": sigma_w**2 * curvature,
            "least_f2": float(second.min()), "f2_at_0": float(second[0]),
            "f2_at_1": float(second[-1]),
        })  # fmt: skip
    return rows


def tabulated_map(phi: Activation | str, sigma_b: float) -> Rows:
    """F at the edge point of sigma_b, from x = 0 to three times q (more fixed points included)."""
    phi = activation(phi)
    point = edge_point(phi, sigma_b)
    fmap = variance_map(phi, point.sigma_b, point.sigma_w)
    x = np.linspace(0.0, 3.0 * point.q, 121)
    return [
        {"activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w, "q": point.q,
         "x": a, "F": b, "slope": d}
        for a, b, d in zip(
            x, fmap(x), np.concatenate([[math.nan], fmap.derivative(x[1:])]), strict=True
        )
    ]  # fmt: skip


def hardtanh_beside_tanh(q: ArrayLike) -> Rows:
    """Moments of Hard-Tanh by quadrature and in closed form, those of Tanh, and both edges' h."""
    q = np.asarray(q, dtype=np.float64)
    hard, soft = activation("hardtanh"), activation("tanh")
    second, slope2, curvature = hardtanh_moments(q)
    table = {
        "q": q,
        "second": gaussian.second_moment(hard, q),
        "second_closed": second,
        "slope2": gaussian.slope_second_moment(hard, q),
        "slope2_closed": slope2,
        "curvature": gaussian.curvature_phi(hard, q),
        "curvature_closed": curvature,
        "tanh_second": gaussian.second_moment(soft, q),
        "tanh_slope2": gaussian.slope_second_moment(soft, q),
        "sigma_b_squared": edge_equation(hard, q),
        "tanh_sigma_b_squared": edge_equation(soft, q),
    }
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def prior_kernel(
    phi: Activation | str, depths: Sequence[int], sigma_b: Sequence[float] = (0.05, 0.2, 1.0)
) -> Rows:
    """1 - c^L of the limit kernel on the edge at each depth, from orthogonal inputs.

    At each sigma_b; at the single edge point (0, sigma_w) of a ReLU-like phi. There 1 - c^L falls
    like 1/L^2, with a constant that grows without bound as the two slopes come near each other
    (``theory.relu_like.decay_coefficient``): at any one depth some ReLU-like phi is as far from
    constant as one likes.
    """
    phi = activation(phi)
    points = [p for p in edge_curve(phi, sigma_b) if p.status != "none"]
    points = points or edge_curve(phi, [0.0])
    relu = is_homogeneous(phi)
    return [
        {"activation": phi.name, "relu_like": relu,
         "place": "edge" if p.stable or p.status == "singleton" else "chi1", "start": "q",
         "sigma_b": p.sigma_b, "sigma_w": p.sigma_w, "depth": depth, "q": p.q, "gamma": gamma}
        for p in points
        for depth, gamma in zip(
            depths, complement_trajectory(correlation_map(phi, p), 1.0, depths), strict=True
        )
    ]  # fmt: skip


def prior_kernel_of_swish(depths: Sequence[int], sigma_b: float) -> Rows:
    """The same of Swish at its printed point, at chi_1 = 1, at the stable point and at He's.

    Inputs start at the q of the point, and at the printed one also at half of it.
    """
    phi = activation("swish")
    rows: Rows = []
    for place in ("printed", "chi1", "stable", "he"):
        point = point_at(phi, place, sigma_b)
        for start, share in (("q", 1.0), ("q/2", 0.5)) if place == "printed" else (("q", 1.0),):
            if place in MOVING:
                found = moving_kernel(phi, point, share * point.q, depths)
            else:
                fmap = CorrelationMap(phi, point.q, point.sigma_b, point.sigma_w)
                gammas = complement_trajectory(fmap, 1.0, depths)
                found = [(depth, point.q, g) for depth, g in zip(depths, gammas, strict=True)]
            rows += [
                {"activation": phi.name, "relu_like": False, "place": place, "start": start,
                 "sigma_b": point.sigma_b, "sigma_w": point.sigma_w, "depth": depth, "q": q,
                 "gamma": gamma}
                for depth, q, gamma in found
            ]  # fmt: skip
    return rows


def moving_kernel(
    phi: Activation, point: Point, start: float, depths: Sequence[int]
) -> list[tuple[int, float, float]]:
    """(L, q^L, 1 - c^L) from orthogonal inputs with q^1 = ``start``, no fixed point of F.

    The recursion in (q^l, c^l), for there is no map f at one variance. It ends where q^l leaves
    ``MOVING_RANGE``: deeper depths are left out.
    """
    fmap = variance_map(phi, point.sigma_b, point.sigma_w)
    path = fmap.trajectory(start, max(depths))
    outside = np.flatnonzero(~((path > MOVING_RANGE[0]) & (path < MOVING_RANGE[1])))
    layers = int(outside[0]) if outside.size else len(path)
    pair = pair_trajectory(phi, point.sigma_b, point.sigma_w, start, start, 1.0, layers)
    return [
        (depth, float(pair.q_a[depth - 1]), float(pair.gamma[depth - 1]))
        for depth in depths
        if depth <= layers
    ]


def closed_forms(variances: Sequence[float] = (0.1, 1.0, 20.0)) -> Rows:
    """The pair quadrature against closed forms: one row a form, with the largest error.

    They are the arcsine kernel of erf and the arc-cosine kernel of ReLU.
    """
    angles = np.linspace(0.02, math.pi - 0.02, 25)
    relu, error_function = activation("relu"), activation("erf")
    rows = []
    for q in variances:
        arcsine = [pairs.product(error_function, q, q, t) - erf_product(q, t) for t in angles]
        arccosine = [pairs.product(relu, q, q, t) / q - relu_product(t) for t in angles]
        rows.append({"form": "arcsine kernel of erf", "q": q, "error": max(map(abs, arcsine))})
        rows.append(
            {"form": "arc-cosine kernel of relu", "q": q, "error": max(map(abs, arccosine))}
        )
    return rows


def slopes_at_one(
    phi: Activation | str, sigma_b: float, theta: float = 1e-6, off_edge: float = 0.8
) -> Rows:
    """f'(1) from pairs at a small angle theta, on the edge and off it, beside chi_1.

    Off the edge sigma_w is ``off_edge`` times the edge's, at its own limiting variance.
    """
    phi = activation(phi)
    gamma = 2 * math.sin(theta / 2) ** 2
    edge = edge_or_at_zero(phi, sigma_b)
    places = []
    if edge.status != "none":
        places.append((edge.start_variance, edge.sigma_b, edge.sigma_w, True))
        off = off_edge * edge.sigma_w
        points = [p for p in variance_map(phi, sigma_b, off).fixed_points() if p.attracts]
        places += [(points[0].x, sigma_b, off, False)] if points else []
    return [
        {"activation": phi.name, "sigma_b": b, "sigma_w": w, "q": q, "on_edge": on,
         "slope": w**2 * pairs.squared_difference(phi, q, q, theta) / (2 * q * gamma),
         "chi1": w**2 * float(gaussian.slope_second_moment(phi, q))}
        for q, b, w, on in places
    ]  # fmt: skip
