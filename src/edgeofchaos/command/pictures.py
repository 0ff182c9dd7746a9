"""Pictures in the look of the project's figures, written to files."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# No dates, so that the same answer gives the same bytes.
_METADATA = {"pdf": {"CreationDate": None}, "png": {"Software": None}, "svg": {"Date": None}}


def ready() -> None:
    """Set the look.

    Raises:
        ValueError: what draws is not installed.
    """
    try:
        import matplotlib  # noqa: F401
        import seaborn  # noqa: F401
    except ImportError as error:
        raise ValueError(
            f"--plot: {error.name or 'matplotlib'} is not installed, and draws this; "
            "pip install 'edgeofchaos[plot]'"
        ) from error
    from edgeofchaos.figures import style

    style.setup()


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format that the file's ending says; the file is whole or as it was.

    Raises:
        ValueError: it cannot be written.
    """
    from matplotlib import pyplot

    from edgeofchaos.support.artifacts import write_bytes

    form, buffer = path.suffix.lower().removeprefix("."), io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a name in letters that the font lacks
        figure.savefig(buffer, format=form, metadata=_METADATA[form])
    pyplot.close(figure)
    try:
        write_bytes(buffer.getvalue(), path)
    except OSError as error:  # which may name a file that is ours alone
        raise ValueError(f"--plot: {path} cannot be written ({error.strerror or error})") from error
