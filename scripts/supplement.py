"""Swish's E[phi'' phi] and f'' over q, F, Hard-Tanh beside Tanh, prior kernels at depth."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("supplement", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.supplement import supplement

    arguments.run(supplement, args)


if __name__ == "__main__":
    run(main)
