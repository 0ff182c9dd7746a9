"""Output surfaces of random nets over the plane, and how much they vary."""

import io

import numpy as np

from edgeofchaos.support.artifacts import write_bytes
from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv
from simulation import add_simulation_arguments, progress, setup


def main():
    arguments = parser(__doc__)
    add_simulation_arguments(arguments)
    arguments.add_argument("--side", type=int, required=True, help="points a side of the grid")
    arguments.add_argument("--draws", type=int, required=True)
    add_outputs(arguments, "nets_surfaces", "nets_spread", "surfaces")
    args = arguments.parse_args()

    from edgeofchaos.experiments.cases import CASES
    from edgeofchaos.experiments.nets_surfaces import summary, surfaces

    device = setup(args)
    rows, pictures = [], {}
    for case in progress(CASES, "surfaces"):
        found, pictures[case.name] = surfaces(
            case, side=args.side, draws=args.draws, seed=args.seed, device=device
        )
        rows += found
    write_csv(rows, args.nets_surfaces)
    write_csv(summary(rows), args.nets_spread)
    stream = io.BytesIO()
    np.savez(stream, **pictures)
    write_bytes(stream.getvalue(), args.surfaces)


if __name__ == "__main__":
    run(main)
