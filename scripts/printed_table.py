"""The paper's table of edge points of Swish as printed, and the solutions of chi_1 = 1."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("printed_table", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.printed_table import printed_table

    arguments.run(printed_table, args)


if __name__ == "__main__":
    run(main)
