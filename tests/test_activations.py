"""Activations: derivatives against central differences, kinks, and what is refused."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import yaml
from places import ROOT

from edgeofchaos.activations import Activation, activation, from_spec, names
from edgeofchaos.builtins import BUILTINS
from edgeofchaos.figures.style import label
from edgeofchaos.theory.edge import edge_point

POINTS = np.array([-8.0, -2.5, -1.3, -0.4, -0.01, 0.02, 0.7, 1.4, 3.1, 9.0])


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
        (
            lambda: activation("relo"),
            "'relo' is unknown (did you mean relu, ",
        ),
        (lambda: activation("xyz"), "'xyz' is unknown; allowed are relu"),
        (lambda: activation("swish(beta)"), "'beta' is no parameter; allowed is NAME=NUMBER"),
        (lambda: activation("swish(2)"), "'2' is no parameter; allowed is NAME=NUMBER"),
        (lambda: activation("swish(gamma=2)"), "parameter 'gamma'; allowed: beta"),
        (lambda: activation(activation("relu"), kinks=[1.0]), "is an Activation; kinks and"),
        (lambda: activation("torch.nn.Dropout"), "the same at each call"),
        (lambda: activation("torch.nn.Linear"), "cannot be made without arguments"),
        (lambda: activation("torch.nn.functional.nothing"), "cannot be loaded"),
        (lambda: activation(torch.nn.Softmax(0)), "it must be elementwise"),
        (lambda: activation(torch.nn.SiLU(), beta=2.0), "takes no parameters, got ['beta']"),
        (lambda: activation(PerChannel((7, 1))), "returned shape (7, 7) for shape (7,)"),
        (lambda: activation(PerChannel((7,))), "it must be elementwise"),
        (lambda: activation("swish", gamma=1.0), "parameter 'gamma'; allowed: beta"),
        (lambda: activation("swish", beta=float("nan")), "finite"),
        (lambda: activation("torch:nothing_here"), "cannot be loaded"),
        (lambda: activation("no_such_module:f"), "cannot be loaded"),
        (lambda: activation("relu", kinks=[1.0]), "has its own"),
        (lambda: activation(3), "allowed is a name, a function of torch tensors, a torch"),
        (lambda: Activation("a", lambda x: x.sum()), "shape"),
        (lambda: Activation("a", lambda x: x.float()), "float32"),
        (lambda: Activation("a", lambda x: 1 / x), "not finite at 0"),
        (lambda: Activation("a", lambda x: x.detach().numpy()), "ndarray"),
        (lambda: Activation("a", torch.sign, kinks=[0.0]), "jumps from -1 to 1"),
        (lambda: Activation("a", torch.tanh, kinks=[float("inf")]), "finite"),
        (
            lambda: Activation("a", lambda x: torch.sigmoid(x) + torch.sigmoid(-x)),
            "phi is constant, 1, to rounding for |u| <= 8",
        ),
        (
            lambda: Activation("a", lambda x: torch.sin(x) ** 2 + torch.cos(x) ** 2),
            "phi is constant, 1, to rounding for |u| <= 8",
        ),
        (lambda: Activation("a", lambda x: 1e155 * torch.tanh(x)), "phi is over 1e+150 next to 0"),
        (lambda: from_spec("a", {"function": "torch:tanh", "beta": 1}), "not allowed beside"),
    ],
)
def test_unfit_activations_are_refused_in_one_line(call, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        call()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_catalogue_of_builtins_is_read_without_torch(cold_python, tmp_path):
    code = (
        "import sys\n"
        "from edgeofchaos.activations import names\n"
        "from edgeofchaos.builtins import BUILTINS\n"
        "assert BUILTINS['swish'].parameters == {'beta': 1.0}\n"
        "assert set(names()) == set(BUILTINS)\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = cold_python(tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr


def test_each_builtin_has_a_label_of_its_own():
    labels = [builtin.label for builtin in BUILTINS.values()]
    assert len(set(labels)) == len(names())
    assert label("swish") == "Swish"
    assert label("a_users_own") == "a_users_own"


def test_the_config_has_builtins_alone():
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    assert set(config["activations"]) <= set(names())


class PerChannel(torch.nn.Module):
    """x sigmoid(beta x) with a parameter of any shape."""

    def __init__(self, shape, beta=None):
        super().__init__()
        numbers = torch.linspace(0.5, 1.5, max(1, math.prod(shape))).reshape(shape)
        self.beta = torch.nn.Parameter(numbers if beta is None else torch.full(shape, beta))

    def forward(self, x):
        return x * torch.sigmoid(self.beta * x)


NAMES = {
    "swish": ["silu", "SiLU", "Swish", "SILU", "torch.nn.SiLU", "torch.nn:SiLU", torch.nn.SiLU,
              torch.nn.SiLU(), torch.nn.SiLU(inplace=True), "torch.nn.functional.silu",
              "torch.nn.functional:silu", torch.nn.functional.silu, "swish(beta=1)", " swish "],
    "relu": ["ReLU", "torch.relu", torch.relu, torch.nn.ReLU(inplace=True), "torch.nn.ReLU"],
    "leaky_relu": ["LeakyReLU", "Leaky-ReLU", "leaky relu", torch.nn.LeakyReLU],
    "relu6": ["ReLU6", torch.nn.ReLU6, "torch.nn.functional.relu6"],
    "hard_swish": ["hardswish", "HardSwish", "h-swish", "hswish", torch.nn.Hardswish()],
    "hard_sigmoid": ["hardsigmoid", torch.nn.Hardsigmoid, "Hard Sigmoid"],
    "hardtanh": ["HardTanh", "hard_tanh", torch.nn.Hardtanh()],
    "gelu": ["GELU", torch.nn.GELU, torch.nn.functional.gelu],
    "gelu_tanh": ["gelu_new", "gelu_pytorch_tanh", torch.nn.GELU(approximate="tanh")],
    "quick_gelu": ["QuickGELU", "quickgelu"],
    "squared_relu": ["relu2", "relu_squared", "SquaredReLU"],
    "celu": ["CELU", torch.nn.CELU], "softsign": ["Softsign", torch.nn.Softsign],
    "log_sigmoid": ["logsigmoid", "LogSigmoid", torch.nn.LogSigmoid],
    "soft_shrink": ["softshrink", torch.nn.Softshrink], "arctan": ["atan", torch.atan],
    "identity": ["linear", torch.nn.Identity], "tanh": ["Tanh", torch.tanh, torch.nn.Tanh()],
    "sigmoid": ["logistic", torch.nn.Sigmoid], "elu": ["ELU", torch.nn.ELU()],
    "selu": [torch.nn.SELU], "mish": ["Mish", torch.nn.Mish], "softplus": ["soft_plus"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "given"), [(n, g) for n, many in NAMES.items() for g in many])
def test_the_names_people_use_are_the_builtins(name, given):
    assert activation(given) is activation(name)


def test_every_builtin_is_what_torch_has_under_that_name():
    for name, builtin in BUILTINS.items():
        phi = activation(name)
        for path in builtin.functions:
            fn = torch
            for part in path.split(".")[1:]:
                fn = getattr(fn, part)
            other = fn(torch.from_numpy(POINTS)).numpy()
            np.testing.assert_allclose(phi(POINTS), other, rtol=1e-14, atol=1e-15)
        for kind in builtin.modules:
            other = getattr(torch.nn, kind)()(torch.from_numpy(POINTS)).numpy()
            np.testing.assert_allclose(phi(POINTS), other, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(("module", "expected"), [
    (torch.nn.ELU(alpha=2.0), ("elu", {"alpha": 2.0})),
    (torch.nn.CELU(alpha=0.5), ("celu", {"alpha": 0.5})),
    (torch.nn.LeakyReLU(0.25), ("leaky_relu", {"negative_slope": 0.25})),
    (torch.nn.PReLU(), ("leaky_relu", {"negative_slope": 0.25})),
    (torch.nn.PReLU(64), ("leaky_relu", {"negative_slope": 0.25})),
    (torch.nn.Softshrink(0.25), ("soft_shrink", {"lambd": 0.25})),
])  # fmt: skip
def test_a_module_with_parameters_is_the_builtin_with_these(module, expected):
    name, parameters = expected
    assert activation(module) is activation(name, **parameters)
    assert activation(f"{name}({', '.join(f'{k}={v}' for k, v in parameters.items())})") is (
        activation(name, **parameters)
    )


def test_a_builtin_with_other_torch_parameters_is_no_builtin():
    wide = activation(torch.nn.Hardtanh(-2.0, 2.0), kinks=[-2.0, 2.0])
    assert wide is not activation("hardtanh") and wide(1.5) == 1.5


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (1, 1, 1)])
def test_a_parameter_of_one_entry_may_have_any_shape(shape):
    phi = activation(PerChannel(shape, 1.5))
    assert phi.name == "PerChannel"
    np.testing.assert_allclose(phi(POINTS), activation("swish", beta=1.5)(POINTS), rtol=1e-14)
    assert phi(2.0).shape == ()
    assert edge_point(phi, 0.2).q == pytest.approx(edge_point("swish(beta=1.5)", 0.2).q, rel=1e-12)


def test_a_module_is_taken_as_it_is_now():
    module = PerChannel((1,), 1.5).half()
    phi = activation(module)
    before = edge_point(phi, 0.2)
    with torch.no_grad():
        module.beta.fill_(3.0)
    assert edge_point(activation(module), 0.2).q != before.q
    assert phi(1.0) == activation("swish", beta=1.5)(1.0)
    assert module.beta.dtype == torch.float16 and module.beta.requires_grad
    assert phi(torch.ones(3, dtype=torch.float32)).dtype == torch.float32


def test_parameters_are_not_rounded_by_another_dtype():
    phi = activation(PerChannel((), 0.1).double())
    before = phi(POINTS)
    phi(torch.ones(3, dtype=torch.float32))
    np.testing.assert_array_equal(phi(POINTS), before)


def test_soft_shrinkage_has_its_kinks_where_its_parameter_says():
    assert activation("softshrink", lambd=0.25).kinks == (-0.25, 0.25)


def test_a_function_whose_square_underflows_has_no_edge_that_a_float_holds():
    tiny = Activation("tiny", lambda x: 1e-155 * torch.tanh(x))
    with pytest.raises(ValueError, match=r"sigma_w|E\[phi'\^2\]"):
        edge_point(tiny, 0.1)
    small = edge_point(Activation("small", lambda x: 1e-90 * torch.tanh(x)), 0.1)
    tanh = edge_point("tanh", 0.1)
    assert (small.q, small.sigma_w * 1e-90) == pytest.approx((tanh.q, tanh.sigma_w), rel=1e-11)


def test_flat_about_0_and_kinked_far_out_is_no_lost_kink():
    phi = Activation("sum", lambda x: F.softshrink(1.23 * x, 0.5) + F.softshrink(1.58 * x, 0.5))
    assert edge_point(phi, 0.1).status == "unstable"
