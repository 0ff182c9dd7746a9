"""q, chi_1 and the domains of convergence over a (sigma_b, sigma_w) grid, for one phi."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("phase_diagram", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.phase_diagram import phase_diagram

    arguments.run(phase_diagram, args)


if __name__ == "__main__":
    run(main)
