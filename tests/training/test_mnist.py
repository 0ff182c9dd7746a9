"""MNIST is the canonical one, or one line says what is wrong with which file."""

import gzip
import shutil

import numpy as np
import pytest

from edgeofchaos.training.mnist import SUMS, mean_squares, mnist, read_canonical, to_idx

NAME = "t10k-labels-idx1-ubyte"


@pytest.fixture(scope="module")
def folder(root):
    return root / "resources" / "mnist"


def test_the_digits(folder):
    training, test = mnist(folder)
    assert training.images.shape == (60000, 784) and test.images.shape == (10000, 784)
    assert training.images.dtype == np.float32 and training.images.min() >= 0
    assert training.images.max() == 1.0
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]  # as everyone knows them
    assert np.bincount(training.labels).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip


@pytest.mark.parametrize("packed", [True, False])
def test_packed_and_unpacked_files_read_alike(folder, tmp_path, packed):
    data = gzip.decompress((folder / f"{NAME}.gz").read_bytes())
    if packed:
        shutil.copy(folder / f"{NAME}.gz", tmp_path)
    else:
        (tmp_path / NAME).write_bytes(data)
    assert read_canonical(tmp_path, NAME) == data


def damaged(how, raw):
    if how == "truncated":
        return raw[:-100]
    if how == "flipped":
        return raw[:500] + bytes([raw[500] ^ 1]) + raw[501:]
    if how == "empty":
        return b""
    if how == "no gzip":
        return b"hello"
    return gzip.compress(gzip.decompress(raw)[:-1])  # whole, but another file


@pytest.mark.parametrize("how", ["truncated", "flipped", "empty", "no gzip", "another", "missing"])
def test_a_file_that_is_not_the_canonical_one_is_told_in_one_line(folder, tmp_path, how):
    raw = (folder / f"{NAME}.gz").read_bytes()
    if how != "missing":
        (tmp_path / f"{NAME}.gz").write_bytes(damaged(how, raw))
    with pytest.raises(ValueError) as error:
        read_canonical(tmp_path, NAME)
    text = str(error.value)
    assert NAME in text and SUMS[NAME] in text and "\n" not in text


def test_idx_and_back(folder):
    data = read_canonical(folder, "t10k-images-idx3-ubyte")
    images = np.frombuffer(data, np.uint8, offset=16).reshape(10000, 28, 28)
    assert to_idx(images) == data


def test_mean_squares_are_those_of_the_images(folder):
    images = mnist(folder)[1].images
    found = mean_squares(images)
    # So that a bound on the training images, which scaling takes, is one on all.
    assert found.max() < mean_squares(mnist(folder)[0].images).max()
    assert found.shape == (10000,) and found.dtype == np.float64
    assert found[7] == pytest.approx((images[7].astype(float) ** 2).sum() / 784, rel=1e-12)
