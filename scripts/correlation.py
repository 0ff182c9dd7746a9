"""f on a grid, sup|f - x| along the edge, and 1 - c^l to great depth, for one phi."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("correlation", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.correlation import correlation

    arguments.run(correlation, args)


if __name__ == "__main__":
    run(main)
