"""q and c of simulated nets against the kernel recursion, for one phi."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_propagation", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_propagation import nets_propagation

    arguments.run(nets_propagation, args)


if __name__ == "__main__":
    run(main)
