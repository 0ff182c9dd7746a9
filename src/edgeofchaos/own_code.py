"""A user's own functions and modules, found by their paths, and modules made into functions."""

from __future__ import annotations

import copy
import importlib
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from edgeofchaos.arguments import OWN_ERRORS, one_line, shown
from edgeofchaos.torch_state import own_state

if TYPE_CHECKING:
    import torch

    from edgeofchaos.builtins import TorchFunction


def load(path: str) -> Any:
    """What lies at ``package.module:function`` or ``package.module.function``.

    Raises:
        ValueError: nothing does, its module cannot be imported, or it is not callable.
    """
    module, _, attribute = path.partition(":") if ":" in path else path.rpartition(".")
    try:
        found = attrgetter(attribute)(importlib.import_module(module))
    except OWN_ERRORS as error:
        raise ValueError(
            f"activation: {shown(path)} cannot be loaded ({one_line(error)}); allowed is "
            "package.module:function"
        ) from error
    if not callable(found):
        raise ValueError(
            f"activation: {shown(path)} is a {type(found).__name__}; it must be callable"
        )
    return found


def made(name: str, kind: type, parameters: dict[str, Any]) -> Any:
    """An instance of a class, such as a class of torch modules.

    Raises:
        ValueError: it cannot be made.
    """
    try:
        return kind(**parameters)
    except OWN_ERRORS as error:
        raise ValueError(
            f"activation: {name} cannot be made without arguments ({one_line(error)}); allowed is "
            "an instance of it"
        ) from error


def frozen(name: str, module: torch.nn.Module) -> TorchFunction:
    """A module as a function, in float64 and with its parameters as they are now.

    A parameter of one entry may have any shape: values keep the shape of the argument.

    Raises:
        ValueError: the module cannot be copied.
    """
    import torch

    try:
        with own_state(gradients=False):
            kept = copy.deepcopy(module).to("cpu", torch.float64).requires_grad_(False)
    except Exception as error:  # on the meta device, lazy, or not to be copied
        raise ValueError(
            f"activation: the module {name} cannot be copied to float64 ({one_line(error)}); "
            "allowed is one whose parameters have values"
        ) from error

    # One copy a device and dtype: to float32 and back would round the parameters.
    copies: dict[tuple[Any, Any], torch.nn.Module] = {}

    def function(x: torch.Tensor) -> torch.Tensor:
        where = x.device, x.dtype
        if where not in copies:
            copies[where] = copy.deepcopy(kept).to(*where)
        value = copies[where](x)
        fits = isinstance(value, torch.Tensor) and value.numel() == x.numel()
        return value.reshape(x.shape) if fits else value

    return function
