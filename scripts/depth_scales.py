"""Depth scales and phases of Tanh: decay of q and c, the chaotic limit, decorrelation, Lemma 1."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv

STARTS = (1e-6, 0.05, 0.5, 1.0, 1.5)  # 1 - c^1 of pairs followed into the chaotic phase


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--activation", default="tanh")
    arguments.add_argument("--sigma-b", type=float, required=True)
    arguments.add_argument("--ordered-sigma-w", nargs="+", type=float, required=True)
    arguments.add_argument("--chaotic-sigma-w", nargs="+", type=float, required=True)
    arguments.add_argument("--layers", type=int, required=True)
    arguments.add_argument("--epsilons", nargs="+", type=float, required=True)
    add_outputs(arguments, "depth_scales", "trajectories", "chaotic", "decorrelation", "lemma1")
    args = arguments.parse_args()

    from edgeofchaos.experiments import depth_scales as phases

    name, b = args.activation, args.sigma_b
    every = [*args.ordered_sigma_w, *args.chaotic_sigma_w]

    fits, paths = phases.decays(name, b, every, args.layers)
    write_csv(fits, args.depth_scales)
    write_csv(paths, args.trajectories)
    chaotic = [r for w in args.chaotic_sigma_w for r in phases.chaotic_limits(name, b, w, STARTS)]
    write_csv(chaotic, args.chaotic)
    rows = [
        r for w in args.chaotic_sigma_w for r in phases.decorrelations(name, b, w, args.epsilons)
    ]
    write_csv(rows, args.decorrelation)
    some = [args.ordered_sigma_w[0], args.ordered_sigma_w[-1], args.chaotic_sigma_w[0]]
    write_csv(phases.lemma1(name, b, some, args.layers), args.lemma1)


if __name__ == "__main__":
    run(main)
