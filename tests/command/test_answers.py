"""What the subcommands answer is what the library says."""

import json

import numpy as np
import pytest
import torch

import edgeofchaos as eoc
from edgeofchaos.builtins import BUILTINS, canonical
from edgeofchaos.experiments.phase_diagram import domains


@pytest.fixture
def told(ask):
    """The JSON that the command prints."""

    def call(*arguments):
        code, out, err = ask(arguments[0], "--json", *arguments[1:])
        assert (code, err) == (0, "")
        return json.loads(out)

    return call


def test_edge_of_several(told):
    rows = told("edge", "tanh", "SiLU", "--sigma-b", 0.2, 0.5)
    assert rows == [eoc.edge_point(n, b).as_dict() for n in ("tanh", "swish") for b in (0.2, 0.5)]
    assert rows == told("edge", "--sigma-b=0.2", 0.5, "--", "tanh", "swish")
    assert [r["status"] for r in told("edge", "softplus", "tanh")] == ["none", "ok"]


def test_curve(told):
    rows = told("curve", "gelu", "--sigma-b-from", 0.1, "--sigma-b-to", 1, "--points", 4)
    assert rows == [p.as_dict() for p in eoc.edge_curve("gelu", [0.1, 0.4, 0.7, 1.0])]
    assert {r["stable"] for r in rows} == {True, False}


@pytest.mark.parametrize("name", ["relu", "tanh", "swish"])
def test_phase(told, name):
    rows = told("phase", name, "--points", 4, "--sigma-b-from", 0, "--sigma-b-to", 1.5,
                "--sigma-w-from", 0.5, "--sigma-w-to", 3.5)  # fmt: skip
    slow = domains(name, [0.0, 0.5, 1.0, 1.5], [0.5, 1.5, 2.5, 3.5])
    keys = ("sigma_b", "sigma_w", "phase")
    assert [[r[k] for k in keys] for r in rows] == [[r[k] for k in keys] for r in slow]
    for row in rows:
        if row["phase"] != "divergent":
            scales = eoc.depth_scales(name, row["sigma_b"], row["sigma_w"])
            assert (row["q"], row["chi1"]) == (scales.q, scales.chi1)
            assert row["depth_scale_q"] == pytest.approx(scales.variance, nan_ok=True)
            chaotic = row["phase"] == "chaotic"
            assert row["depth_scale_c"] == (None if chaotic else scales.correlation)


def test_a_point_on_the_edge_is_in_no_phase(told):
    (b, w) = 0.0, 2**0.5
    rows = told("phase", "relu", "--points", 2, "--sigma-b-from", b, "--sigma-b-to", 1,
                "--sigma-w-from", 1, "--sigma-w-to", repr(w))  # fmt: skip
    assert [r["phase"] for r in rows] == ["ordered", "edge", "ordered", "divergent"]


def test_compare(told):
    tanh, relu = told("compare", "tanh", "relu", "--depth", 30)
    point = eoc.edge_point("tanh", 0.2)
    rate = eoc.edge_rate("tanh", point)
    assert (tanh["sigma_w"], tanh["rate_exponent"], tanh["rate_constant"]) == (
        point.sigma_w, rate.exponent, rate.coefficient,
    )  # fmt: skip
    assert tanh["identity_distance"] == eoc.identity_distance("tanh", point)
    assert (tanh["prop4"], tanh["prop5"], tanh["prop7"]) == ("yes", "yes", "yes")
    assert (relu["sigma_b"], relu["status"], relu["rate_exponent"]) == (0.0, "singleton", 2)
    assert relu["rate_constant"] == pytest.approx(4.5 * np.pi**2)
    assert (relu["prop4"], relu["prop5"], relu["prop7"]) == ("NO", "NO", "NO")
    # 1 - c at layer 30 of orthogonal inputs, layer by layer.
    f, gamma = eoc.correlation_map("tanh", point), 1.0
    for _ in range(29):
        gamma = float(f.complement(gamma))
    assert tanh["one_minus_c_at_depth"] == pytest.approx(gamma, rel=1e-9)


def test_what_has_no_edge_and_what_is_linear_can_be_compared(told):
    softplus, identity = told("compare", "softplus", "identity")
    assert softplus["status"] == "none" and softplus["rate_constant"] is None
    assert "no edge" in softplus["reason"]
    assert identity["rate_exponent"] is None and identity["identity_distance"] == 0.0


def test_simulated_nets_are_about_the_theory(told):
    rows = told("simulate", "tanh", "--width", 2000, "--depth", 8, "--nets", 40)
    point = eoc.edge_point("tanh", 0.2)
    assert rows[0]["sigma_w"] == point.sigma_w
    start = 0.2**2 + point.sigma_w**2
    assert rows[0]["q_theory"] == pytest.approx(start)
    assert rows[0]["c_theory"] == pytest.approx(0.2**2 / start)
    path = eoc.pair_trajectory("tanh", 0.2, point.sigma_w, start, start, 1 - 0.04 / start, 8)
    assert [r["q_theory"] for r in rows] == pytest.approx(path.q_a.tolist())
    for row in rows:
        assert row["q_low"] < row["q"] < row["q_high"] and row["c_low"] < row["c"] < row["c_high"]
        assert abs(row["q"] / row["q_theory"] - 1) < 0.03
        assert abs(row["c"] - row["c_theory"]) < 0.03
        assert row["c"] == pytest.approx(1 - row["one_minus_c"])
    assert rows == told("simulate", "tanh", "--width", 2000, "--depth", 8, "--nets", 40)
    other = told("simulate", "tanh", "--width", 2000, "--depth", 8, "--nets", 40, "--seed", 1)
    assert other[0]["q"] != rows[0]["q"] and other[0]["q_theory"] == rows[0]["q_theory"]


def test_intervals_hold_as_often_as_they_say(told):
    """Of q at layer 1, whose mean is the theory's at any width."""
    held = 0
    for seed in range(40):
        (row,) = told("simulate", "relu", "--sigma-b", 0, "--depth", 1, "--width", 200, "--nets", 9,
                      "--seed", seed)  # fmt: skip
        held += row["q_low"] <= row["q_theory"] <= row["q_high"]
    assert 32 <= held < 40 + 1


def test_close_inputs_are_told_by_their_cosine(told):
    (row,) = told("simulate", "relu", "--sigma-b", 0, "--depth", 1, "--correlation", 0.75)
    assert row["c_theory"] == pytest.approx(0.75) and row["q_theory"] == pytest.approx(2.0)


def test_activations_are_all_there(told):
    rows = told("activations")
    assert [r["name"] for r in rows] == list(eoc.names())
    for row in rows:
        assert all(canonical(alias) == row["name"] for alias in row["aliases"])
        assert list(eoc.activation(row["name"]).kinks) == row["kinks"]


@pytest.mark.parametrize("name", BUILTINS)
def test_a_formula_is_the_function(name):
    x = np.linspace(-5.0, 5.0, 201)
    words = {n: getattr(np, n) for n in ("tanh", "arctan", "exp", "log", "sqrt", "pi")}
    words |= {"max": np.maximum, "min": np.minimum, "abs": np.abs, "x": x}
    words["erf"] = lambda u: torch.erf(torch.from_numpy(u)).numpy()
    value = eval(BUILTINS[name].formula, {**words, **BUILTINS[name].parameters})
    assert value == pytest.approx(eoc.activation(name)(x), abs=3e-6, rel=3e-6)


def test_a_function_in_a_file(told, tmp_path):
    folder = tmp_path / "some where"
    folder.mkdir()
    (folder / "beside_it.py").write_text("SLOPE = 0.5\n")
    (folder / "own_bent.py").write_text(
        "import torch\nfrom beside_it import SLOPE\n\n"
        "def bent(x):\n    return torch.relu(x) + SLOPE * x\n"
    )
    row = told("edge", f"{folder}/own_bent.py:bent", "--sigma-b", 0, "--kinks", 0)
    assert row["sigma_w"] == pytest.approx((2 / (1.5**2 + 0.5**2)) ** 0.5, rel=1e-12)
    rows = told("compare", f"{folder}/own_bent.py:bent", "relu", "--kinks", "0")
    assert [r["activation"] for r in rows] == ["bent", "relu"]


def test_a_file_that_is_called_like_a_loaded_module_is_not_that_module(told, tmp_path):
    (tmp_path / "json.py").write_text("def f(x):\n    return x.tanh()\n")
    assert told("edge", f"{tmp_path}/json.py:f")["sigma_w"] == pytest.approx(1.30414584)
