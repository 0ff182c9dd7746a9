"""Activations: derivatives against central differences, kinks, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from edgeofchaos.activations import BUILTINS, Activation, activation, from_spec, names
from edgeofchaos.figures.style import label
from edgeofchaos.theory.edge import edge_point

ROOT = Path(__file__).resolve().parent.parent
POINTS = np.array([-8.0, -2.5, -1.3, -0.4, -0.01, 0.02, 0.7, 1.4, 3.0, 9.0])


@pytest.mark.parametrize("name", names())
def test_derivatives_match_central_differences(name):
    phi = activation(name)
    h = 1e-4
    value, slope, curvature = phi.derivatives(POINTS)
    up, down = phi(POINTS + h), phi(POINTS - h)
    np.testing.assert_allclose(value, phi(POINTS), rtol=1e-15)
    np.testing.assert_allclose(slope, (up - down) / (2 * h), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(curvature, (up - 2 * value + down) / h**2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", names())
def test_kinks_are_where_the_slope_jumps_and_nowhere_else(name):
    phi = activation(name)
    u = np.linspace(-3, 3, 6001)
    slope = phi.derivatives(u)[1]
    jumps = u[:-1][np.abs(np.diff(slope)) > 0.005]
    for at in jumps:
        assert min((abs(at - k) for k in phi.kinks), default=np.inf) < 2e-3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu", [1.0]),
        ("leaky_relu", [0.99]),
        ("hardtanh", [1.0, -1.0]),
        ("elu", [0.0]),
        ("selu", [1.0507009873554805 * (1 - 1.6732632423543772)]),
    ],
)
def test_slope_jumps(name, expected):
    np.testing.assert_allclose(activation(name).slope_jumps, expected, atol=1e-15)


def test_softplus_is_accurate_where_torch_switches_to_the_identity():
    x = np.array([19.0, 21.0, 30.0])
    np.testing.assert_allclose(activation("softplus")(x), np.logaddexp(x, 0), rtol=1e-16)


def test_parameters_and_identity_of_builtins():
    assert activation("swish") is activation("swish")
    assert activation("swish", beta=2.0)(1.0) == pytest.approx(1 / (1 + np.exp(-2)))
    assert activation("elu", alpha=2.0).slope_jumps[0] == pytest.approx(-1.0)


def test_a_users_own_function_by_dotted_path_and_spec():
    phi = activation("torch:tanh")
    np.testing.assert_allclose(phi(POINTS), np.tanh(POINTS), rtol=1e-14)
    mine = from_spec("mine", {"function": "torch:abs", "kinks": [0.0]})
    assert mine.name == "mine"
    assert mine.slope_jumps[0] == 2.0
    assert from_spec("swish2", {"builtin": "swish", "beta": 2.0}).name == "swish2"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: activation("relo"), "'relo' is unknown; allowed are relu"),
        (lambda: activation("swish", gamma=1.0), "parameter 'gamma'; allowed: beta"),
        (lambda: activation("swish", beta=float("nan")), "finite"),
        (lambda: activation("torch:nothing_here"), "cannot be loaded"),
        (lambda: activation("no_such_module:f"), "cannot be loaded"),
        (lambda: activation("relu", kinks=[1.0]), "has its own"),
        (lambda: activation(3), "a name or an Activation"),
        (lambda: Activation("a", lambda x: x.sum()), "shape"),
        (lambda: Activation("a", lambda x: x.float()), "float32"),
        (lambda: Activation("a", lambda x: 1 / x), "not finite at 0"),
        (lambda: Activation("a", lambda x: x.detach().numpy()), "ndarray"),
        (lambda: Activation("a", torch.sign, kinks=[0.0]), "jumps from -1 to 1"),
        (lambda: Activation("a", torch.tanh, kinks=[float("inf")]), "finite"),
        (lambda: from_spec("a", {"function": "torch:tanh", "beta": 1}), "not allowed beside"),
    ],
)
def test_unfit_activations_are_refused_in_one_line(call, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        call()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fn, kink", [
    (torch.relu, "0"), (torch.nn.functional.hardtanh, "-1"), (torch.nn.functional.relu6, "0"),
    (torch.nn.functional.elu, "0"), (lambda x: x * x.abs(), "0"),
])  # fmt: skip
def test_an_undeclared_kink_at_the_end_of_a_panel_is_named(fn, kink):
    with pytest.raises(ValueError, match=rf"kink at {kink}; declare it in kinks=\({kink},\)"):
        Activation("mine", fn)


def test_an_undeclared_kink_elsewhere_is_named_when_it_is_met():
    bent = Activation("bent", lambda x: torch.relu(x - 0.7) + 0.5 * x)
    with pytest.raises(ValueError, match=r"not smooth near 0\.7; declare it in kinks=\(0\.7,\)"):
        edge_point(bent, 0.2)


def test_the_catalogue_of_builtins_is_read_without_torch(python, tmp_path):
    code = (
        "import sys\n"
        "from edgeofchaos.activations import BUILTINS, names\n"
        "assert BUILTINS['swish'].parameters == {'beta': 1.0}\n"
        "assert set(names()) == set(BUILTINS)\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = python(tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr


def test_each_builtin_has_a_label_of_its_own():
    labels = [builtin.label for builtin in BUILTINS.values()]
    assert len(set(labels)) == len(names())
    assert label("swish") == "Swish"
    assert label("a_users_own") == "a_users_own"


def test_the_config_lists_every_builtin():
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    assert set(config["activations"]) == set(names())
