"""What training calls is phi and autograd's derivative of it, whichever way they are computed."""

import numpy as np
import pytest
import torch

from edgeofchaos import Activation, activation
from edgeofchaos.activations import names
from edgeofchaos.training.pointwise import _BUILTINS, pointwise

X = torch.from_numpy(np.concatenate([np.linspace(-30, 30, 4001), [-1e-8, 0.0, 1e-8, -90, 90]]))


def both(phi, dtype):
    """(phi(x), grad * phi'(x)) as training computes it and by autograd."""
    x = X.to(dtype)
    grad = torch.linspace(-1, 2, len(x), dtype=dtype)
    value, pulled = torch.full_like(x, torch.nan), grad.clone()
    pointwise(phi).value(x, value)
    pointwise(phi).pull(x, value, pulled)
    leaf = x.clone().requires_grad_()
    expected = phi(leaf)
    (slope,) = torch.autograd.grad(expected, leaf, grad)
    return (value, pulled), (expected.detach(), slope)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", names())
def test_it_is_phi_and_its_derivative(name, dtype):
    found, expected = both(activation(name), dtype)
    accuracy = 4 * torch.finfo(dtype).eps
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=accuracy, atol=accuracy)


def test_a_function_of_ones_own_is_never_taken_for_a_built_in_of_its_name():
    phi = Activation("relu", lambda x: torch.sin(3 * x))
    (value, pulled), (expected, slope) = both(phi, torch.float64)
    assert torch.equal(value, expected) and torch.equal(pulled, slope)
    other = activation("swish", beta=2.0)
    assert pointwise(other) is not pointwise(activation("swish")) is _BUILTINS["swish"]
    for one, another in zip(*both(other, torch.float64), strict=True):
        torch.testing.assert_close(one, another, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("fn", [torch.zeros_like, lambda x: 0.0 * x])
def test_a_constant_pulls_nothing_back(fn):
    x, grad = X.clone(), torch.ones_like(X)
    pointwise(Activation("flat", fn)).pull(x, fn(x), grad)
    assert not grad.any()


@pytest.mark.parametrize("name", ["relu", "tanh", "elu", "swish", "gelu"])
def test_nan_stays_nan_and_where_it_is(name):
    x = torch.tensor([1.0, torch.nan, -1.0])
    value, grad = torch.empty(3), torch.ones(3)
    pointwise(activation(name)).value(x, value)
    pointwise(activation(name)).pull(x, value, grad)
    assert value.isnan().tolist() == [False, True, False]
    assert torch.isfinite(grad[[0, 2]]).all()
