"""Depth scales, the chaotic limit and decorrelation of simulated Tanh nets."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv
from simulation import add_simulation_arguments, setup


def main():
    arguments = parser(__doc__)
    add_simulation_arguments(arguments)
    arguments.add_argument("--sigma-b", type=float, required=True)
    for name in ("--ordered-sigma-w", "--chaotic-sigma-w", "--epsilons"):
        arguments.add_argument(name, nargs="+", type=float, required=True)
    for name in ("--width", "--layers", "--draws"):
        arguments.add_argument(name, type=int, required=True)
    add_outputs(arguments, "nets_ordered", "nets_chaotic", "nets_decorrelation")
    args = arguments.parse_args()

    from edgeofchaos.activations import activation
    from edgeofchaos.experiments import nets_phases as phases

    phi = activation("tanh")
    size = {"width": args.width, "draws": args.draws, "seed": args.seed, "device": setup(args)}
    rows = phases.ordered(phi, args.sigma_b, args.ordered_sigma_w, layers=args.layers, **size)
    write_csv(rows, args.nets_ordered)
    rows = phases.chaotic(phi, args.sigma_b, args.chaotic_sigma_w, layers=args.layers, **size)
    write_csv(rows, args.nets_chaotic)
    rows = phases.decorrelation(phi, args.sigma_b, min(args.chaotic_sigma_w), args.epsilons, **size)
    write_csv(rows, args.nets_decorrelation)


if __name__ == "__main__":
    run(main)
