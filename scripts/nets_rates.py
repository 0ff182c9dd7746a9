"""1 - c on the edge, simulated to great depth."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_rates", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_rates import nets_rates

    arguments.run(nets_rates, args)


if __name__ == "__main__":
    run(main)
