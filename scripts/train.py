"""Train an ensemble of nets of one architecture on MNIST; a stopped run goes on where it was."""

import io
import sys
from pathlib import Path

from artifacts import digest, write_bytes, write_csv
from common import add_outputs, parser, run
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

    from edgeofchaos.data import mnist
    from edgeofchaos.experiments.training import curves, ensemble

    device = setup(args)
    digits = mnist(args.data)
    net, labels = ensemble(
        args.inits, args.seeds, digits[0].images, args.sigma_b, width=args.width, depth=args.depth,
        optimiser=args.optimiser, learning_rate=args.learning_rate, device=device,
        precision=args.precision,
    )  # fmt: skip
    what = f"{args.width} x {args.depth}"
    made_for = _made_for(args)

    def save(saved):
        if args.checkpoint:
            stream = io.BytesIO()
            torch.save({**saved, "made_for": made_for}, stream)
            data = stream.getvalue()
            write_bytes(digest(data).encode() + data, args.checkpoint)

    saved = _load(args.checkpoint, device, made_for) if args.checkpoint else None
    rows, norms = curves(
        net, labels, digits, images=args.images, steps=args.steps, batch=args.batch,
        every=args.every, saved=saved, save=save, progress=lambda steps: progress(steps, what),
    )  # fmt: skip
    shape = {"width": args.width, "depth": args.depth}
    write_csv([{**shape, **r} for r in rows], args.train_curves)
    write_csv([{**shape, **r} for r in norms], args.train_gradients)
    if args.checkpoint:
        args.checkpoint.unlink(missing_ok=True)


def _made_for(args) -> str:
    """What a checkpoint must have in common with this training: arguments, torch, and code."""
    import torch

    settings = sorted((k, str(v)) for k, v in vars(args).items() if k != "checkpoint")
    loaded = (m for n, m in sys.modules.items() if n.partition(".")[0] == "edgeofchaos")
    code = sorted(digest(Path(m.__file__).read_bytes()) for m in loaded)
    return digest(repr((settings, torch.__version__, code)).encode())


def _load(path, device, made_for):
    """A checkpoint of this very training; None if there is none, or it is damaged or another's."""
    import torch

    data = path.read_bytes() if path.is_file() else b""
    if not data:
        return None
    if digest(data[64:]).encode() != data[:64]:
        print(f"{path}: damaged (its SHA-256 differs); training starts anew", file=sys.stderr)
        return None
    saved = torch.load(io.BytesIO(data[64:]), map_location=device, weights_only=True)
    if saved["made_for"] != made_for:
        print(f"{path}: of another training; this one starts anew", file=sys.stderr)
        return None
    print(f"{path}: goes on after step {saved['state']['step']}", file=sys.stderr)
    return saved


if __name__ == "__main__":
    run(main)
