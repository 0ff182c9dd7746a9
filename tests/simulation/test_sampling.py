"""Both samplers: one law, closed-form moments at any width, no cancellation, what is refused.

Tests of the law use fixed seeds. With K comparisons over all cases of a test, each is held to a
p-value of 0.001/K: with other seeds a correct sampler would fail a test once in a thousand times.
"""

import math

import numpy as np
import pytest
import torch
from scipy.stats import chi2, ks_2samp, kstest

import edgeofchaos as eoc
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate
from edgeofchaos.simulation.streams import stream
from edgeofchaos.theory.recursion import complement_trajectory, pair_trajectory

RARE = 1e-3


def inputs(count, dimension=3):
    """``count`` inputs, the third one equal to the first."""
    a = torch.tensor(np.random.default_rng(5).standard_normal((dimension, count)))
    if count >= 3:
        a[:, 2] = a[:, 0]
    return a


def statistics(nets):
    """Scalars of each draw whose distributions are compared."""
    q = nets.q
    out = {"q": q[:, -1, 0], "q^2": q[:, 1, 0], "K": nets.covariance[:, -1, 0, 0].numpy()}
    y = nets.outputs.numpy()  # (draws, units, B)
    out["unit"] = y[:, 0, 0]
    out["fourth"] = (y[..., 0] ** 4).mean(1)
    out["cross units"] = y[:, 0, 0] * y[:, 1, 0]
    if q.shape[2] > 1:
        out["c"] = nets.complement()[:, -1]
        out["c first"] = nets.complement()[:, 0]
        out["cross inputs"] = y[:, 0, 0] * y[:, 0, 1]
        out["cross both"] = y[:, 0, 0] * y[:, 1, -1]
    return out


NAMES = ("tanh", "relu", "swish")
SHAPES = ((1, 4), (2, 4), (3, 4), (8, 16), (2, 32))  # inputs, width


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("count", "width"), SHAPES)
@pytest.mark.slow(after=5)
def test_the_two_samplers_have_one_law(name, count, width):
    found = [
        statistics(propagate(
            name, 0.3, 1.3, inputs(count), [width, width + 1, width], draws=4000, units=width,
            sampler=sampler, seed=stream(8, name, count, width, sampler),
        ))
        for sampler in ("dense", "conditional")
    ]  # fmt: skip
    dense, conditional = found
    for key in dense:
        p = ks_2samp(dense[key], conditional[key]).pvalue
        assert p > RARE / (len(dense) * len(NAMES) * len(SHAPES)), (key, p)


@pytest.mark.parametrize("sampler", ["dense", "conditional"])
@pytest.mark.parametrize("width", [4, 64])
@pytest.mark.slow(after=2)
def test_relu_variance_of_q_has_its_closed_form(sampler, width):
    # Without biases on the edge, K' = K (2/N) sum relu(z_i)^2: E[(K^l)^2] = K^2 (1 + 5/N)^l
    layers, draws = 3, 20_000
    x = torch.full((4, 1), 1.0)
    nets = propagate("relu", 0.0, math.sqrt(2), x, [width] * layers, draws=draws, sampler=sampler,
                     seed=11)  # fmt: skip
    k = nets.covariance[:, -1, 0, 0].numpy() / 2.0
    second = (1 + 5 / width) ** layers
    squares = k**2
    assert abs(k.mean() - 1) < 4 * k.std() / math.sqrt(draws)
    assert abs(squares.mean() - second) < 4 * squares.std() / math.sqrt(draws)


@pytest.mark.parametrize("sampler", ["dense", "conditional"])
def test_the_first_layer_is_chi_squared(sampler):
    x = torch.tensor([[1.0], [2.0]])
    nets = propagate("tanh", 0.5, 1.5, x, [7], draws=4000, sampler=sampler, seed=3)
    variance = 0.25 + 2.25 * 5 / 2
    assert kstest(nets.q[:, 0, 0] * 7 / variance, chi2(7).cdf).pvalue > RARE


@pytest.mark.parametrize("name", ["tanh", "elu", "hardtanh"])
@pytest.mark.slow(after=1)
def test_bias_of_q_shrinks_like_one_over_width(name):
    q_a, widths = 3.0, (8, 16, 32)
    theory = pair_trajectory(name, 0.2, 1.4, q_a, q_a, 0.5, 5).q_a[-1]
    x = pair_inputs((q_a, q_a), 0.5, 0.2, 1.4)
    gaps, errors = [], []
    for width in widths:
        draws = 40_000
        nets = propagate(name, 0.2, 1.4, x, [width] * 5, draws=draws, seed=stream(1, width))
        k = nets.covariance[:, -2, 0, 0].numpy()
        gaps.append(k.mean() - theory)
        errors.append(k.std() / math.sqrt(draws))
    scaled = np.array(gaps) * widths  # constant, if the bias is C/N
    noise = np.array(errors) * widths
    mean = np.average(scaled, weights=1 / noise**2)
    assert abs(mean) > 6 / math.sqrt((1 / noise**2).sum())  # there is a bias to speak of
    # the next order is O(1/N^2): 15 % at these widths
    assert np.all(np.abs(scaled - mean) < 4 * noise + 0.15 * abs(mean))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_wide_net_follows_the_recursion_to_tiny_complements(dtype):
    point = eoc.variance_map("tanh", 0.3, 0.9)
    q = point.limit()
    x = pair_inputs((q, q), 0.3, 0.3, 0.9)
    layers = 16 if dtype == torch.float32 else 40
    nets = propagate("tanh", 0.3, 0.9, x, [100_000] * layers, seed=2, dtype=dtype)
    theory = complement_trajectory(
        eoc.CorrelationMap(eoc.activation("tanh"), q, 0.3, 0.9), 0.3, range(1, layers + 1)
    )
    # log(1 - c) walks by about sqrt(5/N) a layer
    allowed = 6 * math.sqrt(5 * layers / 100_000)
    np.testing.assert_allclose(nets.complement()[0], theory, rtol=allowed)
    assert theory[-1] < (1e-3 if dtype == torch.float32 else 1e-9)


def test_equal_inputs_stay_equal():
    nets = propagate("swish", 0.2, 1.5, inputs(3), [50] * 6, draws=20, units=50)
    assert np.all(nets.complement(0, 2) == 0)
    assert (nets.outputs[..., 0] == nets.outputs[..., 2]).all()


def test_widths_may_differ_and_the_input_dimension_counts():
    x = torch.ones(10, 2)
    nets = propagate("tanh", 0.0, 1.0, x, [3, 700, 5], draws=2000, units=5, seed=9)
    assert nets.outputs.shape == (2000, 5, 2)
    assert nets.covariance[:, 0, 0, 0].unique().item() == pytest.approx(1.0)  # |a|^2/d
    narrow, wide = nets.covariance[:, 1, 0, 0].var(), nets.covariance[:, 2, 0, 0].var()
    assert narrow > 0 and wide > 0


def test_same_seed_same_numbers():
    run = lambda seed: propagate("relu", 0.1, 1.4, inputs(2), [20] * 3, seed=seed).q  # noqa: E731
    assert np.array_equal(run(4), run(4))
    assert not np.array_equal(run(4), run(5))


def test_memory_does_not_grow_with_width():
    # The largest tensor drawn at once, whatever the width
    sizes = []
    original = torch.Tensor.normal_

    def spy(self, *args, **kwargs):
        sizes.append(self.numel())
        return original(self, *args, **kwargs)

    torch.Tensor.normal_ = spy
    try:
        propagate("relu", 0.0, 1.4, inputs(2), [1_000_000, 10], draws=1, seed=0)
    finally:
        torch.Tensor.normal_ = original
    assert max(sizes) <= 1 << 17 and sum(sizes) == 2 * 1_000_010


@pytest.mark.parametrize(("change", "words"), [
    ({"widths": []}, "widths = "), ({"widths": [3, 0]}, r"widths\[1\] = 0"),
    ({"draws": 0}, "draws = 0"),
    ({"units": 9}, "units = 9"), ({"sampler": "both"}, "sampler = 'both'"),
    ({"dtype": torch.float16}, "dtype = torch.float16"), ({"device": "tpu"}, "device = 'tpu'"),
    ({"sigma_w": math.nan}, "sigma_w = nan"), ({"sigma_b": -1}, "sigma_b = -1"),
    ({"inputs": torch.ones(3)}, "inputs of shape"),
    ({"inputs": torch.full((2, 1), math.inf)}, "finite"),
    ({"record": False, "sampler": "conditional"}, "record = False"),
    ({"ceiling": 1.0, "sampler": "dense"}, "ceiling = 1.0"),
])  # fmt: skip
def test_what_is_refused(change, words):
    arguments = {"phi": "tanh", "sigma_b": 0.1, "sigma_w": 1.0, "inputs": torch.ones(2, 1),
                 "widths": [4, 4], **change}  # fmt: skip
    with pytest.raises(ValueError, match=words.replace("(", r"\(")) as error:
        propagate(**arguments)
    assert "\n" not in str(error.value)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("sampler", ["dense", "conditional"])
def test_cuda_has_the_law_of_the_cpu(sampler):
    found = [
        statistics(propagate("tanh", 0.3, 1.3, inputs(2), [16, 16], draws=3000, units=16,
                             sampler=sampler, seed=8, device=device))
        for device in ("cpu", "cuda")
    ]  # fmt: skip
    for key in found[0]:
        assert ks_2samp(found[0][key], found[1][key]).pvalue > RARE / len(found[0]), key


def test_an_overflow_is_told_or_counted_as_infinite():
    x = torch.ones(2, 1)
    with pytest.raises(ValueError, match="the variance overflows at layer"):
        propagate("relu", 0.0, 1e60, x, [4] * 4)
    nets = propagate("relu", 0.0, 3.0, x, [50] * 40, draws=3, ceiling=1e6)
    k = nets.covariance[:, :, 0, 0]
    assert torch.isinf(k[:, -1]).all() and not torch.isnan(k).any()
    assert (k[torch.isfinite(k)] <= 1e6).all()
