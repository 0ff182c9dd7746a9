"""Kernels at several depths in one pass are those of each depth by itself."""

import numpy as np
import pytest

import edgeofchaos as eoc

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(6, 3)), RNG.normal(size=(4, 3))
POINT = {"sigma_b": 0.3, "sigma_w": 1.3}


@pytest.mark.parametrize("phi", ["relu", "tanh"])
@pytest.mark.parametrize("other", [None, Y], ids=["own", "cross"])
def test_each_is_that_of_its_depth_to_the_bit(phi, other):
    # All of them are there before the first is looked at: none is overwritten by a later one.
    found = list(eoc.kernel_path(phi, X, other, depths=(1, 3, 4, 9), **POINT))
    assert len(found) == 4
    for depth, each in zip((1, 3, 4, 9), found, strict=True):
        alone = eoc.kernel(phi, X, other, depth=depth, **POINT)
        assert np.array_equal(each.nngp, alone.nngp) and np.array_equal(each.ntk, alone.ntk)
        assert (each.nngp_error, each.ntk_error) == (alone.nngp_error, alone.ntk_error)


def test_layers_are_computed_when_they_are_asked_for():
    path = eoc.kernel_path("relu", X, depths=[1, 100_000], **POINT)
    assert np.array_equal(next(path).nngp, eoc.kernel("relu", X, depth=1, **POINT).nngp)


def test_an_error_on_the_way_comes_after_the_kernels_before_it():
    path = eoc.kernel_path("relu", X, depths=[1, 2, 50], sigma_b=0.0, sigma_w=10.0)
    assert len([next(path), next(path)]) == 2
    with pytest.raises(ValueError, match=r"depth: the variance comes to .* followed up to 1e\+40"):
        next(path)


def test_a_kernel_that_is_too_rough_is_told_at_its_depth():
    errors = [found.error for found in eoc.kernel_path("tanh", X, depths=[1, 60], **POINT)]
    path = eoc.kernel_path("tanh", X, depths=[1, 60], **POINT, tolerance=np.mean(errors))
    assert next(path).error == errors[0] < errors[1]
    with pytest.raises(ValueError, match="activation 'tanh': the entries of the NNGP are known to"):
        next(path)


def test_bad_arguments_are_told_before_the_first_kernel():
    with pytest.raises(ValueError, match=r"depths = \[\]; allowed is a list of whole numbers"):
        eoc.kernel_path("relu", X, depths=[], **POINT)
    with pytest.raises(ValueError, match="Y has 2 columns and X has 3"):
        eoc.kernel_path("relu", X, Y[:, :2], depths=[1], **POINT)
