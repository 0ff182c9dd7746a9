"""f on a grid, sup|f - x| along the edge, and 1 - c^l to great depth, for one phi."""

from math import nan

import numpy as np

from edgeofchaos.support.program import (
    activation_from,
    add_activation_arguments,
    add_outputs,
    parser,
    run,
)
from edgeofchaos.support.tables import write_csv

CORRELATIONS = np.linspace(0.0, 1.0, 101)
PLATEAU_SIGMA_BS = np.geomspace(1e-4, 2.0, 30)
START = 1.0  # 1 - c^1: orthogonal inputs


def main():
    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    arguments.add_argument("--sigma-b", nargs="+", type=float, required=True)
    arguments.add_argument("--rate-sigma-b", type=float, required=True)
    arguments.add_argument("--layers", type=int, required=True)
    add_outputs(arguments, "curves", "rates", "identity")
    args = arguments.parse_args()

    from edgeofchaos.theory.correlation import correlation_map
    from edgeofchaos.theory.edge import edge_curve, edge_or_none
    from edgeofchaos.theory.gaussian import SLOPE, SLOPE2, moments
    from edgeofchaos.theory.identity import identity_distance
    from edgeofchaos.theory.recursion import complement_trajectory, edge_rate, log_spaced_layers

    phi = activation_from(args)

    def at(point):
        return {"activation": phi.name, "sigma_b": point.sigma_b, "sigma_w": point.sigma_w,
                "q": point.q, "stable": point.stable}  # fmt: skip

    points = [p for p in edge_curve(phi, args.sigma_b) if p.status != "none"]
    curves = []
    for point in points:
        cmap = correlation_map(phi, point)
        value, complement = cmap(CORRELATIONS), cmap.complement(1.0 - CORRELATIONS)
        first, second = (cmap.derivative(CORRELATIONS, order) for order in (1, 2))
        slope, slope2 = moments(phi, point.q, [SLOPE, SLOPE2]) if point.q > 0 else (nan, nan)
        table = zip(CORRELATIONS, value, complement, first, second, strict=True)
        curves += [
            {**at(point), "c": c, "f": f, "complement": g, "f1": d, "f2": e,
             "slope_ratio": slope**2 / slope2}
            for c, f, g, d, e in table
        ]  # fmt: skip
    write_csv(curves, args.curves, [*COLUMNS, *CURVE])

    along = [p for p in edge_curve(phi, PLATEAU_SIGMA_BS) if p.status != "none"]
    along = along or [p for p in [edge_or_none(phi, 0.0)] if p.status != "none"]
    identity = [{**at(p), "sup_distance": identity_distance(phi, p)} for p in along]
    write_csv(identity, args.identity, [*COLUMNS, "sup_distance"])

    rates = []
    point = edge_or_none(phi, args.rate_sigma_b)
    if point.status == "none":
        point = edge_or_none(phi, 0.0)
    if point.status != "none":
        cmap, rate = correlation_map(phi, point), edge_rate(phi, point)
        record = log_spaced_layers(args.layers)
        law = (rate.exponent, rate.coefficient) if rate else (0, nan)
        path = complement_trajectory(cmap, START, record)
        rates = [
            {**at(point), "start": START, "layer": layer, "gamma": gamma, "exponent": law[0],
             "predicted": law[1] / float(layer) ** law[0]}
            for layer, gamma in zip(record, path, strict=True)
        ]  # fmt: skip
    write_csv(rates, args.rates, [*COLUMNS, "start", "layer", "gamma", "exponent", "predicted"])


CURVE = ["c", "f", "complement", "f1", "f2", "slope_ratio"]  # E[phi']^2/E[phi'^2]
COLUMNS = ["activation", "sigma_b", "sigma_w", "q", "stable"]

if __name__ == "__main__":
    run(main)
