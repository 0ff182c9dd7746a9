"""ReLU-like activations: the edge point, F(x) = x, f against its closed form, the rate of 1 - c."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("relu_like", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.relu_like import relu_like

    arguments.run(relu_like, args)


if __name__ == "__main__":
    run(main)
