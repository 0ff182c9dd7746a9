"""The built-in activations: all that the project knows of each, and the names people use for them.

To add one, add an entry to ``BUILTINS``. Importing this module does not import torch.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    TorchFunction = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Builtin:
    """A built-in activation.

    Attributes:
        label: its name as people write it, for figures and pages.
        make: returns the torch function, given the torch module and the parameters by keyword.
        parameters: its parameters with their defaults.
        kinks: the points where phi' or phi'' jumps, or a function of the parameters that gives
            them.
        aliases: other names that people use, written small and without ``_`` and ``-``.
        modules: the classes of torch.nn that are this function; their attributes of the same names
            are its parameters.
        functions: where torch has it as a function, with the defaults of the parameters.
        formula: what it is of x and of its parameters, as Python would write it.
    """

    label: str
    make: Callable[..., TorchFunction]
    parameters: Mapping[str, float] = field(default_factory=dict)
    kinks: tuple[float, ...] | Callable[..., tuple[float, ...]] = ()
    aliases: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    formula: str = ""

    def kinks_of(self, parameters: Mapping[str, float]) -> tuple[float, ...]:
        """The kinks with these parameters, all of them given."""
        return self.kinks(**parameters) if callable(self.kinks) else self.kinks


def _softplus(torch: ModuleType) -> TorchFunction:
    """log(1 + exp(x)), exact to float64.

    Beyond its threshold torch returns x itself, which at its default of 20 is off by 2e-9; beyond
    40 the difference is below 1e-17.
    """
    return lambda x: torch.nn.functional.softplus(x, threshold=40.0)


def _gelu_by_tanh(torch: ModuleType) -> TorchFunction:
    scale = math.sqrt(2 / math.pi)
    return lambda x: 0.5 * x * (1.0 + torch.tanh(scale * (x + 0.044715 * x**3)))


BUILTINS: dict[str, Builtin] = {
    "relu": Builtin(
        "ReLU", lambda torch: torch.nn.functional.relu, kinks=(0.0,),
        aliases=("rectifier", "rectifiedlinear"), modules=("ReLU",),
        functions=("torch.relu", "torch.nn.functional.relu"),
        formula="max(x, 0)",
    ),
    "leaky_relu": Builtin(
        "Leaky ReLU",
        lambda torch, negative_slope: lambda x: torch.nn.functional.leaky_relu(x, negative_slope),
        {"negative_slope": 0.01}, kinks=(0.0,), aliases=("lrelu",), modules=("LeakyReLU",),
        functions=("torch.nn.functional.leaky_relu",),
        formula="max(x, 0) + negative_slope * min(x, 0)",
    ),
    "identity": Builtin(
        "identity", lambda torch: lambda x: 1.0 * x, aliases=("linear", "none"),
        modules=("Identity",),
        formula="x",
    ),
    "tanh": Builtin(
        "Tanh", lambda torch: torch.tanh, modules=("Tanh",),
        functions=("torch.tanh", "torch.nn.functional.tanh"),
        formula="tanh(x)",
    ),
    "arctan": Builtin(
        "Arctan", lambda torch: torch.arctan, aliases=("atan",),
        functions=("torch.arctan", "torch.atan"),
        formula="arctan(x)",
    ),
    "erf": Builtin(
        "erf", lambda torch: torch.erf, functions=("torch.erf", "torch.special.erf"),
        formula="erf(x)",
    ),
    "hardtanh": Builtin(
        "Hard-Tanh", lambda torch: torch.nn.functional.hardtanh, kinks=(-1.0, 1.0),
        aliases=("htanh",), functions=("torch.nn.functional.hardtanh",),
        formula="min(max(x, -1), 1)",
    ),
    "sigmoid": Builtin(
        "sigmoid", lambda torch: torch.sigmoid, aliases=("logistic", "expit"),
        modules=("Sigmoid",),
        functions=("torch.sigmoid", "torch.special.expit", "torch.nn.functional.sigmoid"),
        formula="1 / (1 + exp(-x))",
    ),
    "swish": Builtin(
        "Swish", lambda torch, beta: lambda x: x * torch.sigmoid(beta * x), {"beta": 1.0},
        aliases=("silu", "swish1", "sil"), modules=("SiLU",),
        functions=("torch.nn.functional.silu",),
        formula="x / (1 + exp(-beta * x))",
    ),
    "elu": Builtin(
        "ELU", lambda torch, alpha: lambda x: torch.nn.functional.elu(x, alpha), {"alpha": 1.0},
        kinks=(0.0,), modules=("ELU",), functions=("torch.nn.functional.elu",),
        formula="max(x, 0) + alpha * (exp(min(x, 0)) - 1)",
    ),
    "selu": Builtin(
        "SELU", lambda torch: torch.nn.functional.selu, kinks=(0.0,), modules=("SELU",),
        functions=("torch.selu", "torch.nn.functional.selu"),
        formula="1.0507 * (max(x, 0) + 1.67326 * (exp(min(x, 0)) - 1))",
    ),
    "softplus": Builtin("Softplus", _softplus, formula="log(1 + exp(x))"),
    "shifted_softplus": Builtin(
        "Softplus − log 2", lambda torch: lambda x: _softplus(torch)(x) - math.log(2.0),
        aliases=("ssp",),
        formula="log(1 + exp(x)) - log(2)",
    ),
    "gelu": Builtin(
        "GELU", lambda torch: torch.nn.functional.gelu,
        functions=("torch.nn.functional.gelu",),
        formula="x * (1 + erf(x / sqrt(2))) / 2",
    ),
    "mish": Builtin(
        "Mish", lambda torch: lambda x: x * torch.tanh(_softplus(torch)(x)), modules=("Mish",),
        functions=("torch.nn.functional.mish",),
        formula="x * tanh(log(1 + exp(x)))",
    ),
    "x_plus_half_tanh": Builtin(
        "$x+\\frac{1}{2}\\tanh x$", lambda torch: lambda x: x + 0.5 * torch.tanh(x),
        formula="x + tanh(x) / 2",
    ),
    "relu6": Builtin(
        "ReLU6", lambda torch: lambda x: torch.clamp(x, 0.0, 6.0), kinks=(0.0, 6.0),
        modules=("ReLU6",), functions=("torch.nn.functional.relu6",),
        formula="min(max(x, 0), 6)",
    ),
    "squared_relu": Builtin(
        "squared ReLU", lambda torch: lambda x: torch.relu(x) ** 2, kinks=(0.0,),
        aliases=("relu2", "relusquared", "sqrrelu", "sqrelu"),
        formula="max(x, 0) ** 2",
    ),
    "celu": Builtin(
        "CELU", lambda torch, alpha: lambda x: torch.nn.functional.celu(x, alpha), {"alpha": 1.0},
        kinks=(0.0,), modules=("CELU",), functions=("torch.celu", "torch.nn.functional.celu"),
        formula="max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)",
    ),
    # torch's own has no second derivative.
    "hard_sigmoid": Builtin(
        "hard sigmoid", lambda torch: lambda x: torch.clamp(x / 6.0 + 0.5, 0.0, 1.0),
        kinks=(-3.0, 3.0), aliases=("hsigmoid",), modules=("Hardsigmoid",),
        functions=("torch.nn.functional.hardsigmoid",),
        formula="min(max(x + 3, 0), 6) / 6",
    ),
    "hard_swish": Builtin(
        "hard Swish", lambda torch: lambda x: x * torch.clamp(x + 3.0, 0.0, 6.0) / 6.0,
        kinks=(-3.0, 3.0), aliases=("hswish", "hardsilu"), modules=("Hardswish",),
        functions=("torch.nn.functional.hardswish",),
        formula="x * min(max(x + 3, 0), 6) / 6",
    ),
    "softsign": Builtin(
        "Softsign", lambda torch: lambda x: x / (1.0 + x.abs()), kinks=(0.0,),
        modules=("Softsign",), functions=("torch.nn.functional.softsign",),
        formula="x / (1 + abs(x))",
    ),
    "log_sigmoid": Builtin(
        "log-sigmoid", lambda torch: lambda x: -_softplus(torch)(-x), modules=("LogSigmoid",),
        functions=("torch.nn.functional.logsigmoid",),
        formula="-log(1 + exp(-x))",
    ),
    "soft_shrink": Builtin(
        "soft shrinkage",
        lambda torch, lambd: lambda x: torch.nn.functional.softshrink(x, lambd), {"lambd": 0.5},
        kinks=lambda lambd: (-lambd, lambd), modules=("Softshrink",),
        functions=("torch.nn.functional.softshrink",),
        formula="max(x - lambd, 0) + min(x + lambd, 0)",
    ),
    "gelu_tanh": Builtin(
        "GELU by tanh", _gelu_by_tanh,
        aliases=("gelunew", "gelupytorchtanh", "tanhgelu", "approximategelu"),
        formula="x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3))) / 2",
    ),
    "quick_gelu": Builtin(
        "quick GELU", lambda torch: lambda x: x * torch.sigmoid(1.702 * x),
        aliases=("gelusigmoid", "sigmoidgelu"),
        formula="x / (1 + exp(-1.702 * x))",
    ),
}  # fmt: skip


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


_BY_PLAIN_NAME = {
    plain: name for name, builtin in BUILTINS.items() for plain in (_plain(name), *builtin.aliases)
}


def canonical(name: str) -> str | None:
    """The built-in that people call so, in any case and with or without ``_`` and ``-``.

    Example:
        >>> canonical("SiLU"), canonical("Leaky-ReLU"), canonical("hswish"), canonical("nothing")
        ('swish', 'leaky_relu', 'hard_swish', None)
    """
    return _BY_PLAIN_NAME.get(_plain(name))


def alike(name: str) -> list[str]:
    """Up to three built-ins whose names are close to ``name``, the closest first.

    Example:
        >>> alike("relo")
        ['relu', 'selu', 'elu']
    """
    found = difflib.get_close_matches(_plain(name), _BY_PLAIN_NAME, n=6, cutoff=0.6)
    return list(dict.fromkeys(_BY_PLAIN_NAME[plain] for plain in found))[:3]


def of_module(module: Any) -> tuple[str, dict[str, float]] | None:
    """The built-in that an instance of a class of torch.nn is, with its parameters, if it is one.

    Example:
        >>> import torch
        >>> of_module(torch.nn.ELU(alpha=2.0)), of_module(torch.nn.Dropout())
        (('elu', {'alpha': 2.0}), None)
    """
    import torch

    kind = type(module)
    if kind is torch.nn.GELU:
        return ("gelu" if module.approximate == "none" else "gelu_tanh"), {}
    if kind is torch.nn.Hardtanh and (module.min_val, module.max_val) == (-1.0, 1.0):
        return "hardtanh", {}
    if kind is torch.nn.PReLU and len(slopes := set(module.weight.tolist())) == 1:
        return "leaky_relu", {"negative_slope": slopes.pop()}
    for name, builtin in BUILTINS.items():
        if any(kind is getattr(torch.nn, c) for c in builtin.modules):
            return name, {key: getattr(module, key, x) for key, x in builtin.parameters.items()}
    return None


def of_function(fn: Any) -> str | None:
    """The built-in that a function of torch is, if it is one.

    Example:
        >>> import torch
        >>> of_function(torch.nn.functional.silu), of_function(torch.sin)
        ('swish', None)
    """
    import torch

    for name, builtin in BUILTINS.items():
        for path in builtin.functions:
            found: Any = torch
            for part in path.split(".")[1:]:
                found = getattr(found, part, None)
            if found is fn:
                return name
    return None
