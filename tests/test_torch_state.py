"""Numbers do not depend on the state that a caller has put torch in."""

import math
import threading
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
import torch

import edgeofchaos as eoc
from edgeofchaos.activations import Activation
from edgeofchaos.simulation.gradients import mean_squared_gradients
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.training.ensemble import Ensemble
from edgeofchaos.training.parameters import Member


@contextmanager
def setting(put, value, was):
    put(value)
    try:
        yield
    finally:
        put(was)


def default_dtype(dtype):
    return setting(torch.set_default_dtype, dtype, torch.float32)


def default_device(device):
    return setting(torch.set_default_device, device, None)


def deterministic():
    return setting(torch.use_deterministic_algorithms, True, False)


MOODS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "set_grad_enabled(False)": lambda: torch.set_grad_enabled(False),
    "meta as default device": lambda: default_device("meta"),
    "meta as device": lambda: torch.device("meta"),
    "float64 as default": lambda: default_dtype(torch.float64),
    "bfloat16 as default": lambda: default_dtype(torch.bfloat16),
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "deterministic": deterministic,
    "flush denormals": lambda: setting(torch.set_flush_denormal, True, False),
    "anomaly detection": lambda: torch.autograd.set_detect_anomaly(True),
    "several at once": lambda: _all(torch.inference_mode(), torch.device("meta"),
                                    default_dtype(torch.float64)),
}  # fmt: skip


@contextmanager
def _all(*managers):
    with managers[0]:
        if len(managers) > 1:
            with _all(*managers[1:]):
                yield
        else:
            yield


# Each makes its constants anew, on whatever device and in whatever dtype is the default.
FUNCTIONS = {
    "swish": lambda: Activation("s", lambda x: x * torch.sigmoid(torch.tensor(1.0) * x)),
    "elu": lambda: Activation("e", torch.nn.functional.elu, kinks=[0.0]),
    "matrix": lambda: Activation("m", lambda x: torch.tanh(x) + 0.1 * (x[..., None] @ ONE)[..., 0]),
}
ONE = torch.ones(1, 1, dtype=torch.float64)


def edges(phi):
    points = eoc.edge_curve(phi, [0.1, 0.9])
    return [x for p in points for x in (p.sigma_w, p.q, p.alpha, p.chi1)]


def numbers(phi):
    """Public numbers of theory on one function, none of them asked for before."""
    point = eoc.edge_point(phi, 0.2)
    scales = eoc.depth_scales(phi, 0.2, 1.2)
    f = eoc.correlation_map(phi, point)
    phases = eoc.limiting_phases(phi, 0.9)
    return [
        *edges(phi), point.sigma_w, point.q, point.alpha, scales.q, scales.alpha, scales.chi1,
        *f.complement(np.array([0.5, 1e-3])), float(eoc.variance_map(phi, 0.2, 1.2)(0.7)),
        eoc.identity_distance(phi, point), phases.chi1_sup, phases.q_fold,
        eoc.contraction_constant(phi).value, *phi.derivatives([0.3, -2.0]),
        *phi.one_sided(0.0).ravel(),
    ]  # fmt: skip


def flat(values):
    return np.concatenate([np.ravel(np.asarray(v, dtype=float)) for v in values])


@pytest.fixture(scope="module")
def expected():
    return {name: flat(numbers(make())) for name, make in FUNCTIONS.items()}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.slow(after=3)
def test_theory_gives_the_same_number_and_keeps_no_other(mood, function, expected):
    state = torch.get_default_dtype(), torch.is_grad_enabled()
    with MOODS[mood]():
        phi = FUNCTIONS[function]()
        there = flat(numbers(phi))
    np.testing.assert_array_equal(there, expected[function])
    np.testing.assert_array_equal(flat(numbers(phi)), expected[function])
    assert (torch.get_default_dtype(), torch.is_grad_enabled()) == state


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.slow(after=4)
def test_a_function_built_outside_is_the_same_inside(mood, expected):
    phi = FUNCTIONS["swish"]()
    with MOODS[mood]():
        np.testing.assert_array_equal(flat(numbers(phi)), expected["swish"])


def test_another_thread_gives_the_same_number(expected):
    found = []
    phi = FUNCTIONS["elu"]()

    def work():
        with torch.inference_mode():
            found.append(flat(numbers(phi)))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    np.testing.assert_array_equal(flat(numbers(phi)), expected["elu"])
    for thread in threads:
        thread.join()
    assert len(found) == 3
    for values in found:
        np.testing.assert_array_equal(values, expected["elu"])


def simulated():
    inputs = pair_inputs((1.0, 1.0), 0.5, 0.0, 1.4)
    nets = propagate("tanh", 0.2, 1.3, inputs, [20] * 4, draws=2, device="cpu")
    return [nets.q, nets.complement(),
            mean_squared_gradients("elu", 0.2, 1.3, inputs, [20] * 4, device="cpu").numpy(),
            mean_squared_gradients("elu", 0.2, 1.3, inputs, [20] * 4, draws=2, device="cpu",
                                   sampler="dense").numpy()]  # fmt: skip


def trained():
    phi = FUNCTIONS["swish"]()
    nets = Ensemble([Member(phi, 0.1, 1.4, 1.0, s) for s in range(2)], width=5, depth=3, inputs=4)
    x = torch.linspace(0, 1, 32, device="cpu", dtype=torch.float32).reshape(2, 4, 4)
    y = torch.zeros(2, 4, dtype=torch.int64, device="cpu")
    losses = [nets.step(x, y) for _ in range(3)]
    return [loss.numpy() for loss in losses]


@pytest.mark.parametrize("make", [simulated, trained])
@pytest.mark.parametrize("mood", MOODS)
def test_nets_are_the_same(mood, make):
    usual = make()
    with MOODS[mood]():
        there = make()
    for one, other in zip(usual, there, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("fn", [
    lambda x: torch.tanh(x.detach()), lambda x: torch.from_numpy(np.tanh(x.detach().numpy())),
    lambda x: torch.tanh(x).data, lambda x: torch.tensor(x.tolist(), dtype=torch.float64),
])  # fmt: skip
def test_no_gradient_is_an_error_and_not_a_zero(fn):
    with pytest.raises(ValueError, match=r"autograd has no gradient of it; its output must be"):
        Activation("cut", fn)


def test_a_constant_has_no_gradient_rightly():
    assert (
        Activation("flat", lambda x: torch.full_like(x, 2.0)).derivatives([1.0, 2.0])[1].max() == 0
    )
    with nullcontext():
        assert math.isfinite(eoc.edge_point("tanh", 0.2).q)
