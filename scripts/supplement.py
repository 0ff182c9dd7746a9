"""Swish's E[phi'' phi] and f'' over q, F curves, Hard-Tanh beside Tanh, kernels at depth."""

import numpy as np

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv

WITH_F = ("swish", "tanh", "elu", "hardtanh")
PRIOR = ("relu", "tanh", "arctan", "elu", "hardtanh", "selu")
SLOPES = ("relu", "leaky_relu", "tanh", "arctan", "swish", "elu", "selu", "hardtanh", "gelu")
DEPTHS = (5, 10, 20, 30, 50, 100, 200, 500)


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--q-range", nargs=3, type=float, required=True)
    arguments.add_argument("--sigma-b", type=float, required=True)
    add_outputs(
        arguments, "swish_moments", "variance_maps", "hardtanh", "kernels", "closed_forms", "slopes"
    )
    args = arguments.parse_args()

    from edgeofchaos.experiments import supplement

    low, high, count = args.q_range
    q = np.geomspace(low, high, int(count))
    write_csv(supplement.moments_over_q("swish", q), args.swish_moments)
    maps = [r for name in WITH_F for r in supplement.variance_curve(name, args.sigma_b)]
    write_csv(maps, args.variance_maps)
    write_csv(supplement.hardtanh_beside_tanh(q), args.hardtanh)
    write_csv([r for name in PRIOR for r in supplement.kernels(name, DEPTHS)], args.kernels)
    write_csv(supplement.closed_forms(), args.closed_forms)
    slopes = [r for name in SLOPES for r in supplement.slopes_at_one(name, args.sigma_b)]
    write_csv(slopes, args.slopes)


if __name__ == "__main__":
    run(main)
