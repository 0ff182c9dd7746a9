"""How well Gaussian processes of deep nets classify MNIST, by depth: the prior seen on data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.activations import activation
from edgeofchaos.arguments import each, number
from edgeofchaos.experiments import Rows, Tables
from edgeofchaos.experiments.inits import parse
from edgeofchaos.experiments.points import of_init
from edgeofchaos.practice.gp import class_targets, solved
from edgeofchaos.practice.kernels import Kernel, kernel_path
from edgeofchaos.simulation.scaling import input_scale
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.training.mnist import Digits, mean_squares

TABLES = ("kernel_accuracy",)
INITS = ("relu-edge", "tanh-edge", "swish-printed", "tanh-ordered")
CLASSES = 10
# Means of the targets that are closer than this are level: rounding is not to choose among them.
LEVEL = 1e-6
DIGITS = 6  # of r2: rounding, and with it how many threads there are, decides later ones
KNOWN = 0.01  # the largest error of an entry of a kernel, over the least noise


def kernel_accuracy(
    *,
    sigma_b: float,
    depths: Sequence[int],
    noises: Sequence[float],
    images: int,
    tested: int,
    sets: int,
    digits: tuple[Digits, Digits],
    inits: Sequence[str] = INITS,
) -> Tables:
    """The accuracy on MNIST of regression to classes with the NNGP and the NTK, by depth.

    As KernelClassifier has it. The sets are disjoint, each of every so many-th image from the whole
    of MNIST, so that nothing is drawn at random. Images are scaled as for training.

    Args:
        sigma_b: of the points, where their names do not say it.
        depths: numbers of hidden layers.
        noises: variances of the noise of the targets, over the mean of the kernel's diagonal.
        images: how many training images a set has.
        tested: how many test images a set has.
        sets: how many sets of images.
        digits: the training and the test images.
        inits: the points, ACTIVATION-PLACE.

    Returns:
        ``kernel_accuracy``, a row a point, set, depth, kernel and noise: see :func:`scores`; and
        ``gamma``, the median of 1 - c over pairs of training images at the output, to 1e-12. Rows
        end at the depth from which on a kernel is not known to ``KNOWN`` times the noise.

    Raises:
        ValueError: there are not as many images, or a noise is not positive.
    """
    train, test = digits
    depths = sorted(set(depths))
    noises = each("noises", noises, lambda name, value: number(name, value, 0.0, above=True))
    rows: Rows = []
    for name in inits:
        init = parse(name)
        point = of_init(init, sigma_b)
        scale = input_scale(mean_squares(train.images), point.q, point.sigma_b, point.sigma_w)
        base = {
            "activation": init.activation, "place": point.place, "sigma_b": point.sigma_b,
            "sigma_w": point.sigma_w, "q": point.q,
        }  # fmt: skip
        for place in range(sets):
            known = one_set(train, place, sets, images, "images")
            asked = one_set(test, place, sets, tested, "tested")
            path = kernel_path(
                activation(init.activation),
                scale * np.concatenate([known.images, asked.images]).astype(np.float64),
                depths=depths, sigma_b=point.sigma_b, sigma_w=point.sigma_w,
                tolerance=KNOWN * min(noises),
            )  # fmt: skip
            for depth, found in zip(depths, _while_known(path), strict=False):
                where = {**base, "set": place, "depth": depth}
                where["gamma"] = _median_gamma(found.nngp[:images, :images])
                for kind, matrix in (("nngp", found.nngp), ("ntk", found.ntk)):
                    rows += [
                        {**where, "kernel": kind, "noise": noise,
                         **scores(matrix, known.labels, asked.labels, noise)}
                        for noise in noises
                    ]  # fmt: skip
    return {"kernel_accuracy": rows}


def one_set(digits: Digits, number: int, sets: int, size: int, name: str) -> Digits:
    """``size`` digits, evenly spaced over all of them: set ``number`` of as many disjoint sets.

    Raises:
        ValueError: there are fewer than ``sets`` times ``size`` digits.
    """
    step = len(digits.labels) // (sets * size)
    if step < 1:
        raise ValueError(
            f"{name} = {size}; allowed are up to {len(digits.labels) // sets} for {sets} sets of "
            f"{len(digits.labels)} images"
        )
    chosen = slice(number * step, None, sets * step)
    return Digits(digits.images[chosen][:size], digits.labels[chosen][:size])


def scores(
    matrix: FloatArray, known: NDArray[np.int64], asked: NDArray[np.int64], noise: float
) -> dict[str, Any]:
    """What regression with one kernel is worth on images that it has not seen.

    Args:
        matrix: the kernel of the training images and then the test images.
        known: the classes of the training images, 0 to 9.
        asked: those of the test images.
        noise: the variance of the noise, over the mean of the diagonal at the training images.

    Returns:
        ``accuracy``, the share of test images with the largest mean at their class, and ``r2``,
        1 - sum (y - mean)^2/sum (y - average of the known y)^2 over images and classes.
    """
    n = len(known)
    own = matrix[:n, :n]
    targets, wanted = class_targets(known, CLASSES), class_targets(asked, CLASSES)
    coefficients = solved(own, noise * float(np.trace(own)) / n, targets)[2]
    means = matrix[n:, :n] @ coefficients
    best = (means >= means.max(axis=1, keepdims=True) - LEVEL).argmax(axis=1)
    rest = ((wanted - means) ** 2).sum() / ((wanted - targets.mean(axis=0)) ** 2).sum()
    return {"accuracy": float((best == asked).mean()), "r2": round(1 - float(rest), DIGITS)}


def _while_known(path: Iterator[Kernel]) -> Iterator[Kernel]:
    """The kernels up to the first that is not known."""
    try:
        yield from path
    except ValueError:
        return


def _median_gamma(nngp: FloatArray) -> float:
    root = np.sqrt(np.diag(nngp))
    above = np.triu_indices(len(root), 1)
    return round(float(np.median(1 - (nngp / root[:, None] / root)[above])), 2 * DIGITS)
