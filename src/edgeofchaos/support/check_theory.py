"""Tell in one line what theory refuses to compute of an activation; nothing if it refuses nothing.

Asked is what the jobs of this activation ask, on fewer points where that makes no difference.
"""

import json

from edgeofchaos.support.program import activation_from, add_activation_arguments, parser, run


def main() -> None:
    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    arguments.add_argument(
        "--theory", type=json.loads, required=True,
        help="edge, correlation, propagation and perhaps phase_diagram of the config, as JSON",
    )  # fmt: skip
    args = arguments.parse_args()

    from edgeofchaos.experiments.correlation import correlation
    from edgeofchaos.experiments.edge import edge
    from edgeofchaos.experiments.phase_diagram import phase_diagram
    from edgeofchaos.theory.recursion import pair_trajectory

    phi, asked = activation_from(args), args.theory
    edge(phi=phi, **asked["edge"])
    correlation(
        phi=phi, **{**asked["correlation"], "layers": 10}, correlations=(0.0, 0.5, 1.0),
        distance_sigma_b=(1e-4, 0.1, 2.0),
    )  # fmt: skip
    nets = asked["propagation"]
    q_a, q_b, gamma = nets["start"]
    pair_trajectory(phi, nets["sigma_b"], nets["sigma_w"], q_a, q_b, gamma, nets["layers"])
    if "phase_diagram" in asked:
        grid = asked["phase_diagram"]
        corners = {k: (grid[k]["min"], grid[k]["max"], 3) for k in ("sigma_b", "sigma_w")}
        phase_diagram(phi=phi, **corners)


if __name__ == "__main__":
    run(main)
