"""Kernels of infinitely wide fully connected nets: NNGP and NTK.

A net of L hidden layers of widths N_1, ..., N_L in the NTK parametrisation is

    y^1(x) = sigma_b b^1 + sigma_w W^1 x/sqrt(d),
    y^(l+1)(x) = sigma_b b^(l+1) + sigma_w W^(l+1) phi(y^l(x))/sqrt(N_l),

and its output is y^(L+1); all weights W and biases b are independent N(0, 1). As the widths tend to
infinity its outputs tend to a Gaussian process of covariance K^(L+1), the *NNGP* kernel (Lee et al.
2018; Matthews et al. 2018), and the sum of the products of the gradients of the output by all W and
b tends to Theta^(L+1), the *neural tangent kernel* (Jacot et al. 2018):

    K^1(x, x') = sigma_b^2 + sigma_w^2 x.x'/d,            Theta^1 = K^1,
    K^(l+1) = sigma_b^2 + sigma_w^2 E[phi(U1) phi(U2)],
    Theta^(l+1) = K^(l+1) + sigma_w^2 E[phi'(U1) phi'(U2)] Theta^l,

with (U1, U2) Gaussian of covariance K^l. K^1 is that of the paper (section 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import check_sigma, each, number, numbers, shown, whole, wrong
from edgeofchaos.practice.kernel_inputs import first_layer, first_variances
from edgeofchaos.practice.kernel_recursion import Recursion, expectations
from edgeofchaos.theory.arrays import FloatArray

_MOST_LAYERS = 100_000
_MOST_ENTRIES = 4e8  # of a matrix: 3 GiB


@dataclass(frozen=True)
class Kernel:
    """The two kernels between the rows of X and the rows of Y, or of X and X.

    Attributes:
        nngp: K^(L+1), of shape (rows of X, rows of Y).
        ntk: Theta^(L+1), of the same shape.
        nngp_error, ntk_error: estimates of the largest error of an entry of each, over the root of
            the product of its two diagonal entries.
    """

    nngp: FloatArray
    ntk: FloatArray
    nngp_error: float
    ntk_error: float

    @property
    def error(self) -> float:
        """The larger of the two errors."""
        return max(self.nngp_error, self.ntk_error)


def kernel(
    phi: Activation | str,
    X: Any,
    Y: Any = None,
    *,
    depth: int,
    sigma_b: float,
    sigma_w: float,
    tolerance: float = 1e-10,
) -> Kernel:
    """The NNGP and the NTK matrices of an infinitely wide fully connected net.

    Args:
        phi: an Activation, or what :func:`edgeofchaos.activation` takes.
        X: inputs, one a row, of shape (n, d). The rows may have any norms.
        Y: other inputs, of shape (m, d), for the cross kernel; X itself if left out.
        depth: the number L of hidden layers.
        sigma_b, sigma_w: the standard deviations of biases and (times sqrt(fan-in)) weights.
        tolerance: the largest error that is accepted, over the diagonal.

    Returns:
        A :class:`Kernel`. The formulas and the parametrisation are those of this module.

    Raises:
        ValueError: X or Y is no matrix of finite numbers, or their widths differ; an argument is no
            such number; expectations of phi are not known at a variance that comes up, or a
            variance passes 1e40; the error is above ``tolerance``.

    Example:
        >>> found = kernel("relu", [[1.0, 0.0], [0.0, 2.0]], depth=1, sigma_b=0.0, sigma_w=2**0.5)
        >>> found.nngp.round(6)
        array([[1.     , 0.63662],
               [0.63662, 4.     ]])
        >>> found.ntk.round(6)
        array([[2.     , 0.63662],
               [0.63662, 8.     ]])
    """
    tolerance = number("tolerance", tolerance, 0.0, above=True)
    found = unchecked_kernel(phi, X, Y, depth=depth, sigma_b=sigma_b, sigma_w=sigma_w)
    if found.error > tolerance:
        raise too_rough(phi, found, tolerance)
    return found


def kernel_path(
    phi: Activation | str,
    X: Any,
    Y: Any = None,
    *,
    depths: Iterable[int],
    sigma_b: float,
    sigma_w: float,
    tolerance: float = 1e-10,
) -> Iterator[Kernel]:
    """The two matrices at several depths, for the layers of the deepest net alone.

    Args:
        phi, X, Y, sigma_b, sigma_w, tolerance: as :func:`kernel`.
        depths: numbers L of hidden layers, each larger than the one before it.

    Yields:
        A :class:`Kernel` a depth, as :func:`kernel` gives it.

    Raises:
        ValueError: as :func:`kernel`. What comes up on the way is raised there, after the kernels
            of smaller depths; or the depths do not increase.

    Example:
        >>> path = kernel_path("relu", [[1.0], [-1.0]], depths=[1, 9], sigma_b=0.0, sigma_w=2**0.5)
        >>> [float(found.nngp[0, 1].round(6)) for found in path]
        [0.0, 1.668833]
    """
    tolerance = number("tolerance", tolerance, 0.0, above=True)
    asked = each("depths", depths, _depth)
    if not asked or any(b <= a for a, b in pairwise(asked)):
        raise wrong("depths", depths, "a list of whole numbers, each larger than the last")
    path = _path(_recursion(phi, X, Y, sigma_b, sigma_w), asked)

    def checked() -> Iterator[Kernel]:
        for found in path:
            if found.error > tolerance:
                raise too_rough(phi, found, tolerance)
            yield found

    return checked()


def too_rough(phi: Activation | str, found: Kernel, tolerance: float) -> ValueError:
    """The error for a kernel that is not known to this tolerance."""
    return ValueError(
        f"activation {activation(phi).name!r}: the entries of the NNGP are known to "
        f"{found.nngp_error:.1e} of the diagonal and those of the NTK to {found.ntk_error:.1e}, "
        f"and tolerance = {tolerance:g}; allowed is a larger tolerance, or inputs with smaller "
        "variances"
    )


def unchecked_kernel(
    phi: Activation | str, X: Any, Y: Any = None, *, depth: int, sigma_b: float, sigma_w: float
) -> Kernel:
    """As :func:`kernel`, whatever the errors are."""
    recursion = _recursion(phi, X, Y, sigma_b, sigma_w)
    return next(_path(recursion, [_depth("depth", depth)]))


def _depth(name: str, value: Any) -> int:
    return whole(name, value, 1, _MOST_LAYERS)


def _recursion(phi: Activation | str, X: Any, Y: Any, sigma_b: float, sigma_w: float) -> Recursion:
    """The recursion at its first layer, its arguments checked."""
    phi = activation(phi)
    X = input_rows("X", X)
    Y = X if Y is None else input_rows("Y", Y)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(
            f"Y has {Y.shape[1]} columns and X has {X.shape[1]}; allowed are as many in both"
        )
    if X.shape[0] * Y.shape[0] > _MOST_ENTRIES:
        raise ValueError(
            f"X has {X.shape[0]} rows and Y has {Y.shape[0]}; allowed are up to "
            f"{_MOST_ENTRIES:g} pairs"
        )
    sigma_b, sigma_w = check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w)
    return Recursion(phi, first_layer(X, Y, sigma_b, sigma_w), sigma_b, sigma_w)


def _path(recursion: Recursion, depths: list[int]) -> Iterator[Kernel]:
    """The kernels at depths that increase; the last one has the recursion's own arrays."""
    layer = 1
    for depth in depths:
        while layer <= depth:
            layer += 1
            recursion.step(layer)
        nngp, ntk = recursion.matrices()
        if depth != depths[-1]:
            ntk = ntk.copy()
        yield Kernel(nngp, ntk, recursion.errors.nngp, recursion.errors.ntk)


def kernel_diagonal(
    phi: Activation | str, X: Any, *, depth: int, sigma_b: float, sigma_w: float
) -> tuple[FloatArray, FloatArray]:
    """K^(L+1)(x, x) and Theta^(L+1)(x, x) at each row x of X: two arrays of shape (n,).

    Arguments and errors are those of :func:`kernel`.

    Example:
        >>> kernel_diagonal("relu", [[1.0, 0.0]], depth=1, sigma_b=0.0, sigma_w=2**0.5)[1].round(6)
        array([2.])
    """
    phi = activation(phi)
    X = input_rows("X", X)
    depth = _depth("depth", depth)
    sigma_b, sigma_w = check_sigma("sigma_b", sigma_b), check_sigma("sigma_w", sigma_w)
    q = first_variances(X, sigma_b, sigma_w)
    theta = q.copy()
    for layer in range(2, depth + 2):
        _, every = expectations(phi, q, 0.0, layer)
        q = sigma_b**2 + sigma_w**2 * every.value
        theta = q + sigma_w**2 * every.slope * theta
    return q, theta


def input_rows(name: str, value: Any) -> FloatArray:
    """A matrix of finite numbers, with rows and columns."""
    found = numbers(name, value)
    if found.ndim != 2 or 0 in found.shape:
        raise ValueError(
            f"{name} = {shown(value)}, of shape {found.shape}; allowed is a matrix with an input a "
            "row"
        )
    return found
