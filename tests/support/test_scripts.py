"""Every script of an experiment hands over each option as it was given, and nothing else."""

import importlib
import runpy
import sys

import pytest
from places import ROOT

from edgeofchaos.support.experiment import declared

SCRIPTS = sorted(
    path.stem for path in (ROOT / "scripts").glob("*.py")
    if (ROOT / "src/edgeofchaos/experiments" / path.name).is_file()
)  # fmt: skip
# For each type of keyword, what is typed and what the experiment has to be called with.
GIVEN = {
    "int": (["7"], 7),
    "float": (["0.375"], 0.375),
    "str": (["cpu"], "cpu"),
    "Sequence[int]": (["3", "5", "9"], [3, 5, 9]),
    "Sequence[float]": (["0.5", "1.5", "1e-3"], [0.5, 1.5, 1e-3]),
    "Sequence[str]": (["tanh", "relu"], ["tanh", "relu"]),
    "Start": (["1.25", "2.5", "0.5"], [1.25, 2.5, 0.5]),
    "Grid": (["0.5", "2", "3"], (0.5, 2.0, 3)),
    "Bounds": (["4", "600"], [4, 600]),
    "Window": (["0.001", "0.3"], [0.001, 0.3]),
    "Nets": (["tanh=0.25", "relu=0"], {"tanh": 0.25, "relu": 0.0}),
    "Ratios": (["tanh-edge=0.5", "relu-edge=2"], {"tanh-edge": 0.5, "relu-edge": 2.0}),
}


class Called(Exception):
    """The experiment was called with these keywords."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_experiment_is_called_with_what_was_typed(name, monkeypatch, tmp_path, capsys):
    keywords = declared(name).keywords
    typed, expected = [], {}
    for keyword, (annotation, _) in keywords.items():
        option = "--" + keyword.replace("_", "-")
        if annotation == "Activation":
            typed += ["--activation", "tanh"]
        elif annotation == "Pairs":
            typed += [f"{option}=1,0.25", f"{option}=-2,1"]
            expected[keyword] = [(1.0, 0.25), (-2.0, 1.0)]
        elif annotation in GIVEN:
            words, expected[keyword] = GIVEN[annotation]
            typed += [option, *words]
    for table in declared(name).tables:
        typed += ["--" + table.replace("_", "-"), str(tmp_path / table)]
    if any(annotation == "tuple[Digits, Digits]" for annotation, _ in keywords.values()):
        typed += ["--data", "there"]

    def record(**given):
        raise Called(given)

    monkeypatch.setattr("edgeofchaos.training.mnist.mnist", lambda folder: str(folder))
    monkeypatch.setattr(importlib.import_module(f"edgeofchaos.experiments.{name}"), name, record)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", *typed])
    monkeypatch.chdir(tmp_path)
    space = runpy.run_path(str(ROOT / f"scripts/{name}.py"))
    with pytest.raises(Called) as caught:
        space["main"]()
    (given,) = caught.value.args
    found = {key: given[key] for key in expected}
    assert found == expected
    if "digits" in keywords:
        assert given["digits"] == "there"
    # Besides the options: what only a script can make.
    made = {"phi", "progress", "digits", "saved", "save"}
    assert set(given) - set(expected) <= made, set(given) - set(expected)
    capsys.readouterr()
