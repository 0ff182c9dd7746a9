"""The phases of Swish near where its fold lies below divergence."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("phase_window", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.phase_window import phase_window

    arguments.run(phase_window, args)


if __name__ == "__main__":
    run(main)
