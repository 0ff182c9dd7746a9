"""Variances of several inputs, layer by layer, at one (sigma_b, sigma_w)."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("variance", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.variance import variance

    arguments.run(variance, args)


if __name__ == "__main__":
    run(main)
