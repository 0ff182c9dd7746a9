"""MNIST from its four canonical IDX files, whose SHA-256 is checked each time they are read."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# SHA-256 of the uncompressed files.
SUMS = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@dataclass(frozen=True)
class Digits:
    """Images as rows of pixel/255 in [0, 1], float32 (n, 784), and labels, int64 (n,)."""

    images: np.ndarray
    labels: np.ndarray


def mnist(folder: str | Path) -> tuple[Digits, Digits]:
    """The training and the test digits, from NAME or NAME.gz in ``folder``.

    Returns:
        60,000 digits to train on and 10,000 to test on.

    Raises:
        ValueError: a file is missing, damaged or not the canonical one; the message names it and
            the sum expected.
    """
    parts = {name: read_canonical(Path(folder), name) for name in SUMS}

    def digits(kind: str) -> Digits:
        images = _idx(parts[f"{kind}-images-idx3-ubyte"]).reshape(-1, 784)
        labels = _idx(parts[f"{kind}-labels-idx1-ubyte"])
        return Digits(images.astype(np.float32) / 255, labels.astype(np.int64))

    return digits("train"), digits("t10k")


def read_canonical(folder: Path, name: str) -> bytes:
    """The bytes of one of the IDX files, unpacked and checked.

    Raises:
        ValueError: as :func:`mnist`.
    """
    expected = f"expected SHA-256 {SUMS[name]}"
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            break
    else:
        raise ValueError(f"{folder / name}.gz is missing; {expected}, unpacked")
    try:
        raw = path.read_bytes()
        data = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} cannot be read ({error}); {expected}, unpacked") from error
    found = hashlib.sha256(data).hexdigest()
    if found != SUMS[name]:
        raise ValueError(f"{path} has SHA-256 {found} unpacked; {expected}")
    return data


def _idx(data: bytes) -> np.ndarray:
    """An array of bytes in IDX format: two zeros, type 8, the number of dimensions, the sizes."""
    rank = data[3]
    shape = np.frombuffer(data, ">u4", count=rank, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def to_idx(array: np.ndarray) -> bytes:
    """The bytes of the IDX file that holds an array of uint8."""
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + np.ascontiguousarray(array, np.uint8).tobytes()


def mean_squares(images: np.ndarray) -> np.ndarray:
    """|a|^2/d of each image a, a row of d numbers: (n,)."""
    return np.mean(np.asarray(images, np.float64) ** 2, axis=1)
