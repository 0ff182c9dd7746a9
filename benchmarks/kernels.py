"""Deep kernels of tanh beside the numerical activation of `neural-tangents`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from benchmarks.measure import Comparison, Contestant, bound
from benchmarks.reference import tanh_pairs
from benchmarks.tangents import Missing, Worker, interpreter
from edgeofchaos import Activation, activation, edge_point, kernel
from edgeofchaos.theory.pair_series import PairSeries

DEGREE = 25  # where the documentation of neural-tangents starts for smooth functions
DIMENSION, PAIRS = 50, 40
_PART = 4  # float64 takes minutes: it is timed on this part of the rows
ENVIRONMENT = Path(__file__).resolve().parents[1] / "build" / "neural-tangents"


def comparisons(quick: bool, cores: int = 1, peers: bool = True) -> list[Comparison]:
    """One comparison; without ``peers`` nothing is installed and ours stands alone."""
    rows, depth = (20, 2) if quick else (1000, 10)
    point = edge_point("tanh", 0.2)
    inputs = np.random.default_rng(0).standard_normal((rows, DIMENSION))
    settings = {"depth": depth, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w}
    # Among the rows that every contestant has.
    i, j = np.random.default_rng(1).integers(0, rows // _PART, (2, PAIRS))
    left, right = np.concatenate([i, i]), np.concatenate([j, i])
    exact = recursion(inputs[left], inputs[right], **settings)

    def ours() -> tuple[np.ndarray, np.ndarray]:
        # Of an activation that nothing is known of, so that every call does all there is to do.
        found = kernel(Activation("new", torch.tanh), inputs, **settings)
        return found.nngp, found.ntk

    def error(answer: tuple[np.ndarray, np.ndarray] | Worker) -> float:
        if isinstance(answer, Worker):
            answer = answer.answer()
        return max(
            float(np.abs((matrix[left, right] - entries) / scale).max())
            for matrix, (entries, scale) in zip(answer, exact, strict=True)
        )

    contestants = [Contestant("`kernel`", ours, 1e-10, role="ours")]
    workers, why = [], "it was not asked for"
    if peers:
        try:
            python = interpreter(ENVIRONMENT)
            task = {**settings, "degree": DEGREE, "cores": cores}
            for name, dtype, count, bar in (
                ("`neural-tangents`, float32, its default", "float32", rows, 0.1),
                (f"`neural-tangents`, float64, {rows // _PART} × {rows // _PART}, scaled",
                 "float64", rows // _PART, 0.1),
            ):  # fmt: skip
                worker = Worker(python, inputs[:count], dtype=dtype, **task)
                workers.append(worker)
                contestants.append(Contestant(name, worker.run, bar, (count / rows) ** 2,
                                              peak=lambda w=worker: w.mib))  # fmt: skip
            why = ""
        except Missing as error_:
            why = f"{error_}"
            contestants = contestants[:1]
    about = (
        f"NNGP and NTK of {rows:,} Gaussian inputs of dimension {DIMENSION}, whose norms differ, "
        f"through {depth} hidden layers of tanh at the edge point of σ_b = 0.2. Ours starts from "
        "an activation that nothing is known of; `neural-tangents` is compiled before, is given "
        f"φ', and takes {DEGREE} nodes in each dimension, where its documentation starts. The "
        f"error is the largest of {PAIRS} pairs and of the diagonal entries of their rows."
    )
    contestants.append(multiply_adds(rows, depth, point.q))
    if why:
        about += f" `neural-tangents` was skipped: {why}."
    return [Comparison(
        "kernels", f"Deep kernels: {rows:,} × {rows:,}, {depth} layers, tanh", about, contestants,
        error, "largest error over the diagonal",
        close=lambda: [worker.close() for worker in workers],
    )]  # fmt: skip


def multiply_adds(rows: int, depth: int, q: float) -> Contestant:
    """As many multiply-adds as the sums over the pairs have, in the form that is fastest."""
    terms = PairSeries(activation("tanh"), np.array([q]), 1.0).size
    wanted = 3 * terms * depth * rows * (rows + 1) // 2  # for f, for f' and for a product each
    generator = np.random.default_rng(2)
    left = generator.standard_normal((rows, rows))
    right = generator.standard_normal((rows, wanted // rows**2))
    return bound("the multiply-adds of its sums, as one product of matrices", lambda: left @ right)


def recursion(
    x: np.ndarray, y: np.ndarray, *, depth: int, sigma_b: float, sigma_w: float
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """(NNGP, its scale) and (NTK, its scale) of each row of x with that of y, by the reference.

    A scale is the root of the product of the two diagonal entries.
    """
    first = np.array([(x * x).sum(1), (y * y).sum(1), (x * y).sum(1)])
    k = ntk = sigma_b**2 + sigma_w**2 / x.shape[1] * first
    for _ in range(depth):
        expected = np.array([
            tanh_pairs(k[0], k[0], k[0]), tanh_pairs(k[1], k[1], k[1]), tanh_pairs(*k),
        ])  # fmt: skip
        k = sigma_b**2 + sigma_w**2 * expected[:, 0]
        ntk = k + sigma_w**2 * expected[:, 1] * ntk
    return (k[2], np.sqrt(k[0] * k[1])), (ntk[2], np.sqrt(ntk[0] * ntk[1]))
