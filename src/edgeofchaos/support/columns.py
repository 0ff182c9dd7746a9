"""Columns of tables, as they are read from CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def truth(column: pd.Series) -> pd.Series:
    """A column of True and False as booleans, also where the table is empty."""
    return column.astype(str) == "True"
