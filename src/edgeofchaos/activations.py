"""Activation functions, each defined once as an elementwise torch function.

Theory and simulation use the same object. Derivatives come from autograd in float64. The points
where phi is continuous but not smooth (its *kinks*) are declared, so that quadrature can split
there and the jumps of phi' can be counted.

``BUILTINS`` holds all that there is to know about a built-in activation. To add one, add a line
there and its name to the list in ``config.yaml``.

Importing this module does not import torch; the first activation that is built does.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgeofchaos.activation_checks import check_activation
from edgeofchaos.torch_state import own_state

if TYPE_CHECKING:
    import torch

    TorchFunction = Callable[[torch.Tensor], torch.Tensor]


class Activation:
    """An activation phi: R -> R, continuous and piecewise smooth, with declared kinks.

    Args:
        name: how tables and figures call it.
        fn: a torch function that maps a tensor to one of the same shape, elementwise.
        kinks: the points where phi' or phi'' jumps. phi itself must be continuous.

    Raises:
        ValueError: a kink is not finite, or ``fn`` changes the shape or dtype, returns NaN or an
            infinite value near 0, is not elementwise, changes its argument, cannot be
            differentiated, or jumps at a kink.

    Example:
        >>> import torch
        >>> bent = Activation("bent", lambda x: torch.relu(x) + 0.5 * x, kinks=[0.0])
        >>> bent([-2.0, 2.0])
        array([-1.,  3.])
    """

    def __init__(self, name: str, fn: TorchFunction, kinks: Iterable[float] = ()) -> None:
        self.name = str(name)
        self.fn = fn
        self.kinks = tuple(sorted({float(k) for k in kinks}))
        # What theory computes once per activation and then keeps, such as values at quadrature
        # nodes (theory/gaussian.py). Each module uses keys of its own.
        self.cache: dict[Any, Any] = {}
        if not all(math.isfinite(k) for k in self.kinks):
            raise ValueError(f"kinks of activation {name!r}: {self.kinks}; each must be finite")
        check_activation(self)

    def __repr__(self) -> str:
        return f"Activation({self.name!r}, kinks={self.kinks})"

    def __call__(self, x: Any) -> Any:
        """phi(x), elementwise: a tensor for a tensor, a float64 array for any array-like."""
        import torch

        if isinstance(x, torch.Tensor):
            return self.fn(x)
        with own_state(gradients=False):
            return self.fn(torch.from_numpy(np.array(x, dtype=np.float64))).numpy()

    def derivatives(
        self, u: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """(phi(u), phi'(u), phi''(u)) in float64, arrays of the shape of ``u``, by autograd.

        At a kink the values are whatever one-sided choice ``fn`` makes: use :meth:`one_sided`.

        Raises:
            ValueError: no gradient comes from ``fn``, though its values differ.

        Example:
            >>> value, slope, curvature = activation("tanh").derivatives(0.0)
            >>> float(value), float(slope)
            (0.0, 1.0)
        """
        import torch

        with own_state():
            x = torch.from_numpy(np.array(u, dtype=np.float64)).requires_grad_()
            value = self.fn(x)
            if not value.requires_grad and bool((value != value.flatten()[:1]).any()):
                raise ValueError(
                    f"activation {self.name!r}: autograd has no gradient of it; its output must "
                    "be computed from its argument by torch, and not detached"
                )
            first = _grad(value, x)
            second = _grad(first, x)
        return (value.numpy(force=True), first.numpy(force=True), second.numpy(force=True))

    def one_sided(self, point: float) -> NDArray[np.float64]:
        """The limits of (phi, phi', phi'') at ``point`` from the left and from the right.

        Returns an array of shape (2, 3): the left limits in row 0, the right ones in row 1.

        Example:
            >>> activation("relu").one_sided(0.0)[:, 1]
            array([0., 1.])
        """
        # The nearest floats; at 0 a tiny normal number, as denormals may be flushed to 0.
        step = 1e-200 if point == 0.0 else 0.0
        left = -step if step else math.nextafter(point, -math.inf)
        right = step if step else math.nextafter(point, math.inf)
        return np.stack(self.derivatives(np.array([left, right])), axis=1)

    @property
    def slope_jumps(self) -> NDArray[np.float64]:
        """phi'(k+) - phi'(k-) at each kink k, in the order of ``kinks``.

        phi'' has a Dirac mass (an *atom*) of this weight at k.
        """
        if "slope_jumps" not in self.cache:
            sides = [self.one_sided(k) for k in self.kinks]
            self.cache["slope_jumps"] = np.array([s[1, 1] - s[0, 1] for s in sides])
        return self.cache["slope_jumps"]

    @property
    def odd(self) -> bool:
        """Whether phi(-u) = -phi(u), to rounding, at 200 points from 1e-6 to 1e3."""
        if "odd" not in self.cache:
            u = np.geomspace(1e-6, 1e3, 200)
            above, below = self(u), self(-u)
            self.cache["odd"] = bool((np.abs(above + below) <= 1e-15 * np.abs(above)).all())
        return self.cache["odd"]

    @property
    def smooth(self) -> bool:
        """Whether no kink is declared."""
        return not self.kinks


def _grad(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """dy/dx of an elementwise y(x); zero where y does not depend on x."""
    import torch

    if not y.requires_grad:
        return torch.zeros_like(x)
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True, allow_unused=True)
    return torch.zeros_like(x) if slope is None else slope


def _softplus(torch: ModuleType) -> TorchFunction:
    """log(1 + exp(x)), exact to float64.

    Beyond its threshold torch returns x itself, which at its default of 20 is off by 2e-9; beyond
    40 the difference is below 1e-17.
    """
    return lambda x: torch.nn.functional.softplus(x, threshold=40.0)


@dataclass(frozen=True)
class Builtin:
    """A built-in activation: all that the project knows about it.

    Attributes:
        label: its name as people write it, for figures and pages.
        make: returns the torch function, given the torch module and the parameters by keyword.
        parameters: its parameters with their defaults.
        kinks: the points where phi' or phi'' jumps.
    """

    label: str
    make: Callable[..., TorchFunction]
    parameters: Mapping[str, float] = field(default_factory=dict)
    kinks: tuple[float, ...] = ()


BUILTINS: dict[str, Builtin] = {
    "relu": Builtin("ReLU", lambda torch: torch.nn.functional.relu, kinks=(0.0,)),
    "leaky_relu": Builtin(
        "Leaky ReLU",
        lambda torch, negative_slope: lambda x: torch.nn.functional.leaky_relu(x, negative_slope),
        {"negative_slope": 0.01},
        kinks=(0.0,),
    ),
    "identity": Builtin("identity", lambda torch: lambda x: 1.0 * x),
    "tanh": Builtin("Tanh", lambda torch: torch.tanh),
    "arctan": Builtin("Arctan", lambda torch: torch.arctan),
    "erf": Builtin("erf", lambda torch: torch.erf),
    "hardtanh": Builtin("Hard-Tanh", lambda torch: torch.nn.functional.hardtanh, kinks=(-1.0, 1.0)),
    "sigmoid": Builtin("sigmoid", lambda torch: torch.sigmoid),
    "swish": Builtin(
        "Swish", lambda torch, beta: lambda x: x * torch.sigmoid(beta * x), {"beta": 1.0}
    ),
    "elu": Builtin(
        "ELU",
        lambda torch, alpha: lambda x: torch.nn.functional.elu(x, alpha),
        {"alpha": 1.0},
        kinks=(0.0,),
    ),
    "selu": Builtin("SELU", lambda torch: torch.nn.functional.selu, kinks=(0.0,)),
    "softplus": Builtin("Softplus", _softplus),
    "shifted_softplus": Builtin(
        "Softplus − log 2", lambda torch: lambda x: _softplus(torch)(x) - math.log(2.0)
    ),
    "gelu": Builtin("GELU", lambda torch: torch.nn.functional.gelu),
    "mish": Builtin("Mish", lambda torch: lambda x: x * torch.tanh(_softplus(torch)(x))),
    "x_plus_half_tanh": Builtin(
        "$x+\\frac{1}{2}\\tanh x$", lambda torch: lambda x: x + 0.5 * torch.tanh(x)
    ),
}
# The built-ins asked for so far, by name and parameters.
_BUILT: dict[tuple[Any, ...], Activation] = {}


def names() -> tuple[str, ...]:
    """The names of the built-in activations.

    Example:
        >>> "swish" in names()
        True
    """
    return tuple(BUILTINS)


def activation(
    name: str | Activation, *, kinks: Iterable[float] = (), **parameters: float
) -> Activation:
    """A built-in activation by name, or a user's own by dotted path ``package.module:function``.

    Args:
        name: a built-in's name, a dotted path, or an Activation, which is returned as it is.
        kinks: the kinks of the function at a dotted path.
        parameters: of a built-in, such as Swish's beta.

    Returns:
        The Activation. The same built-in with the same parameters is returned as the same object,
        so what theory has computed for it is kept.

    Raises:
        ValueError: the name, a parameter or the path is unknown, or the function is unfit.

    Example:
        >>> activation("swish", beta=1.5)
        Activation('swish(beta=1.5)', kinks=())
        >>> activation("torch:abs", kinks=[0.0]).slope_jumps
        array([2.])
    """
    if isinstance(name, Activation):
        return name
    if not isinstance(name, str):
        raise ValueError(f"activation: {name!r}; allowed is a name or an Activation")
    if ":" in name:
        if parameters:
            raise ValueError(f"activation {name!r} takes no parameters, got {sorted(parameters)}")
        return _from_path(name, kinks)
    if name not in BUILTINS:
        raise ValueError(
            f"activation: {name!r} is unknown; allowed are {', '.join(BUILTINS)} "
            "or a dotted path package.module:function"
        )
    if tuple(kinks):
        raise ValueError(f"kinks: {tuple(kinks)} given for built-in {name!r}, which has its own")
    return _builtin(name, parameters)


def from_spec(name: str, spec: Mapping[str, Any] | None) -> Activation:
    """The activation that one entry of the config describes, under the name given there.

    ``spec`` is empty for the built-in of that name, or has ``builtin`` with its parameters, or
    ``function`` (a dotted path) with ``kinks``.

    Raises:
        ValueError: as :func:`activation`, or ``spec`` has keys that do not go together.

    Example:
        >>> from_spec("swish2", {"builtin": "swish", "beta": 2.0})
        Activation('swish2', kinks=())
    """
    entry = dict(spec or {})
    if "function" in entry:
        fn, kinks = entry.pop("function"), entry.pop("kinks", ())
        if entry:
            raise ValueError(f"activations.{name}: {sorted(entry)} not allowed beside 'function'")
        return Activation(name, _load(fn), kinks)
    base = activation(entry.pop("builtin", name), **entry)
    return base if base.name == name else Activation(name, base.fn, base.kinks)


def _builtin(name: str, parameters: dict[str, float]) -> Activation:
    builtin = BUILTINS[name]
    defaults = builtin.parameters
    for key, value in parameters.items():
        if key not in defaults:
            allowed = ", ".join(defaults) or "none"
            raise ValueError(f"activation {name!r}: parameter {key!r}; allowed: {allowed}")
        if not (isinstance(value, int | float) and math.isfinite(value)):
            raise ValueError(f"activation {name!r}: {key} = {value!r}; it must be a finite number")
    settings = {**defaults, **parameters}
    wanted = (name, *sorted(settings.items()))
    if wanted not in _BUILT:
        import torch

        shown = name if settings == defaults else f"{name}({_show(parameters)})"
        _BUILT[wanted] = Activation(shown, builtin.make(torch, **settings), builtin.kinks)
    return _BUILT[wanted]


def _show(parameters: dict[str, float]) -> str:
    return ", ".join(f"{k}={v:g}" for k, v in sorted(parameters.items()))


def _from_path(path: str, kinks: Iterable[float]) -> Activation:
    return Activation(path.partition(":")[2], _load(path), kinks)


def _load(path: str) -> TorchFunction:
    module, _, attribute = str(path).partition(":")
    try:
        fn = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # the user's own module: anything may come
        raise ValueError(
            f"activation: {path!r} cannot be loaded ({error}); allowed is package.module:function"
        ) from error
    if not callable(fn):
        raise ValueError(f"activation: {path!r} is a {type(fn).__name__}; it must be callable")
    return fn
