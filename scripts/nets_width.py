"""How far simulated nets are from the Gaussian process, against width."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_width", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_width import nets_width

    arguments.run(nets_width, args)


if __name__ == "__main__":
    run(main)
