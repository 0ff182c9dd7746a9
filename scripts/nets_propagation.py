"""q and c of simulated nets against the kernel recursion, for one phi."""

from edgeofchaos.support.program import (
    activation_from,
    add_activation_arguments,
    add_outputs,
    parser,
    run,
)
from edgeofchaos.support.tables import write_csv
from simulation import add_simulation_arguments, progress, setup


def main():
    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    add_simulation_arguments(arguments)
    arguments.add_argument("--sigma-b", type=float, required=True)
    arguments.add_argument("--sigma-w", type=float, required=True)
    arguments.add_argument("--start", nargs=3, type=float, required=True,
                           metavar=("QA", "QB", "GAMMA"))  # fmt: skip
    for name in ("--width", "--layers", "--draws"):
        arguments.add_argument(name, type=int, required=True)
    add_outputs(arguments, "nets_propagation")
    args = arguments.parse_args()

    from edgeofchaos.experiments.nets_propagation import against_recursion

    phi, device = activation_from(args), setup(args)
    rows = against_recursion(
        phi, args.sigma_b, args.sigma_w, args.start, width=args.width, layers=args.layers,
        draws=args.draws, seed=args.seed, device=device,
        progress=lambda layers: progress(layers, phi.name),
    )  # fmt: skip
    write_csv(rows, args.nets_propagation)


if __name__ == "__main__":
    run(main)
