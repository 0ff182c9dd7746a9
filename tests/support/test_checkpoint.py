"""Checkpoints that come back as they were, or not at all."""

import pytest
import torch

from edgeofchaos.support.checkpoint import Checkpoint

STATE = {
    "state": {"parameters": torch.arange(1000.0), "step": 7, "optimiser": {"lr": 0.5}},
    "rows": [{"step": 7, "accuracy": 0.5, "init": "tanh-edge"}],
}


@pytest.fixture
def path(tmp_path):
    Checkpoint(tmp_path / "folder" / "c.pt", {"width": 5}).save(STATE)
    return tmp_path / "folder" / "c.pt"


def test_a_state_comes_back_as_it_was(path, capsys):
    found = Checkpoint(path, {"width": 5}).load()
    assert torch.equal(found["state"].pop("parameters"), STATE["state"]["parameters"])
    assert found["rows"] == STATE["rows"]
    assert found["state"] == {"step": 7, "optimiser": {"lr": 0.5}}
    assert "from step 7" in capsys.readouterr().err
    assert [p.name for p in path.parent.iterdir()] == ["c.pt"]


def test_the_state_of_another_training_is_left_alone(path, capsys):
    assert Checkpoint(path, {"width": 6}).load() is None
    assert "of another training" in capsys.readouterr().err


@pytest.mark.parametrize("part", [0.0, 0.01, 0.02, 0.5, 0.999])
def test_a_flipped_bit_is_seen_wherever_it_is(path, part, capsys):
    data = bytearray(path.read_bytes())
    data[int(part * len(data))] ^= 1
    path.write_bytes(data)
    assert Checkpoint(path, {"width": 5}).load() is None
    assert "damaged" in capsys.readouterr().err


@pytest.mark.parametrize("length", [0, 10, 64, 100, 128, 2000])
def test_what_is_cut_off_is_damaged(path, length, capsys):
    path.write_bytes(path.read_bytes()[:length])
    assert Checkpoint(path, {"width": 5}).load() is None
    assert "damaged" in capsys.readouterr().err


def test_a_new_state_takes_the_place_of_the_old_one(path):
    Checkpoint(path, {"width": 5}).save({"state": {"step": 8}})
    assert Checkpoint(path, {"width": 5}).load() == {"state": {"step": 8}}


def test_without_a_path_nothing_is_kept(tmp_path):
    nothing = Checkpoint(None, {})
    nothing.save(STATE)
    assert nothing.load() is None
    nothing.remove()
    assert not list(tmp_path.iterdir())
