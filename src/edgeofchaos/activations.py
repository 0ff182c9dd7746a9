"""Activation functions, each defined once as an elementwise torch function.

Theory and simulation use the same object. Derivatives come from autograd in float64. The points
where phi is continuous but not smooth (its *kinks*) are declared or found (:mod:`.panels`), so that
quadrature can split there and the jumps of phi' can be counted.

The built-in ones are in :mod:`.builtins`.

Importing this module does not import torch; the first activation that is built does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgeofchaos.activation_checks import check_activation
from edgeofchaos.arguments import OWN_ERRORS, each, number, numbers, one_line, shown, wrong
from edgeofchaos.builtins import BUILTINS, alike, canonical, of_function, of_module
from edgeofchaos.own_code import frozen, load, made
from edgeofchaos.panels import FOUND, Patch, one_sided
from edgeofchaos.torch_state import own_state

if TYPE_CHECKING:
    import torch

    from edgeofchaos.builtins import TorchFunction


_FARTHEST = 1e100  # of points where limits of phi are asked for


class Activation:
    """An activation phi: R -> R, continuous and piecewise smooth, with declared kinks.

    Args:
        name: how tables and figures call it.
        fn: a torch function that maps a tensor to one of the same shape, elementwise.
        kinks: the points where phi' or phi'' jumps. phi itself must be continuous.

    Raises:
        ValueError: the name is no line of text, a kink is not finite, or ``fn`` is no function or
            changes the shape or dtype, returns NaN or an infinite value near 0, is not elementwise,
            changes its argument, cannot be differentiated, or jumps at a kink.

    Example:
        >>> import torch
        >>> bent = Activation("bent", lambda x: torch.relu(x) + 0.5 * x, kinks=[0.0])
        >>> bent([-2.0, 2.0])
        array([-1.,  3.])
    """

    def __init__(self, name: str, fn: TorchFunction, kinks: Iterable[float] = ()) -> None:
        if not isinstance(name, str) or not name.strip() or len(name.splitlines()) > 1:
            raise wrong("name", name, "a line of text")
        if not callable(fn):
            raise wrong(f"activation {name!r}: fn", fn, "a function of torch tensors")
        self.name = name
        self.fn = fn
        self.kinks = tuple(sorted(set(each("kinks", kinks, _place))))
        # What theory computes once per activation and then keeps, such as values at quadrature
        # nodes (theory/gaussian.py). Each module uses keys of its own.
        self.cache: dict[Any, Any] = {}
        # Where autograd loses the digits of phi' and phi'' and phi has its own.
        self.patches: tuple[Patch, ...] = ()
        check_activation(self)

    def __repr__(self) -> str:
        return f"Activation({self.name!r}, kinks={self.kinks})"

    def __call__(self, x: Any) -> Any:
        """phi(x), elementwise: a tensor for a tensor, a float64 array for any array-like.

        Raises:
            ValueError: x is no array of real numbers, or ``fn`` fails there.
        """
        import torch

        if isinstance(x, torch.Tensor):
            return self.fn(x)
        with own_state(gradients=False):
            given = _copied("x", x, finite=False)
            # As a vector: a function may want an axis to work along.
            return self._value(torch.from_numpy(np.atleast_1d(given))).numpy().reshape(given.shape)

    def _value(self, x: torch.Tensor) -> torch.Tensor:
        """fn(x), whose errors are told in one line."""
        import torch

        try:
            value = self.fn(x)
        except OWN_ERRORS as error:
            raise ValueError(
                f"activation {self.name!r} failed on a float64 tensor: {one_line(error)}"
            ) from error
        if not isinstance(value, torch.Tensor) or value.shape != x.shape:
            raise ValueError(
                f"activation {self.name!r} does not keep the shape {tuple(x.shape)}; it must "
                "return a tensor of the shape of its argument"
            )
        return value

    def derivatives(
        self, u: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """(phi(u), phi'(u), phi''(u)) in float64, arrays of the shape of ``u``, by autograd.

        At a kink the values are whatever one-sided choice ``fn`` makes: use :meth:`one_sided`.

        Raises:
            ValueError: u is no array of finite numbers, or ``fn`` fails there, or no gradient
                comes from it, though its values differ.

        Example:
            >>> value, slope, curvature = activation("tanh").derivatives(0.0)
            >>> float(value), float(slope)
            (0.0, 1.0)
        """
        import torch

        with own_state():
            given = _copied("u", u)
            x = torch.from_numpy(np.atleast_1d(given)).requires_grad_()
            value = self._value(x)
            apart = value.numel() > 0 and bool((value != value.flatten()[0]).any())
            if not value.requires_grad and apart:
                raise ValueError(
                    f"activation {self.name!r}: autograd has no gradient of it; its output must "
                    "be computed from its argument by torch, and not detached"
                )
            first = _grad(value, x)
            second = _grad(first, x)
        slope, curvature = first.numpy(force=True), second.numpy(force=True)
        for patch in self.patches:
            covered = patch.covers(np.atleast_1d(given))
            slope = np.where(covered, patch.derivative(np.atleast_1d(given), 1), slope)
            curvature = np.where(covered, patch.derivative(np.atleast_1d(given), 2), curvature)
        shape = given.shape
        return (
            value.numpy(force=True).reshape(shape),
            slope.reshape(shape),
            curvature.reshape(shape),
        )

    def one_sided(self, point: float) -> NDArray[np.float64]:
        """The limits of (phi, phi', phi'') at ``point`` from the left and from the right.

        Returns an array of shape (2, 3): the left limits in row 0, the right ones in row 1.

        Raises:
            ValueError: ``point`` is no finite number, or there is no such limit.

        Example:
            >>> activation("relu").one_sided(0.0)[:, 1]
            array([0., 1.])
        """
        point = _place("point", point)
        key = ("one_sided", point)
        if key not in self.cache:
            self.cache[key] = _kept(one_sided(self, point))
        return self.cache[key]

    def add_kinks(self, points: Iterable[float]) -> None:
        """Add kinks that were found; one that is as good as a known one takes its place.

        Raises:
            ValueError: one is no finite number.
        """
        new = each("points", points, _place)
        kept = [k for k in self.kinks if all(abs(k - p) > 1e-9 * max(abs(k), abs(p)) for p in new)]
        self.kinks = tuple(sorted({*kept, *new}))
        # What was computed without these kinks is computed again.
        self.cache = {key: self.cache[key] for key in FOUND if key in self.cache}

    @property
    def slope_jumps(self) -> NDArray[np.float64]:
        """phi'(k+) - phi'(k-) at each kink k, in the order of ``kinks``.

        phi'' has a Dirac mass (an *atom*) of this weight at k.
        """
        if "slope_jumps" not in self.cache:
            sides = [self.one_sided(k) for k in self.kinks]
            self.cache["slope_jumps"] = _kept(np.array([s[1, 1] - s[0, 1] for s in sides]))
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
        """Whether no kink is declared or was found."""
        return not self.kinks


def _place(name: str, value: Any) -> float:
    """A point u, and not one so far out that panels beside it overflow."""
    found = number(name, value)
    if abs(found) > _FARTHEST:
        raise wrong(name, value, f"a finite number from {-_FARTHEST:g} to {_FARTHEST:g}")
    return found


def _copied(name: str, value: ArrayLike, *, finite: bool = True) -> NDArray[np.float64]:
    """A copy of an array-like: fn may change its argument."""
    return np.array(numbers(name, value, finite=finite))


def _kept(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """An array that is kept, and that whoever gets it cannot change."""
    array.flags.writeable = False
    return array


def _grad(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """dy/dx of an elementwise y(x); zero where y does not depend on x."""
    import torch

    if not y.requires_grad:
        return torch.zeros_like(x)
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True, allow_unused=True)
    return torch.zeros_like(x) if slope is None else slope


# The built-ins asked for so far, by name and parameters.
_BUILT: dict[tuple[Any, ...], Activation] = {}
_NAMED: dict[str, Activation] = {}  # the built-ins that were asked for, by what was written


def names() -> tuple[str, ...]:
    """The names of the built-in activations.

    Example:
        >>> "swish" in names()
        True
    """
    return tuple(BUILTINS)


def activation(name: Any, *, kinks: Iterable[float] = (), **parameters: float) -> Activation:
    """The activation that a name, a torch function or a torch module stands for.

    Args:
        name: a built-in's name, as people write it (``silu``, ``SiLU`` and ``swish`` are one), with
            parameters in brackets if wanted; a path to a function or a module, ``torch.nn.SiLU`` or
            ``package.module:function``; a function of torch tensors; a class of torch modules, or a
            module, whose parameters are taken as they are now; or an Activation, which is returned
            as it is.
        kinks: where a function of your own has kinks.
        parameters: of a built-in, such as Swish's beta.

    Returns:
        The Activation. The same built-in with the same parameters is returned as the same object,
        so what theory has computed for it is kept.

    Raises:
        ValueError: the name, a parameter or the path is unknown, or the function is unfit.

    Example:
        >>> activation("swish", beta=1.5) is activation("SiLU(beta=1.5)")
        True
        >>> activation("torch.nn.Hardswish")
        Activation('hard_swish', kinks=(-3.0, 3.0))
        >>> activation("torch:abs", kinks=[0.0]).slope_jumps
        array([2.])
    """
    kinks = tuple(each("kinks", kinks, _place))
    if isinstance(name, Activation):
        if kinks or parameters:
            raise ValueError(
                f"activation {name.name!r} is an Activation; kinks and parameters are its own"
            )
        return name
    if isinstance(name, str):
        return _by_name(name, kinks, parameters)
    if not callable(name):
        raise ValueError(
            f"activation: {shown(name)}; allowed is a name, a function of torch tensors, a torch "
            "module or an Activation"
        )
    title = getattr(name, "__name__", type(name).__name__)
    if parameters and not isinstance(name, type):
        raise ValueError(f"activation {title!r} takes no parameters, got {sorted(parameters)}")
    return _from_callable(title, name, kinks, parameters)


def _by_name(name: str, kinks: tuple[float, ...], parameters: Mapping[str, float]) -> Activation:
    plain = not kinks and not parameters
    if plain and name in _NAMED:
        return _NAMED[name]
    called = re.fullmatch(r"\s*([^()]*?)\s*\((.*)\)\s*", name)
    bare, given = (called[1], _parsed(name, called[2])) if called else (name.strip(), {})
    parameters = {**given, **parameters}
    if (known := canonical(bare)) is not None:
        if kinks:
            raise ValueError(f"kinks: {kinks} given for built-in {known!r}, which has its own")
        found = _builtin(known, parameters)
        if plain:
            _NAMED[name] = found
        return found
    if ":" not in bare and "." not in bare:
        hint = f" (did you mean {', '.join(alike(bare))}?)" if alike(bare) else ""
        raise ValueError(
            f"activation: {shown(name)} is unknown{hint}; allowed are {', '.join(BUILTINS)} "
            "or a dotted path package.module:function"
        )
    found = load(bare)
    title = bare.rpartition(":")[2].rpartition(".")[2]
    if parameters and not isinstance(found, type):
        raise ValueError(f"activation {name!r} takes no parameters, got {sorted(parameters)}")
    return _from_callable(title, found, kinks, parameters)


def _parsed(name: str, text: str) -> dict[str, float]:
    """The numbers of ``key=number, key=number``."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = part.partition("=")
        try:
            found[key.strip()] = float(value)
        except ValueError:
            raise ValueError(
                f"activation: {shown(name)}: {shown(part)} is no parameter; allowed is "
                "NAME=NUMBER, as in 'swish(beta=2)'"
            ) from None
    return found


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
    if not isinstance(spec, Mapping | None):
        raise wrong(f"activations.{name}", spec, "nothing, or keys with values")
    entry = dict(spec or {})
    if "function" in entry:
        fn, kinks = entry.pop("function"), entry.pop("kinks", ())
        if entry:
            raise ValueError(f"activations.{name}: {sorted(entry)} not allowed beside 'function'")
        found = _from_callable(name, load(str(fn)), tuple(each("kinks", kinks, _place)), {})
        return found if found.name == name else Activation(name, found.fn, kinks or found.kinks)
    base = activation(entry.pop("builtin", name), **entry)
    return base if base.name == name else Activation(name, base.fn, base.kinks)


def _builtin(name: str, parameters: Mapping[str, float]) -> Activation:
    builtin = BUILTINS[name]
    defaults = builtin.parameters
    for key in parameters:
        if key not in defaults:
            allowed = ", ".join(defaults) or "none"
            raise ValueError(f"activation {name!r}: parameter {key!r}; allowed: {allowed}")
    given = {k: number(f"activation {name!r}: {k}", v) for k, v in parameters.items()}
    settings = {**defaults, **given}
    wanted = (name, *sorted(settings.items()))
    if wanted not in _BUILT:
        import torch

        title = name if settings == defaults else f"{name}({_show(given)})"
        fn = builtin.make(torch, **settings)
        _BUILT[wanted] = Activation(title, fn, builtin.kinks_of(settings))
    return _BUILT[wanted]


def _show(parameters: Mapping[str, float]) -> str:
    return ", ".join(f"{k}={v:g}" for k, v in sorted(parameters.items()))


def _from_callable(
    name: str, fn: Any, kinks: tuple[float, ...], parameters: Mapping[str, float]
) -> Activation:
    """The activation of a function, of a class of torch modules or of a module."""
    import torch

    if isinstance(fn, type):
        fn = made(name, fn, dict(parameters))
    if isinstance(fn, torch.nn.Module):
        known = None if kinks else of_module(fn)
        return _builtin(*known) if known else Activation(name, frozen(name, fn), kinks)
    same = None if kinks else of_function(fn)
    return _builtin(same, {}) if same else Activation(name, fn, kinks)
