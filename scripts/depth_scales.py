"""Depth scales and phases of Tanh: decay of q and c, the chaotic limit, decorrelation, Lemma 1."""

from edgeofchaos.support.experiment import Arguments
from edgeofchaos.support.program import run


def main() -> None:
    arguments = Arguments("depth_scales", __doc__)
    args = arguments.parse()

    from edgeofchaos.experiments.depth_scales import depth_scales

    arguments.run(depth_scales, args)


if __name__ == "__main__":
    run(main)
