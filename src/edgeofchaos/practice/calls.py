"""What calls of torch other than layers do to the laws of their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from edgeofchaos.practice import operations as ops
from edgeofchaos.practice.laws import (
    Law,
    Unknown,
    add,
    constant,
    dropped,
    field,
    leading,
    times,
)
from edgeofchaos.practice.passage import Adjoint, Passage, by, transposed

if TYPE_CHECKING:
    from edgeofchaos.practice.tracks import Track
    from edgeofchaos.practice.watching import Watch

_FEW = 16  # units over which a group's statistics are far from their expectation


def called(
    watch: Watch, name: str, func: Any, args: Any, kwargs: Any, tracks: dict[int, Track], out: Any
) -> Any:
    """The track of what a call returns, or a list of one a tensor.

    Raises:
        Unknown: the theory does not follow it.
    """
    x = args[0] if args else kwargs.get("input")
    track = tracks.get(id(x))
    if name in ops.KEEPS and track is not None:
        return track
    if name == "pad":
        return _padded(watch, track, func, args, kwargs)
    if name in ops.MOVES:
        return _moved(watch, func, args, kwargs, tracks, out)
    if name in ("add", "sub"):
        return _added(watch, name, args, kwargs, tracks)
    if name in ("mul", "div", "neg") and len(tracks) == 1:
        return _scaled(watch, name, args, tracks, out)
    if track is None:
        raise Unknown(ops.why_unknown(name))
    if (phi := ops.activation_of(name, func, args, kwargs)) is not None:
        return watch.activated(track, phi)
    if name in ops.DROPOUTS:
        return _dropout(watch, track, args, kwargs)
    if name in ("layer_norm", "rms_norm"):
        return _layer_norm(watch, track, name, args, kwargs)
    if name == "group_norm":
        return _group_norm(watch, track, x, args, kwargs)
    if name == "batch_norm":
        return _batch_norm(watch, track, x, args, kwargs)
    raise Unknown(ops.why_unknown(name))


def _both(adjoint: Adjoint, variance: float = 0.0, slope: float = 1.0) -> tuple[Passage, Passage]:
    """The same passage for both laws."""
    passage = Passage(adjoint, variance, slope=slope)
    return passage, passage


def _changed(value: Any, of: Any) -> Any:
    """Arguments with every tensor replaced."""
    if isinstance(value, torch.Tensor):
        return of(value)
    if isinstance(value, dict):
        return {key: _changed(item, of) for key, item in value.items()}
    if isinstance(value, list | tuple):
        changed = [_changed(item, of) for item in value]
        return changed if isinstance(value, list) else tuple(changed)
    return value


def _moved(
    watch: Watch, func: Any, args: Any, kwargs: Any, tracks: dict[int, Track], out: Any
) -> Any:
    parents = list({id(t): t for t in tracks.values()}.values())
    # A view asks for a layout in memory that fields do not have.
    same = {"view": torch.Tensor.reshape, "view_as": torch.Tensor.reshape_as}
    name = ops.plain_name(func)
    in_place = getattr(func, "__name__", "") == f"{name}_"
    move = same.get(name, getattr(torch.Tensor, name) if in_place else func)

    def part(which: int, name: str) -> list[torch.Tensor]:
        def of(tensor: torch.Tensor) -> torch.Tensor:
            if id(tensor) in tracks:
                value: torch.Tensor = getattr(tracks[id(tensor)].laws[which], name)
                return value
            if not tensor.is_floating_point():
                return tensor.to("cpu")
            at = field(tensor)
            if name == "home":
                try:
                    return leading(at.shape, watch.count)
                except Unknown:
                    return torch.zeros_like(at)
            return at**2 if name == "q" else torch.zeros_like(at) if name == "d" else at

        made = move(*_changed(args, of), **_changed(kwargs, of))
        return list(made) if isinstance(made, list | tuple) else [made]

    laws = []
    for which in (0, 1):
        parts = [part(which, name) for name in ("q", "d", "mean", "home")]
        base = parents[0].laws[which]
        sources = frozenset[Any]().union(*(p.laws[which].sources for p in parents))
        log_q = max(p.laws[which].log_q for p in parents)
        log_d = max(p.laws[which].log_d for p in parents)
        normal = all(p.laws[which].normal for p in parents) and _all_known(args, tracks)
        laws.append(
            [
                Law(q, d, mean, home, base.normal and normal, sources, log_q, log_d)
                for q, d, mean, home in zip(*parts, strict=True)
            ]
        )

    def alone(parent: Track) -> Any:
        """The move as a function of one of the fields."""

        def of_one(x: torch.Tensor) -> Any:
            def of(tensor: torch.Tensor) -> torch.Tensor:
                if tracks.get(id(tensor)) is parent:
                    return x
                return field(tensor) if tensor.is_floating_point() else tensor.to("cpu")

            return move(*_changed(args, of), **_changed(kwargs, of))

        return of_one

    passed = [[_both(back) for back in transposed(alone(p), p.node.shape)] for p in parents]
    made = [
        watch.after(list(zip(parents, ways, strict=True)), pair)
        for ways, pair in zip(zip(*passed, strict=True), zip(*laws, strict=True), strict=True)
    ]
    return made if isinstance(out, list | tuple) else made[0]


def _all_known(args: Any, tracks: dict[int, Track]) -> bool:
    first = args[0] if args else None
    return not isinstance(first, list | tuple) or all(
        id(t) in tracks for t in first if isinstance(t, torch.Tensor)
    )


def _padded(watch: Watch, track: Track | None, func: Any, args: Any, kwargs: Any) -> Track:
    mode = kwargs.get("mode", args[2] if len(args) > 2 else "constant")
    value = kwargs.get("value", args[3] if len(args) > 3 else None)
    if track is None or (mode == "constant" and value):
        raise Unknown("it is padded with a number other than 0", "padding")

    def pad(x: torch.Tensor) -> torch.Tensor:
        padded: torch.Tensor = func(
            x, *args[1:], **{k: v for k, v in kwargs.items() if k != "input"}
        )
        return padded

    laws = []
    for law in track.laws:
        wide = pad(law.q)
        home = leading(wide.shape, watch.count)
        laws.append(Law(wide, pad(law.d), pad(law.mean), home, law.normal and mode != "constant",
                        law.sources, law.log_q, law.log_d))  # fmt: skip
    (back,) = transposed(pad, track.node.shape)
    return watch.after([(track, _both(back))], (laws[0], laws[1]), "padding")


def _added(watch: Watch, name: str, args: Any, kwargs: Any, tracks: dict[int, Track]) -> Track:
    one, two = (*args, kwargs.get("other"))[:2]
    alpha = float(kwargs.get("alpha", 1.0)) * (1.0 if name == "add" else -1.0)
    known = [(t, s) for t, s in ((one, 1.0), (two, alpha)) if id(t) in tracks]
    parts = [(tracks[id(t)], s) for t, s in known]
    laws = []
    for which in (0, 1):
        first = times(parts[0][0].laws[which], parts[0][1])
        if len(parts) == 2:
            laws.append(add(first, times(parts[1][0].laws[which], parts[1][1])))
            continue
        other, scale = (two, alpha) if known[0][0] is one else (one, 1.0)
        _same_for_all(other, first, watch.count)
        at = constant(other, first)
        still = bool((at.q == 0).all())
        laws.append(first if still else add(first, times(at, scale)))
    total = float(laws[0].q.mean())
    squares = []
    for track, s in parts:
        share = s**2 * float(track.laws[0].q.mean()) / total if total > 0 else 1.0
        squares.append((track, _both(by(s**2, track.node.shape), slope=min(share, 1.0))))
    path = ("residual sum",) if len(parts) == 2 else ()
    return watch.after(squares, (laws[0], laws[1]), *path)


def _same_for_all(other: Any, law: Law, count: int) -> None:
    """Raise Unknown where what no input is known to stand behind may differ between inputs."""
    if isinstance(other, torch.Tensor) and other.dim() == law.q.dim() and other.shape[0] == count:
        if not bool((other == other[:1]).all()):
            raise Unknown("it meets a tensor that differs between inputs and is not followed")
    elif not isinstance(other, torch.Tensor) and not ops.is_number(other):
        raise Unknown("it meets what is no number")


def _scaled(watch: Watch, name: str, args: Any, tracks: dict[int, Track], out: Any) -> Track:
    (track,) = tracks.values()
    if name == "neg":
        scale: Any = -1.0
    else:
        x, other = args[0], args[1]
        if id(x) not in tracks:
            if name == "div":
                raise Unknown("a quotient by what depends on the inputs")
            x, other = other, x
        if id(other) in tracks:
            raise Unknown(ops.why_unknown("mul"))
        _same_for_all(other, track.laws[0], watch.count)
        scale = ops.scale_of(name, other)
    laws = (times(track.laws[0], scale), times(track.laws[1], scale))
    square = field(torch.as_tensor(scale)) ** 2
    return watch.after([(track, _both(by(square, track.node.shape)))], laws)


def _dropout(watch: Watch, track: Track, args: Any, kwargs: Any) -> Track:
    p = float(kwargs.get("p", args[1] if len(args) > 1 else 0.5))
    training = bool(kwargs.get("training", args[2] if len(args) > 2 else True))
    if not training or p == 0.0:
        return track
    laws = (dropped(track.laws[0], p, watch.count), dropped(track.laws[1], p, watch.count))
    gain = by(1 / (1 - p), track.node.shape)
    passed = _both(gain, variance=3.0 * p / (1 - p) / track.width)
    return watch.after([(track, passed)], laws, "dropout")


def _layer_norm(watch: Watch, track: Track, name: str, args: Any, kwargs: Any) -> Track:
    centre = name == "layer_norm"
    names = ("normalized_shape", "weight", "bias", "eps") if centre else (
        "normalized_shape", "weight", "eps")  # fmt: skip
    given = dict(zip(names, args[1:], strict=False)) | kwargs
    dims = tuple(range(-len(given["normalized_shape"]), 0))
    eps = given.get("eps")
    eps = (1e-5 if centre else torch.finfo(torch.float32).eps) if eps is None else eps
    label = "LayerNorm" if centre else "RMSNorm"
    return watch.normed(
        track, dims, float(eps), given.get("weight"), given.get("bias"), centre, label
    )


def _group_norm(watch: Watch, track: Track, x: torch.Tensor, args: Any, kwargs: Any) -> Track:
    given = dict(zip(("groups", "weight", "bias", "eps"), args[1:], strict=False)) | kwargs
    groups = int(given.get("num_groups", given.get("groups")))
    if x.shape[1] // groups < _FEW:
        raise Unknown(
            f"GroupNorm takes its statistics from {x.shape[1] // groups} channels each", "GroupNorm"
        )
    dims = tuple(range(1, x.dim()))
    weight, bias = _by_channel(given.get("weight"), x), _by_channel(given.get("bias"), x)
    return watch.normed(track, dims, float(given.get("eps", 1e-5)), weight, bias, True, "GroupNorm")


def _by_channel(value: Any, x: torch.Tensor) -> Any:
    return None if value is None else value.reshape(1, -1, *[1] * (x.dim() - 2))


def _batch_norm(watch: Watch, track: Track, x: torch.Tensor, args: Any, kwargs: Any) -> Track:
    names = ("running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
    given = dict(zip(names, args[1:], strict=False)) | kwargs
    mean, variance = given.get("running_mean"), given.get("running_var")
    if given.get("training") or mean is None or variance is None:
        raise Unknown(
            "BatchNorm in training mode divides by what it measures over the batch", "BatchNorm"
        )
    scale = (variance.detach() + float(given.get("eps", 1e-5))).rsqrt()
    if given.get("weight") is not None:
        scale = scale * given["weight"].detach()
    shift = -mean * scale
    if given.get("bias") is not None:
        shift = shift + given["bias"].detach()
    scale, shift = _by_channel(scale, x), _by_channel(shift, x)
    laws = []
    for law in track.laws:
        moved = times(law, scale)
        laws.append(add(moved, constant(shift, moved)) if bool((shift != 0).any()) else moved)
    passed = _both(by(field(scale) ** 2, track.node.shape))
    return watch.after([(track, passed)], (laws[0], laws[1]), "BatchNorm")
