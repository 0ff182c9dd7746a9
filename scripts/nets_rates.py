"""1 - c on the edge, simulated to great depth."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv
from simulation import add_nets, add_simulation_arguments, progress, setup


def main():
    arguments = parser(__doc__)
    add_simulation_arguments(arguments)
    add_nets(arguments)
    for name in ("--width", "--layers", "--draws"):
        arguments.add_argument(name, type=int, required=True)
    add_outputs(arguments, "nets_rates", "nets_exponents")
    args = arguments.parse_args()

    from edgeofchaos.activations import activation
    from edgeofchaos.experiments.nets_rates import on_the_edge

    device = setup(args)
    rates, exponents = [], []
    for name, sigma_b in args.nets:
        rows, fits = on_the_edge(
            activation(name), sigma_b, width=args.width, layers=args.layers, draws=args.draws,
            seed=args.seed, device=device,
            progress=lambda layers, name=name: progress(layers, name),
        )  # fmt: skip
        rates += rows
        exponents += fits
    write_csv(rates, args.nets_rates)
    write_csv(exponents, args.nets_exponents)


if __name__ == "__main__":
    run(main)
