"""The edge of chaos of one phi: points, fixed points of F, stability, phases, and conditions."""

from dataclasses import asdict, fields

from edgeofchaos.support.program import (
    activation_from,
    add_activation_arguments,
    add_outputs,
    parser,
    run,
)
from edgeofchaos.support.tables import write_csv

TABLES = ("edge", "fixed_points", "threshold", "folds", "conditions", "constants")


def main():
    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    arguments.add_argument("--sigma-b", nargs="+", type=float, required=True)
    add_outputs(arguments, *TABLES)
    args = arguments.parse_args()

    from edgeofchaos.theory.conditions import check_conditions, slope_decay
    from edgeofchaos.theory.constants import contraction_constant, correlation_constant
    from edgeofchaos.theory.edge import edge_curve
    from edgeofchaos.theory.identity import identity_distance_at_zero, identity_distance_limit
    from edgeofchaos.theory.stability import LimitingPhases, limiting_phases, stability_threshold
    from edgeofchaos.theory.variance import variance_map

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
    write_csv(folds, args.folds, [f.name for f in fields(LimitingPhases)])

    conditions = check_conditions(phi)
    write_csv([{"activation": phi.name, **asdict(x)} for x in conditions], args.conditions)

    m, c = contraction_constant(phi), correlation_constant(phi)
    beta, beta_error, scaled = slope_decay(phi)
    limit = identity_distance_limit(phi)
    rows = [
        ("M_phi", m.value, 1e-10, m.at),
        ("C_phi", c.value, 1e-10, c.at),
        ("beta", beta, beta_error, float("inf")),
        ("scaled_slope", scaled, scaled * 1e-6, float("inf")),
        ("plateau_formula", identity_distance_at_zero(phi), 1e-14, 0.0),
    ]
    if limit is not None:
        rows.append(("identity_limit", limit.value, limit.error, 0.0))
    names = ["constant", "value", "error", "at"]
    table = [{"activation": phi.name, **dict(zip(names, row, strict=True))} for row in rows]
    write_csv(table, args.constants)


if __name__ == "__main__":
    run(main)
