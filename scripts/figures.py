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


def main():
    from edgeofchaos.figures.catalogue import FIGURES

    arguments = parser(__doc__)
    arguments.add_argument("--figure", required=True, choices=sorted(FIGURES))
    arguments.add_argument("--tables", nargs="+", type=Path, required=True, help="CSV or NPZ")
    add_outputs(arguments, "pdf", "png")
    args = arguments.parse_args()

    import matplotlib.pyplot as plt

    from edgeofchaos.figures import (
        edge_figures,
        nets_figures,
        rate_figures,
        style,
        train_figures,
    )

    tables = {p.stem: _read(p) for p in args.tables}
    missing = sorted(set(FIGURES[args.figure].tables) - set(tables))
    if missing:
        raise ValueError(f"--tables: {args.figure} also needs {', '.join(missing)}")
    modules = (edge_figures, rate_figures, nets_figures, train_figures)
    module = next(m for m in modules if hasattr(m, args.figure))
    style.setup()
    figure = getattr(module, args.figure)(tables)
    # Neither dates nor versions, so that equal data give equal bytes.
    for path, metadata in ((args.pdf, {"CreationDate": None}), (args.png, {"Software": None})):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=path.suffix[1:], metadata=metadata)
        write_bytes(buffer.getvalue(), path)
    plt.close(figure)


if __name__ == "__main__":
    run(main)
