"""Mean squared gradients of random nets, on the edge and off it."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_gradients", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_gradients import nets_gradients

    arguments.run(nets_gradients, args)


if __name__ == "__main__":
    run(main)
