"""How many layers a variance takes to leave an unstable edge point."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("departure", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.departure import departure

    arguments.run(departure, args)


if __name__ == "__main__":
    run(main)
