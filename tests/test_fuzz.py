"""Activations drawn from a grammar, each answer held against a slow path (`make fuzz` has more)."""

import pytest
import torch
from fuzz.compared import compare
from fuzz.grammar import ASKED, SIGMA_BS, TREES
from hypothesis import HealthCheck, given, settings


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@settings(max_examples=200, derandomize=True, database=None, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(tree=TREES, sigma_b=SIGMA_BS, ask=ASKED)
def test_no_answer_is_wrong(tree, sigma_b, ask):
    verdict = compare(tree, sigma_b, ask)
    assert not verdict.wrong, "\n".join([*verdict.wrong, f"lambda x: {tree.source()}"])
