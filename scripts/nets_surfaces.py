"""Output surfaces of random nets over a grid of inputs, and how much they vary."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_surfaces", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_surfaces import nets_surfaces

    arguments.run(nets_surfaces, args)


if __name__ == "__main__":
    run(main)
