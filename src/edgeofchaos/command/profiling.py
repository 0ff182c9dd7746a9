"""``profile``: a model of one's own, layer by layer, beside the theory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeofchaos.command.answers import Answer, Answering
from edgeofchaos.command.options import counted, here

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import torch

    from edgeofchaos.practice.result import Profile

_SHAPE = re.compile(r"\d+(x\d+)*")
_ALLOWED = "a file .npy, .npz or .pt, or a shape such as 64x784"


@click.command(cls=Answering)
@click.argument("model")
@click.option(
    "--inputs", required=True, multiple=True, metavar="FILE|SHAPE",
    help="A .npy, .npz or .pt file, or a shape such as 64x784, drawn standard normal. The first "
    "dimension counts the inputs. Given again, it is the next argument of the model.",
)  # fmt: skip
@counted("--seed", 0, "Of the model's weights, of drawn inputs and of the read-out.")
@click.option("--eval", "evaluate", is_flag=True, help="Put the model into evaluation mode first.")
def profile(model: str, inputs: Sequence[str], seed: int, evaluate: bool) -> Answer:
    """A model of yours, layer by layer, beside the theory.

    MODEL is package.module:object or file.py:object: a torch.nn.Module, or a class or function that
    makes one without arguments. Numbers with a point are read in the dtype of its parameters. A
    .npz file of several arrays gives arguments by keyword. After the table come sentences on what
    it means; a star marks what the theory does not allow.
    """
    import torch

    from edgeofchaos.arguments import whole
    from edgeofchaos.command.loading import own
    from edgeofchaos.practice.profile import profile as profiled

    seed = whole("seed", seed, 0, 2**63 - 1)
    here()
    torch.manual_seed(seed)  # of a model that its module makes
    found_there = own("MODEL", model)
    torch.manual_seed(seed)
    made = _made(model, found_there)
    if evaluate:
        made.eval()
    found = profiled(made, _arguments(inputs, made, seed), seed=seed)
    return Answer(found.to_dict(), _rows(found), str(found), found.figure)


def _made(path: str, found: Any) -> torch.nn.Module:
    """The model that this is, or makes."""
    import torch

    from edgeofchaos.arguments import OWN_ERRORS, one_line, shown

    allowed = "allowed is a torch.nn.Module, or what makes one without arguments"
    if isinstance(found, torch.nn.Module):
        return found
    if not callable(found):
        raise ValueError(f"MODEL: {shown(path)} is a {type(found).__name__}; {allowed}")
    try:
        made = found()
    except OWN_ERRORS as error:
        raise ValueError(f"MODEL: {shown(path)} fails ({one_line(error)}); {allowed}") from error
    if not isinstance(made, torch.nn.Module):
        raise ValueError(f"MODEL: {shown(path)} gives a {type(made).__name__}; {allowed}")
    return made


def _arguments(inputs: Sequence[str], model: torch.nn.Module, seed: int) -> Any:
    """What the model is called with: a tensor, a tuple or a mapping."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    first = next((p for p in model.parameters() if p.is_floating_point()), None)
    kind = first.dtype if first is not None else torch.get_default_dtype()

    def fitted(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(k): fitted(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return tuple(fitted(v) for v in value)
        floating = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.to(kind) if floating else value

    found = [fitted(_read(text, generator)) for text in inputs]
    if len(found) == 1:
        return found[0]
    for value, text in zip(found, inputs, strict=True):
        if not isinstance(value, torch.Tensor):
            raise ValueError(f"--inputs: {text!r} is no single array; allowed is one, or it alone")
    return tuple(found)


def _read(text: str, generator: torch.Generator) -> Any:
    import torch

    from edgeofchaos.arguments import one_line

    if _SHAPE.fullmatch(text):
        try:
            return torch.randn([int(n) for n in text.split("x")], generator=generator)
        except (RuntimeError, ValueError) as error:  # more than there is memory
            raise ValueError(f"--inputs = {text!r}: {one_line(error)}") from error
    ending = text.rpartition(".")[2].lower()
    if ending not in ("npy", "npz", "pt"):
        raise ValueError(f"--inputs = {text!r}; allowed is {_ALLOWED}")
    try:
        if ending == "pt":
            return torch.load(text, map_location="cpu", weights_only=True)
        return _arrays(text)
    except OSError as error:
        why = error.strerror or one_line(error)
        raise ValueError(f"--inputs: {text} cannot be read ({why})") from error
    except Exception as error:  # whatever a damaged file, or one of objects, raises
        raise ValueError(f"--inputs: {text} cannot be read ({one_line(error)})") from error


def _arrays(path: str) -> Any:
    """The array of a file of NumPy, or its arrays by name where it has several."""
    import numpy as np
    import torch

    with Path(path).open("rb") as stream:
        found = np.load(stream, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return torch.from_numpy(_native(found))
        by_name = {name: torch.from_numpy(_native(found[name])) for name in found.files}
    return next(iter(by_name.values())) if len(by_name) == 1 else by_name


def _native(array: np.ndarray) -> np.ndarray:
    """In this machine's order of bytes, which torch asks for."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _rows(found: Profile) -> list[dict[str, Any]]:
    """The rows of a profile with plain columns, as q_measured and q_predicted_low."""
    rows = []
    for row in found.to_dict()["rows"]:
        flat: dict[str, Any] = {}
        for key, value in row.items():
            if isinstance(value, dict):
                flat |= {f"{key}_{part}": number for part, number in value.items()}
            else:
                flat[key] = ", ".join(value) if isinstance(value, list) else value
        rows.append(flat)
    return rows
