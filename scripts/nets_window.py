"""Swish nets on either side of a fold that lies below divergence."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_window", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_window import nets_window

    arguments.run(nets_window, args)


if __name__ == "__main__":
    run(main)
