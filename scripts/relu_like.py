"""ReLU-like activations: the edge point, F(x) = x, f against its closed form, the rate of 1 - c."""

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import write_csv


def _slopes(text: str) -> tuple[float, float]:
    above, _, below = text.partition(",")
    return float(above), float(below)


def main():
    arguments = parser(__doc__)
    arguments.add_argument(
        "--slopes",
        nargs="+",
        action="extend",
        type=_slopes,
        required=True,
        metavar="LAMBDA,BETA",
        help="--slopes=LAMBDA,BETA where LAMBDA is negative",
    )
    arguments.add_argument("--layers", type=int, required=True)
    add_outputs(arguments, "relu_like", "relu_kernel", "relu_rates")
    args = arguments.parse_args()

    from edgeofchaos.experiments import relu_like as relulike
    from edgeofchaos.theory.recursion import log_spaced_layers

    record = log_spaced_layers(args.layers)
    write_csv([relulike.summary(*pair) for pair in args.slopes], args.relu_like)
    write_csv([r for pair in args.slopes for r in relulike.kernel(*pair)], args.relu_kernel)
    write_csv([r for pair in args.slopes for r in relulike.rates(*pair, record)], args.relu_rates)


if __name__ == "__main__":
    run(main)
