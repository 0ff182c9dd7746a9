"""How long Swish nets of finite width stay at an unstable edge point."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv
from simulation import add_simulation_arguments, progress, setup


def main():
    arguments = parser(__doc__)
    add_simulation_arguments(arguments)
    arguments.add_argument("--sigma-b", nargs="+", type=float, required=True)
    arguments.add_argument("--starts", nargs="+", type=float, required=True,
                           help="q^1/q - 1")  # fmt: skip
    arguments.add_argument("--widths", nargs="+", type=int, required=True)
    arguments.add_argument("--layers", type=int, required=True)
    arguments.add_argument("--units", type=int, required=True, help="a layer, over all draws")
    add_outputs(arguments, "nets_times", "nets_paths", "nets_growth")
    args = arguments.parse_args()

    from edgeofchaos.activations import activation
    from edgeofchaos.experiments.nets_departure import GROWTH, departures, growth

    device = setup(args)
    times, paths = [], []
    for sigma_b in progress(args.sigma_b, "departure"):
        rows, layers = departures(
            activation("swish"), sigma_b, args.starts, args.widths, layers=args.layers,
            units=args.units, seed=args.seed, device=device,
        )  # fmt: skip
        times += rows
        paths += layers
    write_csv(times, args.nets_times)
    write_csv(paths, args.nets_paths)
    write_csv(growth(times), args.nets_growth, GROWTH)


if __name__ == "__main__":
    run(main)
