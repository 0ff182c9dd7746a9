"""The conditions of Propositions 4, 5 and 7 and the constants of Proposition 1, for one phi."""

from dataclasses import asdict

from common import activation_from, add_activation_arguments, add_outputs, parser, run, write_csv


def main():
    from edgeofchaos.conditions import check_conditions, identity_limit, kink_plateau, slope_decay
    from edgeofchaos.constants import contraction_constant, correlation_constant

    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    add_outputs(arguments, "conditions", "constants")
    args = arguments.parse_args()
    phi = activation_from(args)

    found = check_conditions(phi)
    write_csv([{"activation": phi.name, **asdict(c)} for c in found], args.conditions)

    m, c = contraction_constant(phi), correlation_constant(phi)
    beta, beta_error, scaled = slope_decay(phi)
    limit = identity_limit(phi)
    rows = [
        ("M_phi", m.value, 1e-10, m.at),
        ("C_phi", c.value, 1e-10, c.at),
        ("beta", beta, beta_error, float("inf")),
        ("scaled_slope", scaled, scaled * 1e-6, float("inf")),
        ("plateau_formula", kink_plateau(phi), 1e-14, 0.0),
    ]
    if limit is not None:
        rows.append(("identity_limit", limit.value, limit.error, 0.0))
    names = ["constant", "value", "error", "at"]
    table = [{"activation": phi.name, **dict(zip(names, row, strict=True))} for row in rows]
    write_csv(table, args.constants)


if __name__ == "__main__":
    run(main)
