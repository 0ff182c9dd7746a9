"""Mean squared gradients of random nets, on the edge and off it."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv
from simulation import add_nets, add_simulation_arguments, progress, setup


def main():
    arguments = parser(__doc__)
    add_simulation_arguments(arguments)
    add_nets(arguments)
    for name in ("--width", "--layers", "--draws"):
        arguments.add_argument(name, type=int, required=True)
    add_outputs(arguments, "nets_gradients", "nets_factors")
    args = arguments.parse_args()

    from edgeofchaos.activations import activation
    from edgeofchaos.experiments.nets_gradients import profiles

    device = setup(args)
    profile, factors = [], []
    for name, sigma_b in progress(args.nets, "gradients"):
        rows, fits = profiles(
            activation(name), sigma_b, width=args.width, layers=args.layers,
            draws=args.draws, seed=args.seed, device=device,
        )  # fmt: skip
        profile += rows
        factors += fits
    write_csv(profile, args.nets_gradients)
    write_csv(factors, args.nets_factors)


if __name__ == "__main__":
    run(main)
