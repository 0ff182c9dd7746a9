"""Every script of an experiment hands over each option as it was given, and nothing else."""

import importlib
import runpy
import sys

import pytest
from places import ROOT

from edgeofchaos.support.experiment import _NO_OPTIONS as INTERNAL
from edgeofchaos.support.experiment import declared

SCRIPTS = sorted(
    path.stem for path in (ROOT / "scripts").glob("*.py")
    if (ROOT / "src/edgeofchaos/experiments" / path.name).is_file()
)  # fmt: skip


def given(annotation: str, i: int):
    """What is typed for a keyword of this type, and what it has to be; another for each i."""
    if annotation in ("Nets", "Ratios"):
        return [f"tanh={i}.25", "relu=0"], {"tanh": i + 0.25, "relu": 0.0}
    if annotation == "Pairs":
        return [f"{i},0.25", f"-2,{i}"], [(float(i), 0.25), (-2.0, float(i))]
    values = {
        "int": [i],
        "float": [i + 0.375],
        "Sequence[int]": [i, i + 2, 90],
        "Sequence[float]": [0.5, i + 1.5, 1e-3],
        "Sequence[str]": [f"word{i}", "relu"],
        "Start": [i + 1.25, i + 2.5, 0.5],
        "Grid": [i + 0.5, i + 2.0, i + 3],
        "Bounds": [i, 600],
        "Window": [0.001, i + 0.3],
    }[annotation]
    one = annotation in ("int", "float")
    return [str(v) for v in values], values[0] if one else type_of(annotation)(values)


def type_of(annotation):
    return tuple if annotation == "Grid" else list


class Called(Exception):
    """The experiment was called with these keywords."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_experiment_is_called_with_what_was_typed(name, monkeypatch, tmp_path, capsys):
    keywords = declared(name).keywords
    typed, expected = [], {}
    for i, (keyword, (annotation, _)) in enumerate(keywords.items(), 1):
        option = "--" + keyword.replace("_", "-")
        if annotation == "Activation":
            typed += ["--activation", "tanh"]
        elif keyword == "device":  # which is looked for on this machine
            typed, expected[keyword] = [*typed, option, "cpu"], "cpu"
        elif annotation == "str":
            typed, expected[keyword] = [*typed, option, f"word{i}"], f"word{i}"
        elif annotation not in INTERNAL:
            words, expected[keyword] = given(annotation, i)
            # Pairs may begin with a minus, and are given one by one.
            pairs = annotation == "Pairs"
            typed += [f"{option}={word}" for word in words] if pairs else [option, *words]
    for table in declared(name).tables:
        typed += ["--" + table.replace("_", "-"), str(tmp_path / table)]
    if any(annotation == "tuple[Digits, Digits]" for annotation, _ in keywords.values()):
        typed += ["--data", "there"]

    def record(**called_with):
        raise Called(called_with)

    monkeypatch.setattr("edgeofchaos.training.mnist.mnist", lambda folder: str(folder))
    monkeypatch.setattr(importlib.import_module(f"edgeofchaos.experiments.{name}"), name, record)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", *typed])
    monkeypatch.chdir(tmp_path)
    space = runpy.run_path(str(ROOT / f"scripts/{name}.py"))
    with pytest.raises(Called) as caught:
        space["main"]()
    (handed,) = caught.value.args
    found = {key: handed[key] for key in expected}
    assert found == expected
    if "digits" in keywords:
        assert handed["digits"] == "there"
    # Besides the options: what only a script can make.
    made = {"phi", "progress", "digits", "saved", "save"}
    assert set(handed) - set(expected) <= made
    capsys.readouterr()
