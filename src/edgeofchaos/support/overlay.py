"""The config as it is put together: the workflow's own, a scale, and what the user gives."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from edgeofchaos.support.config import FOLDER, Config, scale, schema
from edgeofchaos.support.config_values import ConfigError, bounded, short

_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False}


def overlaid(
    files: Iterable[Mapping[str, Any]], given: Iterable[Mapping[str, Any]], folder: Path = FOLDER
) -> Config:
    """``files``, the scale that the config names over them, and over it what is given, in turn.

    A mapping is laid over a mapping, key by key; anything else replaces what was there.

    Raises:
        ConfigError: as :func:`edgeofchaos.support.config.scale`, or what is given is no mapping.
    """
    files, given = list(files), list(given)
    for each in given:
        _check_mapping(each)
    named = _laid({}, [*files, *given])
    return _laid({}, [*files, scale(named, folder), *given])


def _check_mapping(given: Any) -> None:
    if not isinstance(given, Mapping):
        raise ConfigError(f"config: {short(given)} is given; allowed is a mapping")


def _laid(config: Config, layers: Iterable[Mapping[str, Any]]) -> Config:
    for layer in layers:
        for key, value in layer.items():
            if isinstance(value, Mapping):
                inner = config.get(key)
                config[key] = _laid(inner if isinstance(inner, dict) else {}, [value])
            else:
                config[key] = copy.deepcopy(value)
    return config


def typed(given: Mapping[str, Any], folder: Path = FOLDER) -> Config:
    """``given`` with texts read as the numbers and truth values that the schema wants there.

    Snakemake reads what is nested in a value of ``--config`` as text, whatever it is. What
    cannot be read so stays as it is, and what the schema wants as text too.

    Raises:
        ConfigError: it is no mapping, or stands for more values than a config may have.

    Example:
        ``typed({"training": {"steps": "100"}})`` is ``{"training": {"steps": 100}}``.
    """
    _check_mapping(given)
    bounded(given)
    config = copy.deepcopy(dict(given))
    errors = list(Draft202012Validator(schema(folder)).iter_errors(config))
    for error in errors:
        if error.validator in ("type", "enum") and isinstance(error.instance, str):
            *above, last = error.absolute_path
            inner: Any = config
            for key in above:
                inner = inner[key]
            inner[last] = _read(error.instance, error.validator, error.validator_value)
    return config


def _read(text: str, validator: str, wanted: Any) -> Any:
    """``text`` as one of the types that are wanted, or as the equal of one of an enum's values."""
    if validator == "enum":
        number = _read(text, "type", ["number"])
        return next((value for value in wanted if value == number), text)
    types = [wanted] if isinstance(wanted, str) else wanted
    if {"integer", "number"} & {*types} and _WHOLE.fullmatch(text):
        return int(text) if len(text) < 400 else text
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types:
        return _WORDS.get(text.lower(), text)
    return text
