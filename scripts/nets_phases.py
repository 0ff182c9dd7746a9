"""Depth scales, the chaotic limit and decorrelation of simulated Tanh nets."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_phases", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_phases import nets_phases

    arguments.run(nets_phases, args)


if __name__ == "__main__":
    run(main)
