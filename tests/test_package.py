"""The package's own names, whatever was imported before."""

import importlib
import pkgutil
from types import ModuleType

import pytest

import edgeofchaos as eoc


def test_no_module_hides_a_public_name():
    # Importing a submodule sets it as an attribute of the package, over a lazy name.
    modules = {m.name for m in pkgutil.iter_modules(eoc.__path__)}
    assert modules & {*eoc.__all__} == set()
    found = {name: getattr(eoc, name) for name in eoc.__all__}
    assert [name for name, value in found.items() if isinstance(value, ModuleType)] == []
    assert [name for name, value in found.items() if getattr(eoc, name) is not value] == []


def test_dir_and_what_is_not_there():
    assert set(eoc.__all__) <= set(dir(eoc))
    with pytest.raises(AttributeError, match="nothing"):
        _ = eoc.nothing


def test_names_lists_what_activation_takes():
    assert "tanh" in eoc.names()
    assert all(eoc.activation(name).name == name for name in eoc.names())
    assert importlib.import_module("edgeofchaos.activations").names is eoc.names
