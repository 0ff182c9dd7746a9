"""What returns the rows of the tables: one module an experiment, named like its rule and script.

The function of the module's name takes everything that it depends on by keyword (grids and bounds
have defaults) and returns its tables: name -> rows. ``TABLES`` lists their names. A script makes
its options of both, so an experiment's parameters are written down once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

Rows: TypeAlias = list[dict[str, Any]]
# The name of a table -> its rows; or, for surfaces, which become a file of arrays, name -> array.
Tables: TypeAlias = Mapping[str, Rows | dict[str, np.ndarray]]
Grid: TypeAlias = tuple[float, float, int]  # the first value, the last, how many
Bounds: TypeAlias = tuple[int, int]  # the least and the most
Window: TypeAlias = tuple[float, float]  # from, to
Ratios: TypeAlias = Mapping[str, float]  # a name -> sigma_w over its value on the edge
Pairs: TypeAlias = Sequence[tuple[float, float]]
Nets: TypeAlias = Mapping[str, float]  # a built-in activation -> sigma_b of its edge point


Start: TypeAlias = tuple[float, float, float]  # q_a, q_b and 1 - c of two inputs at layer 1
# Wraps the layers, or whatever is looped over, in something that shows how far it has come.
Wrapper: TypeAlias = Callable[[Iterable[Any]], Iterable[Any]]


class Progress:
    """Called with items and what they are; returns the items. This one shows nothing."""

    def __call__(self, items: Iterable[Any], what: str) -> Iterable[Any]:
        return items


SILENT = Progress()
