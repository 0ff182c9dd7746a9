"""How well Gaussian processes of deep nets classify MNIST, by depth: the prior seen on data."""

from pathlib import Path

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("kernel_accuracy", __doc__)
    arguments.parser.add_argument(
        "--data", type=Path, required=True, help="folder of the IDX files"
    )
    args = arguments.parse()

    import torch

    from edgeofchaos.experiments.kernel_accuracy import kernel_accuracy
    from edgeofchaos.training.mnist import mnist

    torch.set_num_threads(1)  # as under Snakemake
    arguments.run(kernel_accuracy, args, digits=mnist(args.data))


if __name__ == "__main__":
    run(main)
