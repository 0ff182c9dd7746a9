"""Draw one figure of the catalogue from its tables, as PDF and PNG."""

import io
import zipfile
from pathlib import Path

from edgeofchaos.support.artifacts import read_bytes, write_bytes
from edgeofchaos.support.program import add_outputs, as_expected, parser, run
from edgeofchaos.support.tables import read_csv


def _read(path):
    import numpy as np

    if path.suffix == ".npz":
        data = read_bytes(path)
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                return dict(arrays)
        except (ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path}: no file of arrays ({error})") from error
    return read_csv(path)


def main() -> None:
    from edgeofchaos.figures.catalogue import FIGURES

    arguments = parser(__doc__)
    arguments.add_argument("--figure", required=True, choices=sorted(FIGURES))
    arguments.add_argument("--tables", nargs="+", type=Path, required=True, help="CSV or NPZ")
    add_outputs(arguments, "pdf", "png")
    args = arguments.parse_args()

    from edgeofchaos.figures.draw import draw

    tables = {path.stem: _read(path) for path in args.tables}
    with as_expected(f"--tables {' '.join(map(str, args.tables))}"):
        files = draw(args.figure, tables)
    write_bytes(files["pdf"], args.pdf)
    write_bytes(files["png"], args.png)


if __name__ == "__main__":
    run(main)
