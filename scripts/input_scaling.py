"""Where the variances of MNIST's images go from layer to layer, by how the images are scaled."""

from pathlib import Path

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("input_scaling", __doc__)
    arguments.parser.add_argument(
        "--data", type=Path, required=True, help="folder of the IDX files"
    )
    args = arguments.parse()

    from edgeofchaos.experiments.input_scaling import input_scaling
    from edgeofchaos.training.mnist import mnist

    arguments.run(input_scaling, args, digits=mnist(args.data))


if __name__ == "__main__":
    run(main)
