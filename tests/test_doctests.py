"""The examples in the docstrings run, and every public function has one."""

import doctest
import importlib
import inspect
import pkgutil

import edgeofchaos as eoc
import edgeofchaos.practice
import edgeofchaos.theory

PACKAGES = (edgeofchaos.theory, edgeofchaos.practice)
MODULES = [
    "edgeofchaos.activations",
    *(f"{p.__name__}.{m.name}" for p in PACKAGES for m in pkgutil.iter_modules(p.__path__)),
]


def test_the_examples_of_every_module_run():
    failed = [n for n in MODULES if doctest.testmod(importlib.import_module(n)).failed]
    assert len(MODULES) > 50 and failed == []


def test_every_public_function_has_an_example():
    finder = doctest.DocTestFinder(recurse=False)
    functions = [n for n in eoc.__all__ if inspect.isfunction(getattr(eoc, n))]
    without = [n for n in functions if not finder.find(getattr(eoc, n))[0].examples]
    assert functions and without == []
