"""What becomes of the variance of Swish nets of finite width at the point that the paper prints."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("nets_printed", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.nets_printed import nets_printed

    arguments.run(nets_printed, args)


if __name__ == "__main__":
    run(main)
