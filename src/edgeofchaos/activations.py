"""Activation functions, each defined once as an elementwise torch function.

Theory and simulation use the same object. Derivatives come from autograd in float64; the points
where phi is continuous but not smooth (its *kinks*) are declared, so that quadrature can split
there and the atoms of phi'' at them can be counted.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
import torch.nn.functional as functional

from edgeofchaos.builtin_names import BUILTINS

# float64 softplus equals its argument to 1e-17 beyond this; torch's default of 20 is off by 2e-9.
_SOFTPLUS_THRESHOLD = 40.0


class Activation:
    """An activation phi: R -> R, continuous and piecewise smooth, with declared kinks.

    Args:
        name: how tables and figures call it.
        fn: a torch function that maps a tensor to one of the same shape, elementwise.
        kinks: the points where phi' or phi'' jumps. phi itself must be continuous.

    Raises:
        ValueError: a kink is not finite, ``fn`` changes the shape or dtype, returns NaN or an
            infinite value near 0, is not elementwise, changes its argument, cannot be
            differentiated, or jumps at a kink.
    """

    def __init__(self, name: str, fn: Callable, kinks: Iterable[float] = ()):
        self.name = str(name)
        self.fn = fn
        self.kinks = tuple(sorted({float(k) for k in kinks}))
        self.cache: dict = {}  # what theory tabulates once per activation (see gaussian.py)
        if not all(math.isfinite(k) for k in self.kinks):
            raise ValueError(f"kinks of activation {name!r}: {self.kinks}; each must be finite")
        self._check()

    def __repr__(self) -> str:
        return f"Activation({self.name!r}, kinks={self.kinks})"

    def __call__(self, x):
        """phi(x), elementwise, for a tensor or anything NumPy can make an array of."""
        if isinstance(x, torch.Tensor):
            return self.fn(x)
        with torch.no_grad():
            return self.fn(torch.from_numpy(np.array(x, dtype=np.float64))).numpy()

    def derivatives(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(phi(u), phi'(u), phi''(u)) in float64, arrays of the shape of ``u``, by autograd.

        At a kink the values are whatever one-sided choice ``fn`` makes: use :meth:`one_sided`.
        """
        x = torch.from_numpy(np.array(u, dtype=np.float64)).requires_grad_()
        value = self.fn(x)
        first = _grad(value, x)
        second = _grad(first, x)
        return tuple(t.numpy(force=True) for t in (value, first, second))

    def one_sided(self, point: float) -> np.ndarray:
        """Left and right limits of (phi, phi', phi'') at ``point``: shape (2, 3)."""
        # The nearest floats; at 0 a tiny normal number, as denormals may be flushed.
        step = 1e-200 if point == 0.0 else 0.0
        left = -step if step else math.nextafter(point, -math.inf)
        right = step if step else math.nextafter(point, math.inf)
        return np.stack(self.derivatives(np.array([left, right])), axis=1)

    @property
    def slope_jumps(self) -> np.ndarray:
        """phi'(k+) - phi'(k-) at each kink k: the weights of the atoms of phi''."""
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

    def _check(self) -> None:
        probe = np.array([-3.0, -1.1, -1e-3, 0.0, 1e-3, 1.1, 3.0])
        given = torch.from_numpy(probe.copy())
        try:
            value = self.fn(given)
            alone = [self.fn(torch.tensor([u], dtype=torch.float64)) for u in probe]
        except Exception as error:  # the user's own code: anything may come
            raise ValueError(
                f"activation {self.name!r} failed on a float64 tensor: {error}"
            ) from error
        if not isinstance(value, torch.Tensor) or value.shape != probe.shape:
            tensor = isinstance(value, torch.Tensor)
            got = f"shape {tuple(value.shape)}" if tensor else type(value).__name__
            raise ValueError(
                f"activation {self.name!r} returned {got} for shape {probe.shape}; "
                "it must return a tensor of the shape of its argument"
            )
        if value.dtype != torch.float64:
            raise ValueError(
                f"activation {self.name!r} returned {value.dtype} for float64; keep the dtype"
            )
        if not bool(torch.isfinite(value).all()):
            bad = float(probe[int((~torch.isfinite(value)).nonzero()[0])])
            raise ValueError(f"activation {self.name!r} is not finite at {bad}; it must be")
        if not np.array_equal(given.numpy(), probe):
            raise ValueError(f"activation {self.name!r} changes its argument; it must not")
        for u, one, other in zip(probe, value.tolist(), alone, strict=True):
            if other.shape != (1,) or abs(one - float(other)) > 1e-12 * (1 + abs(one)):
                raise ValueError(
                    f"activation {self.name!r} is {one:g} at {u:g} among others and "
                    f"{other.tolist()} alone; it must be elementwise and the same at each call"
                )
        try:
            finite = all(np.isfinite(d[probe != 0]).all() for d in self.derivatives(probe))
        except RuntimeError as error:
            raise ValueError(
                f"activation {self.name!r} cannot be differentiated by autograd: {error}"
            ) from error
        if not finite:
            raise ValueError(f"activation {self.name!r} has a derivative that is not finite")
        # Quadrature panels end at 0 and +-2^k: a kink there would not be noticed by bisection.
        octaves = 2.0 ** np.arange(-6, 7)
        for point in sorted({0.0, *octaves, *-octaves} - set(self.kinks)):
            left, right = self.one_sided(point)[:, 1:]
            with np.errstate(invalid="ignore"):  # both infinite: refused where it is used
                jumps = np.abs(right - left) > 1e-6 * (1 + np.abs(left))
            if jumps.any():
                raise ValueError(
                    f"activation {self.name!r} has a kink at {point:g}; "
                    f"declare it in kinks=({point:g},)"
                )
        for kink in sorted({0.0, *self.kinks}):
            left, right = self.one_sided(kink)[:, 0]
            if abs(right - left) > 1e-9 * (1 + abs(left)):
                raise ValueError(
                    f"activation {self.name!r} jumps from {left:g} to {right:g} at {kink:g}; "
                    "phi must be continuous"
                )


def _grad(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """dy/dx of an elementwise y(x); zero where y does not depend on x."""
    if not y.requires_grad:
        return torch.zeros_like(x)
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True, allow_unused=True)
    return torch.zeros_like(x) if slope is None else slope


def _softplus(x):
    return functional.softplus(x, threshold=_SOFTPLUS_THRESHOLD)


# name -> (function of the parameters that returns phi, kinks)
_BUILTINS: dict[str, tuple[Callable[..., Callable], tuple[float, ...]]] = {
    "relu": (lambda: functional.relu, (0.0,)),
    "leaky_relu": (
        lambda negative_slope: lambda x: functional.leaky_relu(x, negative_slope),
        (0.0,),
    ),
    "identity": (lambda: lambda x: 1.0 * x, ()),
    "tanh": (lambda: torch.tanh, ()),
    "arctan": (lambda: torch.arctan, ()),
    "erf": (lambda: torch.erf, ()),
    "hardtanh": (lambda: functional.hardtanh, (-1.0, 1.0)),
    "sigmoid": (lambda: torch.sigmoid, ()),
    "swish": (lambda beta: lambda x: x * torch.sigmoid(beta * x), ()),
    "elu": (lambda alpha: lambda x: functional.elu(x, alpha), (0.0,)),
    "selu": (lambda: functional.selu, (0.0,)),
    "softplus": (lambda: _softplus, ()),
    "shifted_softplus": (lambda: lambda x: _softplus(x) - math.log(2.0), ()),
    "gelu": (lambda: functional.gelu, ()),
    "mish": (lambda: lambda x: x * torch.tanh(_softplus(x)), ()),
    "x_plus_half_tanh": (lambda: lambda x: x + 0.5 * torch.tanh(x), ()),
}
_BUILT: dict[tuple, Activation] = {}


def names() -> tuple[str, ...]:
    """The built-in activations."""
    return tuple(BUILTINS)


def activation(name: str, *, kinks: Iterable[float] = (), **parameters: float) -> Activation:
    """A built-in activation by name, or a user's own by dotted path ``package.module:function``.

    Built-ins take their parameters by keyword: ``activation("swish", beta=1.5)``. The same
    built-in is returned as the same object, so what theory tabulates for it is kept.

    Raises:
        ValueError: the name, a parameter or the path is unknown, or the function is unfit.
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


def from_spec(name: str, spec: dict | None) -> Activation:
    """The activation that one entry of the config describes.

    ``spec`` is empty for the built-in of that name, or has ``builtin`` with its parameters, or
    ``function`` (a dotted path) with ``kinks``.

    Raises:
        ValueError: as :func:`activation`, or ``spec`` has keys that do not go together.
    """
    spec = dict(spec or {})
    if "function" in spec:
        fn, kinks = spec.pop("function"), spec.pop("kinks", ())
        if spec:
            raise ValueError(f"activations.{name}: {sorted(spec)} not allowed beside 'function'")
        return Activation(name, _load(fn), kinks)
    base = activation(spec.pop("builtin", name), **spec)
    return base if base.name == name else Activation(name, base.fn, base.kinks)


def _builtin(name: str, parameters: dict[str, float]) -> Activation:
    defaults = BUILTINS[name]
    for key, value in parameters.items():
        if key not in defaults:
            allowed = ", ".join(defaults) or "none"
            raise ValueError(f"activation {name!r}: parameter {key!r}; allowed: {allowed}")
        if not (isinstance(value, int | float) and math.isfinite(value)):
            raise ValueError(f"activation {name!r}: {key} = {value!r}; it must be a finite number")
    settings = {**defaults, **parameters}
    key = (name, *sorted(settings.items()))
    if key not in _BUILT:
        make, kinks = _BUILTINS[name]
        label = name if settings == defaults else f"{name}({_show(parameters)})"
        _BUILT[key] = Activation(label, make(**settings), kinks)
    return _BUILT[key]


def _show(parameters: dict[str, float]) -> str:
    return ", ".join(f"{k}={v:g}" for k, v in sorted(parameters.items()))


def _from_path(path: str, kinks: Iterable[float]) -> Activation:
    return Activation(path.partition(":")[2], _load(path), kinks)


def _load(path: str) -> Callable:
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
