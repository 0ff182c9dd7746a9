"""Regression with the kernels of infinitely wide nets, with scikit-learn's interface.

A Gaussian process of covariance k and noise of variance s^2 has, given targets y at inputs X, the
mean k(x, X) A^-1 y and the variance k(x, x) - k(x, X) A^-1 k(X, x) at x, with
A = k(X, X) + s^2 1. With the NNGP kernel that is the posterior of an infinitely wide Bayesian net
(Lee et al. 2018). With the NTK the mean is that of an infinitely wide ensemble of nets that were
trained to the end by gradient descent on squares (Jacot et al. 2018), and the variance is that of a
Gaussian process of this covariance, not of such an ensemble.

Where scikit-learn is installed the classes are estimators of its own kind.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from edgeofchaos.activations import Activation
from edgeofchaos.arguments import number, numbers, one_of, shown, wrong
from edgeofchaos.practice.kernels import (
    Kernel,
    input_rows,
    kernel_diagonal,
    too_rough,
    unchecked_kernel,
)
from edgeofchaos.theory.arrays import FloatArray

_JITTERS = (0.0, *(10.0**e for e in range(-15, -5)))  # of the mean of the diagonal
_ROUNDED = 1e-6  # of the largest target: what rounding may take from a mean
_KERNELS = ("nngp", "ntk")


class _Parameters:
    """get_params and set_params, where scikit-learn is not installed."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name."""
        return {name: getattr(self, name) for name in _parameters(type(self))}

    def set_params(self, **parameters: Any) -> Any:
        """Set parameters by name, and return the estimator.

        Raises:
            ValueError: there is no such parameter.
        """
        for name, value in parameters.items():
            if name not in _parameters(type(self)):
                raise ValueError(
                    f"parameter {shown(name)} is unknown; allowed are "
                    f"{', '.join(_parameters(type(self)))}"
                )
            setattr(self, name, value)
        return self


def _parameters(kind: type) -> list[str]:
    return [name for name in inspect.signature(kind).parameters if name != "self"]


if TYPE_CHECKING:

    class _Estimator(_Parameters):
        pass

    class _Regressor:
        pass

    class _Classifier:
        pass

    class _NotFitted(ValueError):
        pass

else:
    try:
        from sklearn.base import BaseEstimator as _Estimator
        from sklearn.base import ClassifierMixin as _Classifier
        from sklearn.base import RegressorMixin as _Regressor
    except ImportError:
        _Estimator, _Regressor, _Classifier = _Parameters, *(type(n, (), {}) for n in "RC")
    try:
        from sklearn.exceptions import NotFittedError as _NotFitted
    except ImportError:
        _NotFitted = ValueError


@dataclass(frozen=True)
class _Fitted:
    """The parameters that a model was fitted with, which its predictions go by."""

    phi: Activation | str
    which: str
    tolerance: float
    net: dict[str, Any]

    def kernel(self, X: Any, Y: Any = None) -> tuple[Kernel, float]:
        """The kernels, and the error of the one that is used, which has to be small enough."""
        found = unchecked_kernel(self.phi, X, Y, **self.net)
        error: float = getattr(found, f"{self.which}_error")
        if error > self.tolerance:
            raise too_rough(self.phi, found, self.tolerance)
        return found, error


class _KernelModel(_Estimator):
    """What the regression and the classification have in common."""

    def __init__(
        self,
        phi: Activation | str = "relu",
        depth: int = 3,
        sigma_b: float = 0.0,
        sigma_w: float = 2.0**0.5,
        kernel: str = "nngp",
        noise: float = 0.0,
        tolerance: float = 1e-10,
    ) -> None:
        self.phi = phi
        self.depth = depth
        self.sigma_b = sigma_b
        self.sigma_w = sigma_w
        self.kernel = kernel
        self.noise = noise
        self.tolerance = tolerance

    def _fit(self, X: Any, targets: FloatArray) -> None:
        given = _Fitted(
            self.phi,
            one_of("kernel", self.kernel, _KERNELS),
            number("tolerance", self.tolerance, 0.0, above=True),
            {"depth": self.depth, "sigma_b": self.sigma_b, "sigma_w": self.sigma_w},
        )
        noise = number("noise", self.noise, 0.0)
        X = input_rows("X", X)
        if X.shape[0] != targets.shape[0]:
            raise ValueError(
                f"y has {targets.shape[0]} targets and X has {X.shape[0]} rows; allowed are as "
                "many of both"
            )
        found, error = given.kernel(X)
        factor, jitter, coefficients = solved(getattr(found, given.which), noise, targets)
        # All at once, so that what fails changes nothing.
        self.X_fit_, self.n_features_in_ = np.array(X), X.shape[1]
        self._factor, self.jitter_, self.dual_coef_ = factor, jitter, coefficients
        self.kernel_error_, self._given = error, given

    def _means(self, X: Any) -> tuple[FloatArray, FloatArray]:
        """The means at X, and k(training inputs, X)."""
        name = type(self).__name__
        if not hasattr(self, "dual_coef_"):
            raise _NotFitted(f"{name}: predict before fit; allowed is after it")
        X = input_rows("X", X)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {X.shape[1]} features, but {name} is expecting {self.n_features_in_} "
                "features as input; allowed are as many as in fit"
            )
        cross = getattr(self._given.kernel(self.X_fit_, X)[0], self._given.which)
        return cross.T @ self.dual_coef_, cross


class KernelRegression(_Regressor, _KernelModel):
    """Gaussian process regression with the NNGP or the NTK kernel of an infinitely wide net.

    Args:
        phi: an Activation, or what :func:`edgeofchaos.activation` takes.
        depth: the number of hidden layers.
        sigma_b, sigma_w: the standard deviations of biases and (times sqrt(fan-in)) weights.
        kernel: ``"nngp"`` or ``"ntk"``.
        noise: the variance of the noise of the targets.
        tolerance: the largest error of the kernel that is accepted, over its diagonal.

    After :meth:`fit` it has ``jitter_``, what had to be added to the diagonal besides the noise for
    a Cholesky factor and for means that rounding leaves six digits (as where inputs are equal and
    their targets are not), ``kernel_error_``, and ``dual_coef_``. Predictions go by the parameters
    of the last fit.

    Example:
        >>> model = KernelRegression("relu", depth=1).fit([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0])
        >>> model.predict([[1.0, 0.0], [1.0, 1.0]]).round(6) + 0.0
        array([1., 0.])
    """

    def fit(self, X: Any, y: Any) -> KernelRegression:
        """Fit to targets y of shape (n,), or (n, k) for k targets, at inputs X of shape (n, d).

        Raises:
            ValueError: X, y or a parameter is unfit, as :func:`edgeofchaos.kernel` has it, or the
                matrix has no Cholesky factor even with a jitter of 1e-6 of its mean diagonal.
        """
        targets = numbers("y", y)
        if targets.ndim not in (1, 2):
            raise wrong("y", y, "an array of one or two dimensions")
        self._fit(X, targets)
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The means at the rows of X, (m,) or (m, k), and with ``return_std`` the deviations, (m,).

        The deviation is that of a value without noise.

        Raises:
            ValueError: it is not fitted, or X is unfit.
        """
        means, cross = self._means(X)
        if not return_std:
            return means
        diagonals = kernel_diagonal(self._given.phi, X, **self._given.net)
        prior = diagonals[_KERNELS.index(self._given.which)]
        explained = (cross * cho_solve(self._factor, cross)).sum(axis=0)
        return means, np.sqrt(np.maximum(prior - explained, 0.0))

    def score(self, X: Any, y: Any) -> float:  # type: ignore[override, unused-ignore]
        """R^2 = 1 - sum (y - mean)^2/sum (y - average y)^2, the mean over targets of it."""
        y, means = numbers("y", y), self.predict(X)
        if y.shape != means.shape:
            raise ValueError(f"y of shape {y.shape}; allowed is that of the means, {means.shape}")
        rest = ((y - means) ** 2).sum(axis=0)
        whole = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(whole > 0, 1.0 - rest / whole, np.where(rest > 0, 0.0, 1.0))
        return float(np.mean(found))


class KernelClassifier(_Classifier, _KernelModel):
    """Classes by regression to one-hot targets, as Lee et al. (2018) do.

    The target is 1 - 1/k for the class of an input and -1/k for each of the k - 1 others, and the
    class that is predicted is that of the largest mean. Parameters are those of
    :class:`KernelRegression`.

    Example:
        >>> model = KernelClassifier("tanh", depth=2, sigma_b=0.1, sigma_w=1.3)
        >>> model.fit([[1.0, 0.0], [0.0, 1.0]], ["a", "b"]).predict([[2.0, 0.1]])
        array(['a'], dtype='<U1')
    """

    def fit(self, X: Any, y: Any) -> KernelClassifier:
        """Fit to the classes y of shape (n,), of any type that can be sorted.

        Raises:
            ValueError: as :meth:`KernelRegression.fit`, or there are fewer than two classes, or
                they are continuous numbers.
        """
        y = np.asarray(y)
        if y.ndim != 1:
            raise wrong("y", y, "a class for each input, in one dimension")
        if y.dtype.kind == "f" and not (np.isfinite(y) & (y == np.floor(y))).all():
            raise wrong("y", y, "classes, no continuous numbers (Unknown label type: continuous)")
        try:
            classes, place = np.unique(y, return_inverse=True)
        except TypeError:
            raise wrong("y", y, "classes of one type, which can be sorted") from None
        if classes.size < 2:
            raise wrong("y", y, f"two classes or more, not {classes.size} class")
        self._fit(X, class_targets(place, classes.size))
        self.classes_ = classes
        return self

    def decision_function(self, X: Any) -> FloatArray:
        """The means of the targets at the rows of X: (m, classes).

        Of two classes it is (m,), the mean for the second, as scikit-learn has it.
        """
        means = self._means(X)[0]
        return means[:, 1] if self.classes_.size == 2 else means

    def predict(self, X: Any) -> Any:
        """The class at each row of X: (m,)."""
        place = self._means(X)[0].argmax(axis=1)
        return self.classes_[place]

    def score(self, X: Any, y: Any) -> float:  # type: ignore[override, unused-ignore]
        """The share of the rows of X whose class in y is predicted."""
        y, found = np.asarray(y), self.predict(X)
        if y.shape != found.shape:
            raise ValueError(f"y of shape {y.shape}; allowed is a class a row, {found.shape}")
        return float(np.mean(found == y))


def class_targets(places: Any, classes: int) -> FloatArray:
    """1 - 1/k for the class of each input and -1/k for the k - 1 others: (inputs, k)."""
    targets = np.full((len(places), classes), -1.0 / classes)
    targets[np.arange(len(places)), places] += 1.0
    return targets


def solved(matrix: FloatArray, noise: float, targets: FloatArray) -> tuple[Any, float, FloatArray]:
    """A Cholesky factor of the matrix with noise, the jitter that it took besides, and A^-1 y.

    A mean is a sum of entries of k times those of A^-1 y: rounding takes up to about eps times the
    largest entry times the sum of their sizes from it.

    Raises:
        ValueError: there is none.
    """
    n = matrix.shape[0]
    scale = float(np.trace(matrix)) / n
    allowed = _ROUNDED * float(np.abs(targets).max())
    rounding = np.finfo(float).eps * float(np.abs(matrix).max())
    found = None
    for part in _JITTERS:
        jitter = part * scale
        try:
            factor = cho_factor(matrix + (noise + jitter) * np.eye(n), lower=True)
        except LinAlgError:
            continue
        found = factor, jitter, cho_solve(factor, targets)
        if rounding * float(np.abs(found[2]).sum(axis=0).max()) <= allowed:
            break
    if found is None:
        raise ValueError(
            f"noise = {noise:g}: the kernel matrix has no Cholesky factor with a jitter of "
            f"{_JITTERS[-1]:g} of its diagonal; allowed is more noise, as where inputs are equal"
        )
    return found
