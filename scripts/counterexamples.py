"""Activations that contradict Propositions 4 and 7 as printed."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("counterexamples", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.counterexamples import counterexamples

    arguments.run(counterexamples, args)


if __name__ == "__main__":
    run(main)
