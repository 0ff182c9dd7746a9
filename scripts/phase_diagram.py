"""q, chi_1 and the domains of convergence over a (sigma_b, sigma_w) grid, for one phi."""

import numpy as np

from edgeofchaos.support.program import (
    activation_from,
    add_activation_arguments,
    add_outputs,
    parser,
    run,
)
from edgeofchaos.support.tables import write_csv


def main():
    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    for name in ("--sigma-b-range", "--sigma-w-range"):
        arguments.add_argument(
            name, nargs=3, type=float, required=True, metavar=("MIN", "MAX", "N")
        )
    add_outputs(arguments, "phases")
    args = arguments.parse_args()

    from edgeofchaos.experiments.phase_diagram import domains

    phi = activation_from(args)
    b, w = ((r[0], r[1], int(r[2])) for r in (args.sigma_b_range, args.sigma_w_range))
    rows = domains(phi, np.linspace(*b), np.linspace(*w))
    write_csv([{"activation": phi.name, **row} for row in rows], args.phases)


if __name__ == "__main__":
    run(main)
