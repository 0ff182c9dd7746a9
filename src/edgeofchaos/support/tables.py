"""Tables as CSV files: long form, one observation a row, floats to the last bit."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeofchaos.support.artifacts import read_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd


def write_csv(
    rows: pd.DataFrame | Iterable[Mapping[str, Any]],
    path: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
) -> None:
    """Write a table; the file holds either its old content or all of the new.

    ``columns`` names those of a table that may have no rows.
    """
    import pandas as pd

    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=columns)
    write_text(frame.to_csv(index=False, float_format="%.17g", lineterminator="\n"), path)


def read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A table as it was written; ValueError if it is damaged."""
    import pandas as pd

    data = read_bytes(path)
    try:
        return pd.read_csv(io.BytesIO(data))
    except ValueError as error:
        raise ValueError(f"{path}: not a table ({error})") from error


def read_rows(path: str | os.PathLike[str]) -> list[dict[str, str]]:
    """The rows of a table as text, for what only shows them; ValueError if it is damaged."""
    return list(csv.DictReader(io.StringIO(read_bytes(path).decode("utf-8"), newline="")))


def merged(paths: Sequence[Path]) -> pd.DataFrame:
    """The tables one below the other; ValueError if their columns differ."""
    import pandas as pd

    frames = [read_csv(path) for path in paths]
    columns = list(frames[0].columns)
    for path, frame in zip(paths, frames, strict=True):
        if list(frame.columns) != columns:
            raise ValueError(f"{path}: columns {list(frame.columns)}; expected {columns}")
    filled = [f for f in frames if len(f)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]
