"""Squared gradients from the output back to every layer, measured and predicted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from edgeofchaos.arguments import OWN_ERRORS, one_line
from edgeofchaos.practice.laws import field
from edgeofchaos.practice.passage import Field, together, total
from edgeofchaos.practice.seen import Seen
from edgeofchaos.practice.tracks import Node
from edgeofchaos.practice.watching import Watch


@dataclass(eq=False)
class Back:
    """The mean squared gradient at one layer.

    Attributes:
        measured: of the gradient.
        units: unit by unit.
        chain, step: predicted, from the output on, and from the layers after as measured; NaN
            where they are not.
        chain_log, step_log: standard deviations of their logs.
        cut: whether what comes after is not followed, so that there is no prediction.
    """

    measured: float
    units: Any
    chain: float
    step: float
    chain_log: float
    step_log: float
    cut: bool


@dataclass(eq=False)
class _Sum:
    """A field of predicted squares, the variance of the log of its sum, and its slope in log q.

    Errors of q are handed on from layer to layer: with e the error of log q here, the log is off
    by ``slope`` e, and ``variance`` has what is added after.
    """

    value: Field
    variance: float = 0.0
    slope: float = 0.0


def gradients(
    watch: Watch, result: Any, loss: Callable[[Any], torch.Tensor] | None, seed: int
) -> tuple[dict[Seen, Back], str]:
    """The gradients at every layer that was seen, and why there are none, if so."""
    asked = [n for n in watch.nodes if n.edge is not None]
    try:
        scalar = _scalar(result, loss, seed)
        if not scalar.requires_grad:
            return {}, "the output has no gradient"
        found = torch.autograd.grad(scalar, [n.edge for n in asked], allow_unused=True)
    except OWN_ERRORS as error:
        return {}, one_line(error)
    at = {n: g for n, g in zip(asked, found, strict=True) if g is not None}
    with torch.no_grad():
        return _back(watch, at), ""


def _scalar(result: Any, loss: Callable[[Any], torch.Tensor] | None, seed: int) -> torch.Tensor:
    if loss is not None:
        value = loss(result)
        if not isinstance(value, torch.Tensor) or value.numel() != 1:
            raise ValueError("loss: it returns no tensor of one number")
        return value.reshape(())
    out = first_tensor(result)
    stream = torch.Generator().manual_seed(seed)
    readout = torch.randn(out.shape, generator=stream, dtype=torch.float64).to(out)
    return (readout * out).sum()


def first_tensor(result: Any) -> torch.Tensor:
    """The first tensor of floats in what a model returns.

    Raises:
        ValueError: there is none.
    """
    if isinstance(result, torch.Tensor) and result.is_floating_point():
        return result
    parts: Sequence[Any] = ()
    if isinstance(result, dict):
        parts = list(result.values())
    elif isinstance(result, list | tuple):
        parts = result
    for part in parts:
        try:
            return first_tensor(part)
        except ValueError:
            continue
    raise ValueError("model: it returns no tensor of floats, whose gradients could be taken")


def _back(watch: Watch, at: dict[Node, torch.Tensor]) -> dict[Seen, Back]:
    chains: dict[Node, _Sum] = {}
    steps: dict[Node, _Sum] = {}
    backs: dict[Seen, Back] = {}
    waiting = Counter(child for node in watch.nodes for child, _ in node.children)
    for node in reversed(watch.nodes):
        known = _measured(node, at)
        open_end = node.cut or node.end or not node.children
        chain = _from(node, chains, 0) if not open_end else None
        step = _from(node, steps, 1) if not open_end else None
        if node.seen is not None and known is not None:
            backs[node.seen] = _at_layer(node, node.seen, at[node], known, chain, step)
        if known is None and not node.children and not node.cut:
            known = torch.zeros((), dtype=torch.float64).expand(node.shape)  # nothing came of it
        if chain is None and known is not None:
            chain = _Sum(known)
        if known is not None and (node.seen is not None or step is None):
            step = _Sum(known)  # from here it starts again
        if chain is not None:
            chains[node] = chain
        if step is not None:
            steps[node] = step
        for child, _ in node.children:
            waiting[child] -= 1
            if not waiting[child]:  # all that it was made of has been
                chains.pop(child, None)
                steps.pop(child, None)
    return backs


def _at_layer(
    node: Node, seen: Seen, gradient: torch.Tensor, known: Field, chain: _Sum | None,
    step: _Sum | None,
) -> Back:  # fmt: skip
    entries = known.numel()
    measured, units = total(known) / entries, seen.gradients(gradient)
    if chain is None or step is None:
        return Back(measured, units, np.nan, np.nan, np.nan, np.nan, node.cut)
    floor = 2.0 / seen.width
    drawn = chain.slope**2 * seen.laws[0].log_q if seen.laws else 0.0
    logs = ((max(chain.variance, floor) + drawn) ** 0.5, max(step.variance, floor) ** 0.5)
    means = (total(chain.value) / entries, total(step.value) / entries)
    return Back(measured, units, *means, *logs, False)


def _measured(node: Node, at: dict[Node, torch.Tensor]) -> Field | None:
    """Squared gradients at a node; at layers their mean over units, as variances start again."""
    if node not in at or node.shape != at[node].shape:
        return None
    squares = field(at[node]) ** 2
    if node.seen is None:
        return squares
    return squares.mean(node.seen.axis, keepdim=True).expand(node.shape)


def _from(node: Node, sums: dict[Node, _Sum], which: int) -> _Sum | None:
    """What is at a node by what is at those made of it; None where one of them is not known."""
    value, size, handed, own, slope = None, 0.0, 0.0, 0.0, 0.0
    for child, passages in node.children:
        if child not in sums:
            return None
        part, passed = sums[child], passages[which]
        came = passed.adjoint(part.value)
        value = came if value is None else together(value, came)
        weight = total(came)
        size += weight
        # Two ways that meet again further on have their errors there in common.
        handed += weight * part.variance**0.5
        own += weight**2 * (passed.variance + part.slope**2 * passed.noise)
        slope += weight * (passed.bend + passed.slope * part.slope)
    if value is None:
        return None
    if not size > 0:
        return _Sum(value)
    return _Sum(value, (handed**2 + own) / size**2, slope / size)
