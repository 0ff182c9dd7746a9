"""Running a model once and seeing, in order, every call of torch that it makes.

Beside every tensor two laws are kept: one followed from the inputs on, and one that starts again
from what is measured at each layer. What the theory does not follow is measured, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from edgeofchaos.arguments import OWN_ERRORS, one_line
from edgeofchaos.practice import operations as ops
from edgeofchaos.practice.calls import called
from edgeofchaos.practice.laws import (
    Law,
    Unknown,
    leading,
    measured,
    normalised,
    through_activation,
)
from edgeofchaos.practice.passage import Passage
from edgeofchaos.practice.seen import FEW, Layer, Seen, layer_of
from edgeofchaos.practice.tracks import Node, Track, differentiable, edge_of, joined, tensors_in


class Watch(TorchFunctionMode):
    """Sees every call of torch while it is entered.

    Attributes:
        nodes: of all tensors that were followed, in order.
        seen: the layers, in order.
    """

    def __init__(self, model: nn.Module, count: int) -> None:
        super().__init__()
        self.count = count
        self.nodes: list[Node] = []
        self.seen: list[Seen] = []
        self._known: dict[int, tuple[torch.Tensor, int, Track]] = {}
        self._stack: list[tuple[str, nn.Module]] = []
        self._whole: list[tuple[nn.Module, Any, Track | None]] = []
        self._times: Counter[str] = Counter()
        self._numbers: dict[int, torch.Tensor] = {}  # whole ones that inputs are, or make
        self._owners = {
            id(p): name.rpartition(".")[0] or type(model).__name__
            for name, p in model.named_parameters()
        }

    # Modules.

    def hooks(self, model: nn.Module) -> list[Any]:
        """Hooks on every module of the model, to be removed."""
        handles = []
        for name, module in model.named_modules():
            called_so = name or type(model).__name__
            # What hooks of others make of a module is seen call by call.
            rule = None if _is_hooked(module) else _whole_rule(module)
            before = self._entering(called_so, rule)
            handles.append(module.register_forward_pre_hook(before, with_kwargs=True))
            handles.append(module.register_forward_hook(self._left, always_call=True))
        return handles

    def _entering(self, name: str, rule: Any) -> Callable[..., None]:
        def hook(module: nn.Module, args: Any, kwargs: Any) -> None:
            self._stack.append((name, module))
            if self._whole or rule is None:
                return
            with torch._C.DisableTorchFunction():
                x = args[0] if args else None
                self._whole.append((module, rule, self.track(x)))

        return hook

    def _left(self, module: nn.Module, args: Any, output: Any) -> None:
        if not self._stack or self._stack[-1][1] is not module:  # its own pre-hook failed
            return
        self._stack.pop()
        if self._whole and self._whole[-1][0] is module:
            _, rule, track = self._whole.pop()
            if track is not None and isinstance(output, torch.Tensor):
                with torch._C.DisableTorchFunction(), torch.no_grad():
                    self._guarded(lambda: rule(self, track), [track], output, type(module).__name__)

    # Calls.

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if self._whole:
            return func(*args, **kwargs)
        given = list(tensors_in((args, kwargs)))
        whole = any(self._numbers.get(id(t)) is t for t in given)
        tracks = {id(t): track for t in given if (track := self.track(t)) is not None}
        out = func(*args, **kwargs)
        name = ops.plain_name(func)
        floats = [t for t in tensors_in(out) if t.is_floating_point()]
        if whole and not tracks:
            self._keep(t for t in tensors_in(out) if not t.is_floating_point())
        embedded = whole and floats and floats[0].dim() and floats[0].shape[0] == self.count
        if not floats or not (tracks or embedded) or name.startswith("set"):
            return out
        with torch.no_grad():
            if embedded and not tracks:  # what is looked up enters the net as inputs do
                self.inputs(floats)
                return out
            return self._follow(name, func, args, kwargs, tracks, out, floats)

    def _follow(
        self, name: str, func: Any, args: Any, kwargs: Any, tracks: dict[int, Track], out: Any,
        floats: list[torch.Tensor],
    ) -> Any:  # fmt: skip
        found: Layer | None = None
        with suppress(*OWN_ERRORS):
            found = layer_of(name, args, kwargs, out)
        weighted = found is not None and id(found.parameter) not in tracks
        if found is not None and weighted and id(found.x) in tracks:
            return self._at_layer(found, tracks[id(found.x)], out)
        if name == "multi_head_attention_forward" and floats[0] is out[0]:
            return (self._attention(kwargs, args, tracks, out[0]), *out[1:])
        parents = list(tracks.values())
        call = partial(called, self, name, func, args, kwargs, tracks, out)
        self._guarded(call, parents, out, name)
        return out

    def _guarded(self, rule: Callable[[], Any], parents: list[Track], out: Any, name: str) -> None:
        """What ``rule`` says of the output; measured, and why, where it does not know."""
        try:
            rule_made = rule()
            outs = [t for t in tensors_in(out)]
            made = rule_made if isinstance(rule_made, list) else [rule_made]
            for tensor, track in zip(outs, made, strict=True):
                for law in track.laws:
                    if law.q.shape != tensor.shape or law.d.shape != tensor.shape:
                        raise Unknown(f"the theory loses the shape in {name}")
                self.know(tensor, track)
        except Unknown as why:
            self._measure(out, parents, str(why), why.label)
        except OWN_ERRORS as error:
            self._measure(out, parents, f"{name}: {one_line(error)}")

    def _measure(self, out: Any, parents: list[Track], why: str, label: str = "") -> None:
        for track in parents:
            track.node.cut = True
            self._ask(track)
        for tensor in (t for t in tensors_in(out) if t.is_floating_point()):
            try:
                home = self._home(tensor, parents)
                sources = frozenset([object()]).union(*(p.laws[0].sources for p in parents))
                law = measured(tensor, home, self.count, sources)
            except (Unknown, RuntimeError):
                self._known.pop(id(tensor), None)
                continue
            width = parents[0].width if parents else tensor.shape[-1]
            path = (*joined(p.path for p in parents), *([label] if label else []))
            reasons = joined([*(p.reasons for p in parents), (why,)])
            self.know(tensor, Track((law, law), self.node(tensor.shape), width, path, reasons))

    def _ask(self, track: Track) -> None:
        """Have the gradient at a tensor measured."""
        if track.node.edge is None:
            track.node.edge = next(
                (edge_of(t) for t, _, k in self._known.values() if k.node is track.node), None
            )

    def _home(self, tensor: torch.Tensor, parents: list[Track]) -> Any:
        for track in parents:
            home = track.laws[0].home
            if home.shape == tensor.shape:
                return home
            if home.dim() == tensor.dim() and home.shape[:-1] == tensor.shape[:-1]:
                return home[..., :1].expand(tensor.shape)
        return leading(tensor.shape, self.count)

    # Layers.

    def _at_layer(self, found: Layer, track: Track, out: torch.Tensor) -> torch.Tensor:
        out = differentiable(out)
        name, kind = self._name(found)
        weights = frozenset([id(found.weight)])
        note: tuple[str, ...] = found.notes
        narrow = track.width < FEW and bool(track.path)
        if narrow:
            note = (*note, f"the layer before has {track.width} units only, too few for a limit")
        laws: tuple[Law, Law] | None = None
        passages: tuple[Passage, Passage] | None = None
        try:
            if not bool(torch.isfinite(found.weight).all()):
                raise Unknown("its weights are not finite")
            (one, passed), (two, other) = (found.through(law) for law in track.laws)
            laws, passages = (one, two), (passed, other)
            if any(law.q.shape != out.shape for law in laws):
                raise Unknown("its output has another shape than the theory's")
        except Unknown as why:
            note = (*note, str(why))
        except OWN_ERRORS as error:
            note = (*note, one_line(error))
        home = laws[0].home if laws else self._home(out, [track])
        self._times[name] += 1
        node = Node(out.shape, edge=edge_of(out))
        called_as = (name, kind, self._times[name])
        seen = Seen.of(out, home, self.count, found, called_as, track, laws, note)
        seen.narrow = narrow
        node.seen = seen
        if laws and passages:
            track.node.children.append((node, passages))
        else:
            self._measure((), [track], "")
        self._add(node, seen)
        again = seen.restarted(weights)
        self.know(out, Track((laws[0] if laws else again, again), node, found.width))
        return out

    def _attention(
        self, kwargs: Any, args: Any, tracks: dict[int, Track], out: torch.Tensor
    ) -> torch.Tensor:
        name = self._stack[-1][0] if self._stack else "attention"
        self._measure((), list(tracks.values()), "")
        out = differentiable(out)
        home = next(iter(tracks.values())).laws[0].home
        home = home if home.shape == out.shape else leading(out.shape, self.count)
        self._times[name] += 1
        node = Node(out.shape, edge=edge_of(out))
        why = (ops.why_unknown("multi_head_attention_forward"),)
        kind = type(self._stack[-1][1]).__name__ if self._stack else "attention"
        track = next(iter(tracks.values()))
        called_as = (name, kind, self._times[name])
        seen = Seen.of(out, home, self.count, None, called_as, track, None, why)
        node.seen = seen
        self._add(node, seen)
        again = seen.restarted(frozenset([object()]))
        self.know(out, Track((again, again), node, out.shape[-1]))
        return out

    def _name(self, found: Layer) -> tuple[str, str]:
        owner = self._owners.get(id(found.parameter))
        name, module = self._stack[-1] if self._stack else ("", None)
        if owner is None or owner == name:
            return name or found.kind, type(module).__name__ if module is not None else found.kind
        return owner, found.kind

    def _add(self, node: Node, seen: Seen) -> None:
        self.nodes.append(node)
        self.seen.append(seen)

    # What is known.

    def track(self, tensor: Any) -> Track | None:
        """What is known of a tensor, as it is now."""
        known = self._known.get(id(tensor))
        if known is None or known[0] is not tensor:
            return None
        if known[1] != tensor._version:
            # Changed where it was not seen, as through a view of it.
            self._measure(tensor, [known[2]], "it was changed in place")
            known = self._known.get(id(tensor))
            return known[2] if known else None
        return known[2]

    def know(self, tensor: torch.Tensor, track: Track) -> None:
        self._known[id(tensor)] = (tensor, tensor._version, track)

    def finish(self, out: torch.Tensor) -> None:
        """Ask for the gradient at the output."""
        if (track := self.track(out)) is not None:
            track.node.end = True
            self._ask(track)

    def node(self, shape: torch.Size) -> Node:
        self.nodes.append(Node(shape))
        return self.nodes[-1]

    def inputs(self, tensors: Iterable[torch.Tensor]) -> None:
        """Follow these tensors, the inputs of the model."""
        tensors = list(tensors)
        self._keep(t for t in tensors if not t.is_floating_point())
        for tensor in tensors:
            if tensor.is_floating_point() and tensor.dim() and tensor.shape[0] == self.count:
                home = leading(tensor.shape, self.count)
                law = measured(tensor, home, self.count, frozenset([object()]))
                self.know(tensor, Track((law, law), self.node(tensor.shape), tensor[0].numel()))

    def _keep(self, tensors: Iterable[torch.Tensor]) -> None:
        """Remember whole numbers, so that floats made of them are seen to enter."""
        self._numbers |= {id(t): t for t in tensors}

    def after(
        self, parents: list[tuple[Track, tuple[Passage, Passage]]], laws: tuple[Law, Law],
        *path: str,
    ) -> Track:  # fmt: skip
        """The track of what an operation makes of others, with what passes on the way back."""
        node = self.node(laws[0].q.shape)
        for track, passages in parents:
            track.node.children.append((node, passages))
        first = parents[0][0]
        steps = (*joined(p.path for p, _ in parents), *path)
        return Track(laws, node, first.width, steps, joined(p.reasons for p, _ in parents))

    def activated(self, track: Track, phi: Any) -> Track:
        """The track of phi of a tensor."""
        if track.node.seen is not None:
            track.node.seen.phi = phi
        (one, back), (two, other) = (
            through_activation(law, phi, self.count, track.width) for law in track.laws
        )
        return self.after([(track, (back, other))], (one, two), phi.name)

    def normed(
        self, track: Track, dims: tuple[int, ...], eps: float, weight: Any, bias: Any,
        centre: bool, name: str,
    ) -> Track:  # fmt: skip
        """The track of a tensor that is normalised along ``dims``."""
        (one, back), (two, other) = (
            normalised(law, dims, self.count, eps, weight, bias, centre) for law in track.laws
        )
        return self.after([(track, (back, other))], (one, two), name)


def _is_hooked(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _whole_rule(module: nn.Module) -> Any:
    """How a module is followed that is followed as a whole, or None."""
    phi = ops.module_activation(module)
    if phi is not None:
        return lambda watch, track: watch.activated(track, phi)
    kind = type(module)
    if kind.__name__.endswith("RMSNorm") and not kind.__module__.startswith("torch.nn"):
        eps = getattr(module, "variance_epsilon", getattr(module, "eps", 1e-6))
        weight = getattr(module, "weight", None)
        return lambda watch, track: watch.normed(
            track, (-1,), float(eps or 0.0), weight, None, False, "RMSNorm"
        )
    return None
