"""Which calls of torch do what to a law: their names, and the activation that a call is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from edgeofchaos.activations import Activation, activation
from edgeofchaos.arguments import one_line
from edgeofchaos.builtins import BUILTINS, of_function, of_module
from edgeofchaos.practice.laws import Unknown
from edgeofchaos.practice.passage import Field

# What moves entries about: done to the fields as to the tensor.
MOVES = frozenset([
    "view", "reshape", "flatten", "permute", "transpose", "t", "squeeze", "unsqueeze",
    "getitem", "chunk", "split", "unbind", "cat", "concat", "concatenate", "stack", "expand",
    "expand_as", "repeat", "roll", "flip", "narrow", "select", "movedim", "moveaxis",
    "swapaxes", "swapdims", "unflatten", "pixel_shuffle", "pixel_unshuffle", "view_as",
    "reshape_as", "hsplit", "vsplit", "tensor_split", "index_select", "repeat_interleave",
    "ravel", "T", "mT", "tile",
])  # fmt: skip
# What leaves every entry as it is, but for its place in memory or its precision.
KEEPS = frozenset([
    "to", "float", "double", "half", "bfloat16", "type", "type_as", "clone", "contiguous",
    "cuda", "cpu", "requires_grad", "alias", "detach", "data",
])  # fmt: skip
FAR = 6.0  # standard errors beyond which it is not by chance
LINEAR = frozenset(["linear", "addmm", "matmul", "rmatmul", "mm"])
CONVOLUTIONS = frozenset(
    ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]
)
DROPOUTS = frozenset(["dropout", "dropout1d", "dropout2d", "dropout3d"])
_FUNCTIONS = frozenset([
    "sin", "cos", "square", "abs", "pow", "softplus", "clamp", "clip", "sinc", "tanhshrink",
    "hardshrink", "threshold", "hardsigmoid", "sigmoid", "arctan", "atan", "erf", "asinh",
    "arcsinh", "celu", "elu", "selu", "log1p", "exp", "sign",
])  # fmt: skip
_WHY = {
    "scaled_dot_product_attention": "attention mixes positions, with weights made of the inputs",
    "multi_head_attention_forward": "attention mixes positions, with weights made of the inputs",
    "softmax": "softmax mixes entries",
    "mean": "averaging mixes positions, whose correlations are not followed",
    "sum": "a sum mixes positions, whose correlations are not followed",
    "embedding": "an embedding is looked up",
    "einsum": "a product of two tensors that both depend on the inputs",
    "matmul": "a product of two tensors that both depend on the inputs",
    "mul": "a product of two tensors that both depend on the inputs",
    "bmm": "a product of two tensors that both depend on the inputs",
    "instance_norm": "each channel is normalised by itself",
}


def why_unknown(name: str) -> str:
    """Why the theory does not follow the call ``name``."""
    if "pool" in name:
        return "pooling mixes positions, whose correlations are not followed"
    return _WHY.get(name, f"the theory does not follow {name}")


def plain_name(func: Any) -> str:
    """The name of a call of torch, the same for a function, a method and an operator."""
    name = getattr(func, "__name__", "")
    if name == "__get__":
        return str(getattr(func.__self__, "__name__", ""))
    name = name.strip("_")
    operators = {"iadd": "add", "radd": "add", "isub": "sub", "imul": "mul", "rmul": "mul",
                 "truediv": "div", "itruediv": "div", "true_divide": "div", "multiply": "mul",
                 "subtract": "sub", "divide": "div", "ipow": "pow", "negative": "neg"}  # fmt: skip
    return operators.get(name, name)


def activation_of(name: str, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The activation that a call applies to its first argument; None if it is of no such kind.

    Raises:
        Unknown: it is an activation that the theory refuses.
    """
    places = {"alpha": 1, "negative_slope": 1, "lambd": 1, "min_val": 1, "max_val": 2}
    rest = args[1:]
    if any(isinstance(a, torch.Tensor) for a in (*rest, *kwargs.values())):
        return _prelu(rest) if name == "prelu" else None
    candidates = (func, getattr(functional, name, None), getattr(torch, name, None))
    known = next((b for b in map(of_function, candidates) if b), None)
    others = {k: v for k, v in kwargs.items() if k not in ("inplace", "input")}
    if name == "gelu":
        return activation("gelu_tanh" if "tanh" in (*rest, *others.values()) else "gelu")
    if known == "hardtanh":
        low, high = (others.get(k, rest[i] if len(rest) > i else d)
                     for i, (k, d) in enumerate((("min_val", -1.0), ("max_val", 1.0))))  # fmt: skip
        if (low, high) == (-1.0, 1.0):
            return activation("hardtanh")
    elif known:
        given = {
            key: float(others.get(key, rest[0] if places.get(key) and rest else value))
            for key, value in BUILTINS[known].parameters.items()
            if key in places
        }
        return named(known, given)
    elif name not in _FUNCTIONS:
        return None
    return _made((name, *map(str, rest), str(others)), lambda x: func(x.clone(), *rest, **others))


def _prelu(rest: tuple[Any, ...]) -> Activation:
    slopes = set(rest[0].detach().reshape(-1).tolist())
    if len(slopes) != 1:
        raise Unknown("its channels have different slopes")
    return activation("leaky_relu", negative_slope=slopes.pop())


_MADE: dict[Any, Activation | str] = {}


def _made(key: tuple[str, ...], function: Callable[[torch.Tensor], torch.Tensor]) -> Activation:
    if key not in _MADE:
        try:
            _MADE[key] = Activation("_".join(key[:-1]), function)
        except ValueError as error:
            _MADE[key] = one_line(error)
    found = _MADE[key]
    if isinstance(found, str):
        raise Unknown(found)
    return found


_MODULES: dict[Any, Activation | None] = {}


def named(name: str, parameters: dict[str, float]) -> Activation:
    """The built-in of this name with these parameters."""
    found: Activation = activation(name, **parameters)  # type: ignore[arg-type]
    return found


def module_activation(module: nn.Module) -> Activation | None:
    """The activation that a module without parameters of its own computes, if it is one."""
    if (known := of_module(module)) is not None:
        return named(*known) if known[0] != "identity" else None
    foreign = not type(module).__module__.startswith("torch.nn")
    bare = not any(True for _ in (*module.parameters(), *module.buffers()))
    called_so = any(
        word in type(module).__name__.lower() for word in ("activ", "gelu", "relu", "lu")
    )
    if not (foreign and bare and called_so) or any(module.children()):
        return None
    settings = {k: v for k, v in vars(module).items() if isinstance(v, int | float | str)}
    key = type(module), tuple(sorted(settings.items()))
    if key not in _MODULES:
        try:
            _MODULES[key] = activation(module)
        except ValueError:
            _MODULES[key] = None
    return _MODULES[key]


def layer_weights(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """(x, weight as (outputs, inputs), bias) of a call that is a linear layer, or None."""
    if name == "linear":
        x, weight, bias = (*args, None, None)[:3]
        return (
            x if x is not None else kwargs["input"],
            kwargs.get("weight", weight),
            kwargs.get("bias", bias),
        )
    if name == "addmm" and len(args) == 3 and args[2].dim() == 2 and not kwargs:
        return args[1], args[2].t(), args[0]
    two = len(args) == 2 and all(isinstance(a, torch.Tensor) for a in args)
    if name in ("matmul", "mm") and two and args[1].dim() == 2:
        return args[0], args[1].t(), None
    return None


def window(
    name: str, weight: torch.Tensor, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[Field], Field]:
    """The sum over what a unit of a convolution sees of a channel, times mean squares of taps.

    Zeros of the padding are counted as zeros. Taps have one mean square, as in the theory, unless
    theirs differ by more than chance: delta-orthogonal weights are 0 but in the middle.
    """
    transposed = "transpose" in name
    names = ("stride", "padding", "output_padding", "groups", "dilation") if transposed else (
        "stride", "padding", "dilation", "groups")  # fmt: skip
    given = dict(zip(names, args[3:], strict=False))
    given |= {k: v for k, v in kwargs.items() if k in names}
    given.pop("groups", None)
    squares = weight.detach().to("cpu", torch.float64).square()
    taps, mean = squares.mean((0, 1), keepdim=True), squares.mean()
    error = (2.0 / (weight.shape[0] * weight.shape[1])) ** 0.5 * float(mean)
    if float((taps - mean).abs().max()) <= FAR * error:
        taps = torch.full_like(taps, float(mean))
    convolve = getattr(functional, name)
    return lambda x: convolve(x, taps, None, **given)


def groups_of(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """The groups of a convolution."""
    place = 6
    return int(kwargs.get("groups", args[place] if len(args) > place else 1))


def scale_of(name: str, other: Any) -> Any:
    """What a product or quotient with what does not depend on the inputs multiplies by."""
    return 1.0 / other if name == "div" else other


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
