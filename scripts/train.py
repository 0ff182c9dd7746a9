"""Train an ensemble of nets of one architecture on MNIST; a stopped run goes on where it was."""

import io
import sys
from pathlib import Path

from edgeofchaos.support.artifacts import digest, write_bytes
from edgeofchaos.support.program import add_outputs, parser, run, versions
from edgeofchaos.support.tables import write_csv
from simulation import progress, setup


def main():
    from edgeofchaos.experiments.inits import INITS

    arguments = parser(__doc__)
    for name in ("--width", "--depth", "--seeds", "--images", "--steps", "--batch", "--every"):
        arguments.add_argument(name, type=int, required=True)
    arguments.add_argument("--inits", nargs="+", required=True, choices=sorted(INITS))
    arguments.add_argument("--sigma-b", type=float, required=True, help="of the edge points")
    arguments.add_argument("--optimiser", default="adam", help="adam, sgd or rmsprop")
    arguments.add_argument("--learning-rate", type=float, default=1e-3)
    arguments.add_argument(
        "--precision", default="float32", help="float32 or bfloat16, of products"
    )
    arguments.add_argument("--device", default="auto", help="auto, cpu or cuda")
    arguments.add_argument("--data", type=Path, required=True, help="folder of the IDX files")
    arguments.add_argument("--checkpoint", type=Path, help="removed at the end")
    add_outputs(arguments, "train_curves", "train_gradients")
    args = arguments.parse_args()
    args.seed = 0  # members have their own

    import torch

    from edgeofchaos.experiments.train import curves, ensemble
    from edgeofchaos.training.mnist import mnist

    device = setup(args)
    digits = mnist(args.data)
    net, labels = ensemble(
        args.inits, args.seeds, digits[0].images, args.sigma_b, width=args.width, depth=args.depth,
        optimiser=args.optimiser, learning_rate=args.learning_rate, device=device,
        precision=args.precision,
    )  # fmt: skip
    what = f"{args.width} x {args.depth}"
    told = sorted((k, str(v)) for k, v in vars(args).items() if k != "checkpoint")
    made_for = digest(repr((told, versions(), _library())).encode()).encode()

    def save(saved):
        if args.checkpoint:
            stream = io.BytesIO()
            torch.save(saved, stream)
            data = made_for + stream.getvalue()
            write_bytes(digest(data).encode() + data, args.checkpoint)

    saved = None
    if args.checkpoint and args.checkpoint.is_file():
        saved = _load(args.checkpoint, device, made_for)
    rows, norms = curves(
        net, labels, digits, images=args.images, steps=args.steps, batch=args.batch,
        every=args.every, saved=saved, save=save, progress=lambda steps: progress(steps, what),
    )  # fmt: skip
    shape = {"width": args.width, "depth": args.depth}
    write_csv([{**shape, **r} for r in rows], args.train_curves)
    write_csv([{**shape, **r} for r in norms], args.train_gradients)
    if args.checkpoint:
        args.checkpoint.unlink(missing_ok=True)


def _load(path, device, made_for):
    """The checkpoint of this very training; None if it is damaged or another's, which is told."""
    import torch

    data = path.read_bytes()
    found, maker, saved = data[:64], data[64:128], data[128:]
    # PyTorch reads a file with a flipped bit as if nothing were the matter.
    if found != digest(data[64:]).encode():
        print(f"checkpoint: {path} is damaged; from the start", file=sys.stderr)
        return None
    if maker != made_for:
        print(f"checkpoint: {path} is of another training; from the start", file=sys.stderr)
        return None
    saved = torch.load(io.BytesIO(saved), map_location=device, weights_only=True)
    print(f"checkpoint: {path}; from step {saved['state']['step']}", file=sys.stderr)
    return saved


def _library():
    """SHA-256 of the library in use: with other code a training begins anew."""
    ours = sorted(n for n in sys.modules if n.partition(".")[0] == "edgeofchaos")
    return digest(b"".join(Path(sys.modules[n].__file__).read_bytes() for n in ours))


if __name__ == "__main__":
    run(main)
