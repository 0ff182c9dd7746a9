"""How far simulated nets are from the Gaussian process, against width."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv
from simulation import add_simulation_arguments, progress, setup


def main():
    arguments = parser(__doc__)
    add_simulation_arguments(arguments)
    arguments.add_argument("--activations", nargs="+", required=True)
    arguments.add_argument("--sigma-b", type=float, required=True)
    arguments.add_argument("--sigma-w", type=float, required=True)
    arguments.add_argument("--start", nargs=3, type=float, required=True,
                           metavar=("QA", "QB", "GAMMA"))  # fmt: skip
    arguments.add_argument("--widths", nargs="+", type=int, required=True)
    arguments.add_argument("--layers", type=int, required=True)
    arguments.add_argument("--units", type=int, required=True, help="a layer, over all draws")
    add_outputs(arguments, "nets_width")
    args = arguments.parse_args()

    from edgeofchaos.activations import activation
    from edgeofchaos.experiments.nets_propagation import against_width

    device = setup(args)
    rows = []
    for name in args.activations:
        rows += against_width(
            activation(name), args.sigma_b, args.sigma_w, args.start, widths=args.widths,
            layers=args.layers, units=args.units, seed=args.seed, device=device,
            progress=lambda widths, name=name: progress(widths, name),
        )  # fmt: skip
    write_csv(rows, args.nets_width)


if __name__ == "__main__":
    run(main)
