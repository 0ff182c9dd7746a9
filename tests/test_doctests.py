"""The examples in the docstrings run, and every public function has one."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import edgeofchaos as eoc
import edgeofchaos.practice
import edgeofchaos.theory

PACKAGES = (edgeofchaos.theory, edgeofchaos.practice)
MODULES = [
    "edgeofchaos.activations",
    *(f"{p.__name__}.{m.name}" for p in PACKAGES for m in pkgutil.iter_modules(p.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", [n for n in eoc.__all__ if inspect.isfunction(getattr(eoc, n))])
def test_every_public_function_has_an_example(name):
    assert doctest.DocTestFinder(recurse=False).find(getattr(eoc, name))[0].examples
