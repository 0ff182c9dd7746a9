"""Edge points, fixed points of F, the stability threshold and the limiting phases of one phi."""

from dataclasses import asdict

from common import activation_from, add_activation_arguments, add_outputs, parser, run, write_csv


def main():
    from edgeofchaos.edge import edge_curve, limiting_phases, stability_threshold
    from edgeofchaos.meanfield import variance_map

    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    arguments.add_argument("--sigma-b", nargs="+", type=float, required=True)
    add_outputs(arguments, "edge", "fixed_points", "threshold", "folds")
    args = arguments.parse_args()
    phi = activation_from(args)

    curve = edge_curve(phi, args.sigma_b)
    write_csv([p.as_dict() for p in curve], args.edge)

    key = ["activation", "sigma_b", "sigma_w"]
    points = [
        {"activation": p.activation, "sigma_b": p.sigma_b, "sigma_w": p.sigma_w, **asdict(x)}
        for p in curve
        if p.status in ("ok", "unstable")
        for x in variance_map(phi, p.sigma_b, p.sigma_w).fixed_points()
    ]
    write_csv(points, args.fixed_points, [*key, "x", "alpha", "chi1", "attracts"])

    threshold = stability_threshold(phi)
    found = [] if threshold is None else [threshold.as_dict()]
    write_csv(found, args.threshold, list(curve[0].as_dict()))

    positive = [s for s in args.sigma_b if s > 0]
    folds = [asdict(limiting_phases(phi, s)) for s in positive]
    write_csv(folds, args.folds)


if __name__ == "__main__":
    run(main)
