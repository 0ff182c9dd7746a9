"""What the paper remarks beside its propositions, as tables."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("remarks", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.remarks import remarks

    arguments.run(remarks, args)


if __name__ == "__main__":
    run(main)
