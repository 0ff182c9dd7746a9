"""What a function must satisfy to be an activation; checked whenever one is built."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.arguments import OWN_ERRORS, one_line
from edgeofchaos.panels import NAMES, TooFine, is_constant, noise, octaves, resolved_with
from edgeofchaos.panels.reach import LARGEST, is_followed
from edgeofchaos.torch_state import own_state

if TYPE_CHECKING:
    from edgeofchaos.activations import Activation

_PLACES = np.linspace(-8.0, 8.0, 161)


@own_state()
def check_activation(phi: Activation) -> None:
    """Refuse a function that theory or simulation cannot use.

    Raises:
        ValueError: with one line that says what is wrong and what is allowed.
    """
    probe = np.array([-3.0, -1.1, -1e-3, 0.0, 1e-3, 1.1, 3.0])
    _check_values(phi, probe)
    _check_derivatives(phi, probe)
    _find_kinks(phi)


def _check_values(phi: Activation, probe: NDArray[np.float64]) -> None:
    import torch

    given = torch.from_numpy(probe.copy())
    try:
        value = phi.fn(given)
        alone = [phi.fn(torch.tensor([u], dtype=torch.float64)) for u in probe]
        again = [phi.fn(given) for _ in range(16)]
    except OWN_ERRORS as error:
        raise ValueError(
            f"activation {phi.name!r} failed on a float64 tensor: {one_line(error)}"
        ) from error
    if not isinstance(value, torch.Tensor) or value.shape != probe.shape:
        tensor = isinstance(value, torch.Tensor)
        got = f"shape {tuple(value.shape)}" if tensor else type(value).__name__
        raise ValueError(
            f"activation {phi.name!r} returned {got} for shape {probe.shape}; "
            "it must return a tensor of the shape of its argument"
        )
    if value.dtype != torch.float64:
        raise ValueError(
            f"activation {phi.name!r} returned {value.dtype} for float64; keep the dtype"
        )
    if not bool(torch.isfinite(value).all()):
        bad = float(probe[int((~torch.isfinite(value)).nonzero()[0])])
        raise ValueError(f"activation {phi.name!r} is not finite at {bad}; it must be")
    if not np.array_equal(given.numpy(), probe):
        raise ValueError(f"activation {phi.name!r} changes its argument; it must not")
    for u, one, other in zip(probe, value.tolist(), alone, strict=True):
        if other.shape != (1,) or abs(one - float(other)) > 1e-12 * (1 + abs(one)):
            raise ValueError(
                f"activation {phi.name!r} is {one:g} at {u:g} among others and "
                f"{other.tolist()} alone; it must be elementwise and the same at each call"
            )
    if not all(torch.equal(other, value) for other in again):
        raise ValueError(
            f"activation {phi.name!r} is another at another call; it must be elementwise and the "
            "same at each call"
        )


def _check_derivatives(phi: Activation, probe: NDArray[np.float64]) -> None:
    try:
        value, *derivatives = phi.derivatives(probe)
    except RuntimeError as error:
        raise ValueError(
            f"activation {phi.name!r} cannot be differentiated by autograd: {one_line(error)}"
        ) from error
    for name, given in zip(NAMES[1:], derivatives, strict=True):
        bad = np.flatnonzero(~np.isfinite(given) & (probe != 0))
        if bad.size:
            at = bad[0]
            raise ValueError(
                f"activation {phi.name!r}: autograd has {name}({probe[at]:g}) = {given[at]:g}, "
                f"where phi is {value[at]:.6g}; allowed is a finite derivative, also of the branch "
                "that torch.where does not take"
            )
    large = ~is_followed(np.stack([value, *derivatives])[:, (probe != 0) & (np.abs(probe) < 0.01)])
    if large.any():
        raise ValueError(
            f"activation {phi.name!r}: {NAMES[int(large.any(axis=1).argmax())]} is over "
            f"{LARGEST:g} next to 0; allowed are numbers whose products are finite in float64"
        )


def _find_kinks(phi: Activation) -> None:
    """Find the kinks near 0, and refuse what is not piecewise smooth there, or noise.

    Those further out are found when variances are asked for that reach them.
    """
    # What oscillates close to 0 has no theory here, but can be simulated.
    if found := noise(phi):
        if is_constant(phi(_PLACES)):
            raise _constant(phi)
        raise ValueError(
            f"activation {phi.name!r}: {found}; allowed is one that varies more slowly, "
            "computed in float64 throughout"
        )
    with contextlib.suppress(TooFine):
        panels = resolved_with(phi, octaves(-6, 6), floors=(2.0**-6, 1.0, 4.0))
        # Not so where a narrow bump was found on it.
        if is_constant(panels.values[0]) and noise(phi, rounded=0.0):
            raise _constant(phi)


def _constant(phi: Activation) -> ValueError:
    return ValueError(
        f"activation {phi.name!r}: phi is constant, {phi(_PLACES)[0]:.6g}, to rounding for "
        f"|u| <= {_PLACES[-1]:g}, so that its derivatives are not known; allowed is one that varies"
    )
