"""Draw one figure of the catalogue from its tables, as PDF and PNG."""

import io
from pathlib import Path

from edgeofchaos.support.artifacts import read_bytes, write_bytes
from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import read_csv


def _read(path):
    import numpy as np

    if path.suffix == ".npz":
        with np.load(io.BytesIO(read_bytes(path)), allow_pickle=False) as arrays:
            return dict(arrays)
    return read_csv(path)


def main() -> None:
    from edgeofchaos.figures.catalogue import FIGURES

    arguments = parser(__doc__)
    arguments.add_argument("--figure", required=True, choices=sorted(FIGURES))
    arguments.add_argument("--tables", nargs="+", type=Path, required=True, help="CSV or NPZ")
    add_outputs(arguments, "pdf", "png")
    args = arguments.parse_args()

    from edgeofchaos.figures.draw import draw

    files = draw(args.figure, {path.stem: _read(path) for path in args.tables})
    write_bytes(files["pdf"], args.pdf)
    write_bytes(files["png"], args.png)


if __name__ == "__main__":
    run(main)
