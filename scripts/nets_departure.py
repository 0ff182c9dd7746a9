"""How long Swish nets of finite width stay at an unstable edge point."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_departure", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_departure import nets_departure

    arguments.run(nets_departure, args)


if __name__ == "__main__":
    run(main)
