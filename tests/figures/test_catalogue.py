"""The catalogue and the functions that draw have the same names."""

import inspect
import subprocess
import sys

import pytest

from edgeofchaos.figures import draw
from edgeofchaos.figures.catalogue import FIGURES


def drawn():
    """The public functions that the modules of figures define."""
    return {
        name
        for module in draw._MODULES
        for name, found in vars(module).items()
        if inspect.isfunction(found)
        and found.__module__ == module.__name__
        and not name.startswith("_")
    }


def test_every_figure_has_its_function_and_every_function_its_entry():
    assert drawn() == set(FIGURES)
    for name in FIGURES:
        assert draw.function(name).__name__ == name


def test_a_function_that_a_module_only_imports_draws_nothing():
    with pytest.raises(ValueError, match="figure 'panels' is in the catalogue, but no function"):
        draw.function("panels")


def test_every_entry_is_complete():
    for name, figure in FIGURES.items():
        assert figure.title and figure.category and figure.tables, name
        assert figure.caption.endswith(".") and "  " not in figure.caption, name
        assert len(set(figure.tables)) == len(figure.tables), name


def test_a_function_reads_the_tables_that_its_entry_lists_and_no_other():
    for name, figure in FIGURES.items():
        source = inspect.getsource(draw.function(name))
        read = {part.split('"')[0] for part in source.split('tables["')[1:]}
        assert read == set(figure.tables), name


def test_the_catalogue_is_light():
    code = "import sys, edgeofchaos.figures.catalogue; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert not {"torch", "matplotlib", "pandas", "numpy"} & set(loaded.split())
