"""Check the config before any job: one line that names the key, the value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from edgeofchaos.names import BUILTINS

SCHEMA = Path(__file__).parent / "schemas" / "config.schema.yaml"
_SHOWN = 60  # characters of a bad value worth showing


class ConfigError(Exception):
    """The config is not usable; the message is one line."""


def check(config: dict) -> dict[str, dict]:
    """Validate ``config``; return the activations as name -> spec.

    Raises:
        ConfigError: a key is unknown, missing, of the wrong type or out of range.
    """
    for path, value in _numbers(config, ()):
        if not math.isfinite(value):
            raise ConfigError(f"config: {_dotted(path)} = {value}; allowed is a finite number")
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        raise ConfigError(_line(error))
    specs = _activations(config["activations"])
    _beyond_the_schema(config["theory"], specs)
    return specs


def scale(config: dict) -> dict:
    """What the scale that ``config`` names overlays; nothing without a scale.

    Raises:
        ConfigError: there is no such scale.
    """
    name = config.get("scale")
    if name is None:
        return {}
    known = {p.stem: p for p in sorted((Path(__file__).parent / "scales").glob("*.yaml"))}
    if name not in known:
        raise ConfigError(f"config: scale = {_short(name)}; allowed are {', '.join(known)}")
    return yaml.safe_load(known[name].read_text(encoding="utf-8"))


def _line(error: ValidationError) -> str:
    where = _dotted(error.absolute_path)
    schema = error.schema
    if error.validator == "additionalProperties":
        unknown = sorted(set(error.instance) - set(schema.get("properties", {})), key=str)
        known = ", ".join(schema.get("properties", {}))
        key = _dotted([*error.absolute_path, unknown[0]])
        return f"config: {key} is not a key; allowed there: {known}"
    if error.validator == "required":
        missing = [k for k in error.validator_value if k not in error.instance]
        return f"config: {_dotted([*error.absolute_path, missing[0]])} is missing; it is required"
    allowed = {
        "type": lambda v: f"type {v if isinstance(v, str) else ' or '.join(v)}",
        "minimum": lambda v: f"at least {v:g}",
        "maximum": lambda v: f"at most {v:g}",
        "exclusiveMinimum": lambda v: f"more than {v:g}",
        "minItems": lambda v: f"a list of at least {v}",
        "maxItems": lambda v: f"a list of at most {v}",
        "uniqueItems": lambda v: "a list without repeated values",
        "pattern": lambda v: f"text that matches {v}",
    }
    rule = allowed.get(error.validator, lambda v: f"{error.validator} {v}")
    return f"config: {where} = {_short(error.instance)}; allowed is {rule(error.validator_value)}"


def _activations(entries: list) -> dict[str, dict]:
    specs: dict[str, dict] = {}
    for i, entry in enumerate(entries):
        spec = {} if isinstance(entry, str) else {k: v for k, v in entry.items() if k != "name"}
        name = entry if isinstance(entry, str) else entry["name"]
        where = f"activations[{i}]"
        if name in specs:
            raise ConfigError(f"config: {where} = {name!r} is there twice; names must differ")
        if "function" in spec:
            wrong = sorted(set(spec) - {"function", "kinks"})
        else:
            builtin = spec.get("builtin", name)
            if builtin not in BUILTINS:
                raise ConfigError(
                    f"config: {where} = {_short(builtin)}; allowed are {', '.join(BUILTINS)}, or "
                    "an object with name, function and kinks"
                )
            wrong = sorted(set(spec) - {"builtin"} - set(BUILTINS[builtin]))
        if wrong:
            raise ConfigError(f"config: {where}.{wrong[0]} does not go with {name!r}; leave it out")
        specs[name] = spec
    return specs


def _beyond_the_schema(theory: dict, specs: dict) -> None:
    for i, name in enumerate(theory["phases"]["activations"]):
        if name not in specs:
            raise ConfigError(
                f"config: theory.phases.activations[{i}] = {name!r}; allowed are those in "
                f"activations: {', '.join(specs)}"
            )
    grids = {
        "theory.phases.sigma_b": theory["phases"]["sigma_b"],
        "theory.phases.sigma_w": theory["phases"]["sigma_w"],
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


def _numbers(value, path: tuple) -> Iterator[tuple[tuple, float]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _numbers(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _numbers(item, (*path, i))
    elif isinstance(value, float):
        yield path, value


def _dotted(path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return _short(text.lstrip("."), quote=False) or "(top)"


def _short(value, quote: bool = True) -> str:
    text = " ".join((repr(value) if quote else str(value)).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
