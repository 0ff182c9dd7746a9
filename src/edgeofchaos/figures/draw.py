"""Draw a figure of the catalogue by its name."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from edgeofchaos.figures import edge_figures, nets_figures, rate_figures, style, train_figures
from edgeofchaos.figures.catalogue import FIGURES, Tables

_MODULES = (edge_figures, rate_figures, nets_figures, train_figures)
# Neither dates nor versions go into the files, so that equal tables give equal bytes.
_METADATA = {"pdf": {"CreationDate": None}, "png": {"Software": None}}


def draw(name: str, tables: Tables) -> dict[str, bytes]:
    """A figure as PDF and as PNG.

    Args:
        name: its name in the catalogue.
        tables: at least those that the catalogue lists for it, by name: data frames, and for
            ``surfaces`` a dict of arrays.

    Returns:
        The bytes of the two files under ``pdf`` and ``png``. Equal tables give equal bytes with
        equal versions of matplotlib and its fonts.

    Raises:
        ValueError: there is no such figure, or one of its tables is missing.

    Example:
        ``draw("variance", {"variance": pandas.read_csv("results/theory/variance.csv")})["png"]``
    """
    if name not in FIGURES:
        raise ValueError(f"figure {name!r} is unknown; allowed are {', '.join(sorted(FIGURES))}")
    missing = sorted(set(FIGURES[name].tables) - set(tables))
    if missing:
        raise ValueError(f"tables: {name} also needs {', '.join(missing)}")
    style.setup()
    figure = function(name)(tables)
    try:
        return {form: _saved(figure, form) for form in _METADATA}
    finally:
        plt.close(figure)


def function(name: str) -> Callable[[Tables], Figure]:
    """The function that draws a figure of the catalogue: it bears the figure's name.

    Raises:
        ValueError: no module of figures has it.
    """
    for module in _MODULES:
        found = vars(module).get(name)
        # Not what the module has only imported.
        if inspect.isfunction(found) and found.__module__ == module.__name__:
            return found
    raise ValueError(f"figure {name!r} is in the catalogue, but no function draws it")


def _saved(figure: Figure, form: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=form, metadata=_METADATA[form])
    return buffer.getvalue()
