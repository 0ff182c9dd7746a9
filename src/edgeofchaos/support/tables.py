"""Tables as CSV files: long form, one observation a row, floats to the last bit."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable

from edgeofchaos.support.artifacts import read_bytes, write_text


def write_csv(rows, path: str | os.PathLike, columns: Iterable[str] | None = None) -> None:
    """A long-form table with full-precision floats, written to a temporary name and renamed."""
    import pandas as pd

    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=columns)
    write_text(frame.to_csv(index=False, float_format="%.17g", lineterminator="\n"), path)


def read_csv(path: str | os.PathLike):
    """A table as it was written, floats to the last bit; ValueError if it is damaged."""
    import pandas as pd

    data = read_bytes(path)
    try:
        return pd.read_csv(io.BytesIO(data))
    except ValueError as error:
        raise ValueError(f"{path}: not a table ({error})") from error


def truth(column):
    """A column of True and False as booleans, also where the table is empty."""
    return column.astype(str) == "True"
