"""Check the config before any job: one line that names the key, the value and what is allowed."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from edgeofchaos.builtins import BUILTINS
from edgeofchaos.experiments.inits import parse
from edgeofchaos.support.config_values import ConfigError, bounded, dotted, numbers, short
from edgeofchaos.support.sources import find_module
from edgeofchaos.training.mnist import SUMS

# The workflow's folder in the checkout that this file is part of. The Snakefile passes its own.
FOLDER = Path(__file__).resolve().parents[3] / "workflow"
Config = dict[str, Any]
Specs = dict[str, dict[str, Any]]  # an activation's name -> its entry, less the name
# libyaml's, where PyYAML has it: in Python alone the schema takes half a second at each start.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATIENCE = 60  # seconds for what is checked in a process of its own
_TYPES = {
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


def check(
    config: Config, folder: Path = FOLDER, digits: bool = True, modules: Sequence[str] = ()
) -> Specs:
    """Validate ``config``; return the activations as name -> spec.

    Args:
        config: the whole of it.
        folder: has the schema, in schemas/config.schema.yaml.
        digits: whether MNIST has to be there. The workflow asks for it where a job reads it.
        modules: folders with modules of the user's own, beside the work folder.

    Raises:
        ConfigError: a key is unknown, missing, of the wrong type or out of range.
    """
    bounded(config)
    error = best_match(_Validator(schema(folder)).iter_errors(config))
    if error is not None:
        raise ConfigError(_line(error))
    # NaN is within all bounds of the schema. It is looked for after the schema has refused lists
    # that contain themselves, which would be walked through for ever.
    for path, value in numbers(config):
        if not math.isfinite(value):
            raise ConfigError(f"config: {dotted(path)} = {value}; allowed is a finite number")
    specs = _activations(config["activations"], modules)
    _beyond_the_schema(config, specs)
    if digits:
        check_digits(config["training"]["data"])
    return specs


@cache
def schema(folder: Path) -> dict[str, Any]:
    """What ``folder``/schemas/config.schema.yaml holds; it is not to be changed."""
    found: dict[str, Any] = _read_yaml(folder / "schemas/config.schema.yaml")
    return found


def _read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # a safe one


def check_digits(data: str) -> None:
    """Whether the folder ``data`` has the files of MNIST.

    Raises:
        ConfigError: one is not there.
    """
    for name in SUMS:
        path = Path(data, f"{name}.gz")
        if not path.is_file():
            raise ConfigError(
                f"config: training.data = {short(data)} has no {path.name}; allowed is "
                "a folder with the four IDX files of MNIST, gzipped (resources/mnist/README.md)"
            )


def scale(config: Config, folder: Path = FOLDER) -> Config:
    """What the scale that ``config`` names overlays, a file of ``folder``/scales.

    Nothing without one, or where it is ``default``.

    Raises:
        ConfigError: there is no such scale, or its file does not hold a mapping.
    """
    name = config.get("scale")
    if name in (None, "default"):
        return {}
    known = {p.stem: p for p in sorted((folder / "scales").glob("*.yaml"))}
    if not isinstance(name, str) or name not in known:
        raise ConfigError(f"config: scale = {short(name)}; allowed are default, {', '.join(known)}")
    try:
        overlay = _read_yaml(known[name])
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"config: scale = {name!r}; {known[name].name} is not YAML ({short(error, False)})"
        ) from error
    if not isinstance(overlay, dict):
        raise ConfigError(
            f"config: scale = {name!r}; {known[name].name} has {short(overlay)}; allowed is a "
            "mapping"
        )
    return overlay


def check_own(config: Config, specs: Specs, environment: Mapping[str, str] | None = None) -> None:
    """What needs PyTorch to be checked, in processes of its own: whatever happens stays there.

    The user's own activations are called, theory is asked of them what jobs will ask, and the
    points of the initialisations are computed. ``environment`` is added to that of these
    processes, as to that of jobs.

    Raises:
        ConfigError: an activation cannot be loaded, is none, takes too long or is refused by
            theory; or an initialisation has no point.
    """
    for name, spec in specs.items():
        key = "function" if "function" in spec else "builtin"
        where = f"config: activation {name!r}, {key} = {short(spec.get(key, name))}"
        told = ["--activation", name, "--spec", json.dumps(spec)]
        if key == "function":
            _probe(f"{where}:", environment, "check_activation", *told)
        # Theory is asked before the jobs ask it, of whatever is not as this project has it.
        if set(spec) - {"builtin"} and "theory" in config:
            told += ["--theory", json.dumps(_asked_of(name, config))]
            _probe(f"{where}:", environment, "check_theory", *told, patience=10 * _PATIENCE)
    train = config["training"]
    studies = [study for study in train["studies"].values() if study["shapes"]]
    inits = dict.fromkeys(name for study in studies for name in study["inits"])
    if inits:
        told = ["--sigma-b", str(train["sigma_b"]), "--inits", *inits]
        _probe("config: training.studies has", environment, "check_inits", *told)


def _asked_of(name: str, config: Config) -> Config:
    """What the config has computed of one activation."""
    theory = config["theory"]
    phased = ["phase_diagram"] if name in theory["phase_diagram"]["activations"] else []
    asked = {key: theory[key] for key in ("edge", "correlation", *phased)}
    return {**asked, "propagation": config["simulation"]["propagation"]}


def _probe(
    where: str, environment: Mapping[str, str] | None, module: str, *arguments: str,
    patience: float | None = None,
) -> None:  # fmt: skip
    """Raise what edgeofchaos.support.MODULE tells of the arguments, after ``where``."""
    command = [sys.executable, "-m", f"edgeofchaos.support.{module}", *arguments]
    patience = patience or _PATIENCE
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=patience,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f"{where} no answer in {patience} s; allowed is an elementwise torch function"
        ) from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        told = last.partition(f"error: {module}.py: ")[2]
        raise ConfigError(f"{where} {told or f'ends Python, status {done.returncode}'}")


def _whole(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """``pattern`` on all of the text; jsonschema's lets a line break follow it."""
    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError("not as the pattern has it")


# jsonschema calls 10.0 an integer; argparse, which reads it as an argument of a script, does not.
_Validator = extend(
    Draft202012Validator,
    validators={"pattern": _whole},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda checker, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def _line(error: ValidationError) -> str:
    where = dotted(error.absolute_path)
    schema = error.schema
    known = ", ".join(schema.get("properties", {}))
    if error.validator == "additionalProperties":
        unknown = min(set(error.instance) - set(schema["properties"]), key=str)
        key = dotted([*error.absolute_path, str(unknown)])
        return f"config: {key} = {short(error.instance[unknown])} is no key; allowed are {known}"
    if error.validator == "required":
        missing = [k for k in error.validator_value if k not in error.instance]
        key = dotted([*error.absolute_path, missing[0]])
        return f"config: {key} is missing in {short(error.instance)}; allowed are {known}"
    allowed = {
        "type": lambda v: " or ".join(_TYPES[t] for t in ([v] if isinstance(v, str) else v)),
        "minimum": lambda v: f"at least {v:g}",
        "maximum": lambda v: f"at most {v:g}",
        "exclusiveMinimum": lambda v: f"more than {v:g}",
        "minItems": lambda v: f"a list of at least {v}",
        "maxItems": lambda v: f"a list of at most {v}",
        "uniqueItems": lambda v: "a list without repeated values",
        "pattern": lambda v: f"text that matches {v}",
    }
    rule = allowed.get(error.validator, lambda v: f"{error.validator} {v}")
    return f"config: {where} = {short(error.instance)}; allowed is {rule(error.validator_value)}"


def _activations(entries: list[Any], modules: Sequence[str]) -> Specs:
    specs: Specs = {}
    for i, entry in enumerate(entries):
        spec = {} if isinstance(entry, str) else {k: v for k, v in entry.items() if k != "name"}
        name = entry if isinstance(entry, str) else entry["name"]
        where = f"activations[{i}]"
        if name in specs:
            raise ConfigError(
                f"config: {where} = {name!r} is there twice; allowed are names that differ"
            )
        if "function" in spec:
            own = {"function", "kinks"}
            _findable(f"{where}.function", spec["function"], modules)
        else:
            builtin = spec.get("builtin", name)
            if builtin not in BUILTINS:
                raise ConfigError(
                    f"config: {where} = {short(builtin)}; allowed are {', '.join(BUILTINS)}, or "
                    "an object with name, function and kinks"
                )
            own = {"builtin", *BUILTINS[builtin].parameters}
        if wrong := sorted(set(spec) - own):
            raise ConfigError(
                f"config: {where}.{wrong[0]} = {short(spec[wrong[0]])}; allowed for {name!r} are "
                f"name, {', '.join(sorted(own))}"
            )
        # A claim on Tanh, say, is judged on the rows of that name: they have to be the built-in's.
        if name in BUILTINS and spec not in ({}, {"builtin": name}):
            raise ConfigError(
                f"config: {where}.name = {name!r} is a built-in's; allowed is a name of its own"
            )
        specs[name] = spec
    return specs


def _findable(where: str, function: str, modules: Sequence[str]) -> None:
    module = function.partition(":")[0]
    # The user's own modules lie in the work folder, as for scripts (support/program.py).
    path = [os.getcwd(), *modules, *sys.path]
    top = module.partition(".")[0]
    hooked = find_module(top, path) is None and find_spec(top)  # built in, or an editable install
    if not hooked and find_module(module, path) is None:
        raise ConfigError(
            f"config: {where} = {short(function)}; allowed is package.module:function with a "
            "module that can be found"
        )


def _beyond_the_schema(config: Config, specs: Specs) -> None:
    theory, train = config["theory"], config["training"]
    for i, name in enumerate(theory["phase_diagram"]["activations"]):
        if name not in specs:
            raise ConfigError(
                f"config: theory.phase_diagram.activations[{i}] = {name!r}; allowed are those in "
                f"activations: {', '.join(specs)}"
            )
    grids = {
        "theory.phase_diagram.sigma_b": theory["phase_diagram"]["sigma_b"],
        "theory.phase_diagram.sigma_w": theory["phase_diagram"]["sigma_w"],
        "theory.supplement.q": theory["supplement"]["q"],
    }
    for key, grid in grids.items():
        if not grid["min"] < grid["max"]:
            raise ConfigError(
                f"config: {key}.min = {grid['min']:g}; allowed is less than max = {grid['max']:g}"
            )
    for i, (above, below) in enumerate(theory["relu_like"]["slopes"]):
        if above == below:
            raise ConfigError(
                f"config: theory.relu_like.slopes[{i}] = [{above:g}, {below:g}]; allowed are two "
                "slopes that differ"
            )
    for section, key in (("simulation.width", "activations"), ("simulation.rates", "nets"),
                         ("simulation.gradients", "nets")):  # fmt: skip
        for name in config["simulation"][section.partition(".")[2]][key]:
            if name not in BUILTINS:
                raise ConfigError(
                    f"config: {section}.{key} has {name!r}; allowed are {', '.join(BUILTINS)}"
                )
    for study, about in train["studies"].items():
        for i, name in enumerate(about["inits"]):
            try:
                parse(name)
            except ValueError as error:
                where = f"config: training.studies.{study}.inits[{i}] = {short(name)}"
                why = str(error).removeprefix(f"{name!r}; ")
                raise ConfigError(f"{where}; {why}") from None
    _each_once(train["studies"])
    base, runs = config["stability"]["seed"], config["stability"]["runs"]
    for part in ("simulation", "training"):
        if base < config[part]["seed"] <= base + runs:
            raise ConfigError(
                f"config: stability.seed = {base}; allowed is one with {part}.seed = "
                f"{config[part]['seed']} not among the {runs} after it"
            )
    if train["batch"] > train["images"]:
        raise ConfigError(
            f"config: training.batch = {train['batch']}; allowed is at most training.images = "
            f"{train['images']}"
        )
    for key, size, what, most in _sizes(config):
        if size > most:
            raise ConfigError(f"config: {key} asks for {size:.1e} {what}; allowed is {most:.0e}")


def _each_once(studies: Config) -> None:
    """A net that two studies train would count twice where its runs are judged."""
    known: dict[tuple, str] = {}
    for study, about in studies.items():
        for (width, depth), init, rate in product(
            about["shapes"], about["inits"], about["learning_rates"]
        ):
            net = width, depth, init, about["optimiser"], rate
            if net in known:
                raise ConfigError(
                    f"config: training.studies.{study} has {init}, {width} wide and {depth} deep, "
                    f"by {about['optimiser']} {rate:g}, as {known[net]} has; allowed is each once"
                )
            known[net] = study


def _sizes(config: Config) -> Iterator[tuple[str, float, str, float]]:
    """(key, how much it asks for, of what, how much is allowed): weeks, or terabytes."""
    grid, nets = config["theory"]["phase_diagram"], config["simulation"]
    points = grid["sigma_b"]["points"] * grid["sigma_w"]["points"]
    yield "theory.phase_diagram", points, "points", 1e5
    sets = config["theory"]["kernel_accuracy"]
    for key, what, most in (("images", "training", 6e4), ("tested", "test", 1e4)):
        yield "theory.kernel_accuracy", sets["sets"] * sets[key], f"{what} images", most
    for name in ("propagation", "rates", "phases", "gradients"):
        size = math.prod(nets[name][k] for k in ("width", "layers", "draws"))
        yield f"simulation.{name}", size, "random numbers", 1e13
    for name in ("width", "departure", "printed"):
        size = nets[name]["layers"] * nets[name]["units"] * len(nets[name]["widths"])
        yield f"simulation.{name}", size, "random numbers", 1e13
    for study, about in config["training"]["studies"].items():
        largest = max((w * (784 + w * d) for w, d in about["shapes"]), default=0)
        size = about["seeds"] * len(about["inits"]) * largest
        yield f"training.studies.{study}", size, "parameters in one architecture", 1e11
