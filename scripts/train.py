"""Train an ensemble of nets of one architecture on MNIST; a stopped run goes on where it was."""

from pathlib import Path

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("train", __doc__)
    add = arguments.parser.add_argument
    add("--data", type=Path, required=True, help="folder of the IDX files")
    add("--checkpoint", type=Path, help="removed at the end")
    args = arguments.parse()

    from edgeofchaos.experiments.train import train
    from edgeofchaos.support.checkpoint import Checkpoint
    from edgeofchaos.training.mnist import mnist

    digits = mnist(args.data)
    checkpoint = Checkpoint(
        args.checkpoint, {k: v for k, v in vars(args).items() if k != "checkpoint"}
    )
    arguments.run(train, args, digits=digits, saved=checkpoint.load(), save=checkpoint.save)
    checkpoint.remove()


if __name__ == "__main__":
    run(main)
