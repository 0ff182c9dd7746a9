"""A model's layers as they are, beside what mean-field theory says of them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import numpy as np
import torch
from scipy.stats import norm
from torch import nn

from edgeofchaos.arguments import OWN_ERRORS, number, one_line, shown, whole
from edgeofchaos.practice.back import Back, first_tensor, gradients
from edgeofchaos.practice.result import Profile, ProfileRow, Quantity
from edgeofchaos.practice.seen import Predicted, Seen
from edgeofchaos.practice.state import untouched
from edgeofchaos.practice.watching import Watch
from edgeofchaos.practice.words import off_by_chance, sentences
from edgeofchaos.simulation.intervals import log_square_half

_BLIND = 100.0  # 1 - c below so many roundings of the model's dtype has no digits


def profile(
    model: nn.Module,
    inputs: Any,
    *,
    loss: Callable[[Any], torch.Tensor] | None = None,
    seed: int = 0,
    level: float = 0.01,
) -> Profile:
    """What a model does to variances, correlations and gradients, layer by layer, and why.

    The model is run once on ``inputs``, as it is. Of every linear and convolutional layer y, and
    every call of it, three things are measured and predicted:

    - q, the mean of y^2 over units, positions and inputs;
    - c, the mean correlation of pairs: of each input and the next one, the last and the first;
    - the mean squared gradient of ``loss``, or of sum_i v_i out_i with fixed v_i ~ N(0, 1).

    The prediction starts from the second moments of the inputs and iterates (section 2)

        E[y y'] = sigma_b^2 + sigma_w^2 E[phi phi'],    E[g^2]_l = chi_1 E[g^2]_(l+1),

    the sums of squares of g being meant, with sigma_w^2 = fan-in times the mean square of a layer's
    weights and sigma_b^2 the mean square of its biases, as they are. In convolutions both go
    position by position, zeros of the padding counted: where a layer takes variances q to S q,
    squared gradients come back by the adjoint of S, and gather away from borders. A second
    prediction, ``step``, starts again from what is measured at the layer before (for gradients,
    after): it finds the layer where the two part. What comes of softmax, pooling, attention,
    BatchNorm in training mode and whatever else the theory does not follow is measured, and the
    next layer predicted from there, with the reason in its note. Taken as zero are correlations
    that make squares of sums other than sums of squares: of the ways on which one entry's gradient
    comes back (copies, residual branches), and of a gradient with the entry that it is of.

    Args:
        model: any torch module. Afterwards it is as it was: hooks, buffers, modes, gradients.
        inputs: a tensor, a tuple of arguments, or a mapping of keywords; the first dimension is
            that of the inputs, 2 or more.
        loss: takes what the model returns to a tensor of one number.
        seed: of v.
        level: the chance that any layer of a net that is as the theory has it is out of an
            interval, about; one for each of q, c and the gradient.

    Returns:
        A :class:`Profile`: ``rows``, ``sentences``, ``table()``, ``to_dict()``, ``plot(path)``.

    Raises:
        ValueError: an argument is not one of those, the model has no layer that is run, fails on
            the inputs, or has parameters that are lazy, quantised or on the meta device.

    Example:
        >>> import edgeofchaos as eoc
        >>> _ = torch.manual_seed(0)
        >>> layers = [nn.Sequential(nn.Linear(200, 200), nn.Tanh()) for _ in range(10)]
        >>> model = eoc.init_(nn.Sequential(*layers), eoc.edge_point("tanh", sigma_b=0.2))
        >>> found = profile(model, torch.randn(4, 200))
        >>> len(found.rows), found.rows[3].activation, found.parts_at
        (10, 'tanh', None)
    """
    model = _checked_model(model)
    args, kwargs, count = _checked_inputs(inputs)
    if loss is not None and not callable(loss):
        raise ValueError(f"loss = {shown(loss)}; allowed is a function of the output, or None")
    seed = whole("seed", seed, 0, 2**63 - 1)
    level = number("level", level, 1e-12, 0.5)
    watch = Watch(model, count)
    with untouched(model), torch.inference_mode(False), torch.enable_grad():
        watch.inputs([*args, *kwargs.values()])
        handles = watch.hooks(model)
        try:
            with _uncompiled(), watch:
                result = model(*args, **kwargs)
        except OWN_ERRORS as error:
            raise ValueError(
                f"model: it fails on these inputs: {type(error).__name__}: {one_line(error)}"
            ) from error
        finally:
            for handle in handles:
                handle.remove()
        if not watch.seen:
            raise ValueError(
                "model: it runs no linear or convolutional layer on what depends on the inputs"
            )
        with suppress(ValueError):  # told with the gradients
            watch.finish(first_tensor(result))
        backs, no_gradient = gradients(watch, result, loss, seed)
    share = level / len(watch.seen)
    rows = [_row(seen, backs.get(seen), share) for seen in watch.seen]
    return Profile(rows, sentences(rows, watch.seen, no_gradient), count)


def _uncompiled() -> AbstractContextManager[Any]:
    """Where what torch.compile has made runs as it was before, so that its calls are seen."""
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        return nullcontext()  # nothing is compiled, or torch is older than 2.6
    eager: AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
    return eager


def _checked_model(model: Any) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise ValueError(f"model: a {type(model).__name__}; allowed is a torch.nn.Module")
    model = getattr(model, "_orig_mod", model)  # what torch.compile was given
    if isinstance(model, torch.jit.ScriptModule):
        raise ValueError("model: it is compiled by TorchScript; allowed is the model before that")
    for name, parameter in (*model.named_parameters(), *model.named_buffers()):
        if nn.parameter.is_lazy(parameter):
            raise ValueError(
                f"model: {name} is lazy and has no shape yet; pass the model a batch first"
            )
        if parameter.is_meta:
            raise ValueError(
                f"model: {name} is on the meta device and has no memory; call "
                "model.to_empty(device='cpu') first"
            )
        if parameter.is_inference():
            raise ValueError(
                f"model: {name} was made in inference mode, where nothing has gradients"
            )
    for name, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            raise ValueError(
                f"model: {name} is compiled by TorchScript; allowed is the module before that"
            )
        if "quantized" in type(module).__module__:
            raise ValueError(
                f"model: {name or type(module).__name__} is quantised; allowed are floats"
            )
    return model


def _checked_inputs(inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any], int]:
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = {}
    if isinstance(inputs, torch.Tensor):
        args = (inputs,)
    elif isinstance(inputs, Mapping):
        kwargs = inputs
    elif isinstance(inputs, tuple):
        args = inputs
    else:
        raise ValueError(
            f"inputs = {shown(inputs)}; allowed is a tensor, a tuple of arguments or a mapping of "
            "keywords"
        )
    tensors = [v for v in (*args, *kwargs.values()) if isinstance(v, torch.Tensor)]
    if not tensors:
        raise ValueError("inputs: no tensor is among them")
    for tensor in tensors:
        if tensor.is_meta:
            raise ValueError("inputs: a tensor on the meta device; allowed is one with memory")
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ValueError("inputs: a number that is not finite; allowed are finite ones")
    count = tensors[0].shape[0] if tensors[0].dim() else 0
    if count < 2:
        raise ValueError(
            f"inputs: of shape {tuple(tensors[0].shape)}; allowed are 2 inputs or more, along the "
            "first dimension"
        )
    with torch.inference_mode(False):
        copied = {id(t): t.detach().clone() for t in tensors}
    return (
        tuple(copied.get(id(v), v) for v in args),
        {k: copied.get(id(v), v) for k, v in kwargs.items()},
        count,
    )


def _row(seen: Seen, back: Back | None, share: float) -> ProfileRow:
    z = float(norm.isf(share / 2))
    layer = seen.layer
    notes = [f"predicted from what enters it, as measured: {why}" for why in seen.reasons if why]
    if seen.laws is None:
        notes = [f"measured only: {'; '.join(seen.notes)}"]
    else:
        notes += seen.notes
    if back is not None and back.cut and seen.laws is not None:
        notes.append("gradient measured only: what comes after is not followed")
    return ProfileRow(
        seen.name, seen.kind, seen.call, seen.path,
        seen.phi.name if seen.phi is not None else "",
        layer.fan_in if layer else math.nan, seen.width, seen.positions,
        math.sqrt(layer.sigma_w2) if layer else math.nan,
        math.sqrt(layer.sigma_b2) if layer else math.nan,
        _variance(seen, z, share), _correlation(seen, z, share), _gradient(seen, back, z),
        seen.off, off_by_chance(seen), seen.laws is not None, seen.narrow,
        "; ".join(dict.fromkeys(notes)),
    )  # fmt: skip


def _spread(units: Any, z: float) -> float:
    """z standard errors of a mean over units."""
    if len(units) < 2 or not np.isfinite(units).all():  # activations may overflow
        return math.inf
    return z * float(np.std(units, ddof=1)) / math.sqrt(len(units))


def _half(log: float, width: int, z: float, share: float) -> float:
    """Half an interval for the log of a mean square over units, whose own part is chi-squared."""
    own = float(log_square_half(width + 1, share))
    return math.hypot(own, z * math.sqrt(max(log - 2.0 / width, 0.0)))


def _interval(value: float, half: float) -> tuple[float, float]:
    half = min(half, 700.0)
    return value * math.exp(-half), value * math.exp(half)


def _variance(seen: Seen, z: float, share: float) -> Quantity:
    measured, spread = float(seen.q.mean()), _spread(seen.q_units, z)
    around = (max(measured - spread, 0.0), measured + spread)
    if seen.laws is None:
        return Quantity(measured, *around)
    chain, step = (
        (
            float(law.q.mean()),
            *_interval(float(law.q.mean()), _half(law.log_q, seen.width, z, share)),
        )
        for law in seen.laws
    )
    return Quantity(measured, *around, *chain, *step)


def _correlation(seen: Seen, z: float, share: float) -> Quantity:
    gamma = float(seen.gamma.mean())
    size = float(seen.d_units.mean())
    relative = _spread(seen.d_units, z) / size if size > 0 else 0.0
    around = (max(1 - gamma * (1 + relative), -1.0), min(1 - gamma * (1 - relative), 1.0))
    if seen.laws is None:
        return Quantity(1 - gamma, *around)

    def said(law: Predicted) -> tuple[float, float, float]:
        expected = float(law.gamma.mean())
        least, most = _interval(expected, _half(law.log_d, seen.width, z, share))
        blind = _BLIND * seen.digits
        low, high = max(1 - most - blind, -1.0), min(1 - least + blind, 1.0)
        return 1 - expected, low, high

    return Quantity(1 - gamma, *around, *said(seen.laws[0]), *said(seen.laws[1]))


def _gradient(seen: Seen, back: Back | None, z: float) -> Quantity:
    if back is None:
        return Quantity(math.nan, math.nan, math.nan)
    spread = _spread(back.units, z)
    around = (max(back.measured - spread, 0.0), back.measured + spread)
    if math.isnan(back.chain):
        return Quantity(back.measured, *around)
    return Quantity(
        back.measured, *around, back.chain, *_interval(back.chain, z * back.chain_log),
        back.step, *_interval(back.step, z * back.step_log),
    )  # fmt: skip
