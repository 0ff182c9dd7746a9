"""The edge of chaos of one phi: points, fixed points of F, stability, phases, and conditions."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("edge", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.edge import edge

    arguments.run(edge, args)


if __name__ == "__main__":
    run(main)
