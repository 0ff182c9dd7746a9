"""A device that is not there is told in one line."""

import pytest
import torch

from edgeofchaos.simulation.devices import pick_device


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_is_one_line():
    with pytest.raises(ValueError, match="device = 'cuda', but torch finds no CUDA device"):
        pick_device("cuda")


def test_auto_is_cuda_where_there_is_one():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert pick_device("auto") == pick_device(expected) == torch.device(expected)


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="device = 'tpu'; allowed are auto, cpu, cuda"):
        pick_device("tpu")
