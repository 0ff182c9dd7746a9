"""Variances layer by layer: three inputs at one (sigma_b, sigma_w), and departure from the edge."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv

WITH_INPUTS = ("tanh", "relu")


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--sigma-b", type=float, required=True)
    arguments.add_argument("--sigma-w", type=float, required=True)
    arguments.add_argument("--inputs", nargs="+", type=float, required=True, help="q^1 of each")
    arguments.add_argument("--layers", type=int, required=True)
    arguments.add_argument("--departure-sigma-b", nargs="+", type=float, required=True)
    arguments.add_argument(
        "--deviations",
        nargs="+",
        type=float,
        required=True,
        help="|q^1/q - 1|, tried on both sides",
    )
    add_outputs(arguments, "variance", "departure")
    args = arguments.parse_args()

    from edgeofchaos.experiments.departure import departures
    from edgeofchaos.theory.variance import variance_map

    rows = []
    for name in WITH_INPUTS:
        fmap = variance_map(name, args.sigma_b, args.sigma_w)
        limit = fmap.limit()
        path = fmap.trajectory(args.inputs, args.layers)
        rows += [
            {"activation": name, "sigma_b": args.sigma_b, "sigma_w": args.sigma_w, "input": i,
             "layer": layer + 1, "q": path[layer, i], "limit": limit}
            for i in range(len(args.inputs))
            for layer in range(args.layers)
        ]  # fmt: skip
    write_csv(rows, args.variance)

    both = [sign * d for d in args.deviations for sign in (-1.0, 1.0)]
    left = [row for b in args.departure_sigma_b for row in departures("swish", b, both)]
    write_csv(left, args.departure)


if __name__ == "__main__":
    run(main)
