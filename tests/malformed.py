"""Hypothesis strategies for configs that break the schema in one place, made from the schema."""

import copy
import math

import yaml
from hypothesis import strategies as st
from places import ROOT

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8"))
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))

# A value of each YAML type; what a schema allows is left out where it is used.
VALUES = {
    "null": st.none(),
    "boolean": st.booleans(),
    "integer": st.integers(-(10**20), 10**20),
    "number": st.floats(allow_nan=True, allow_infinity=True),
    "string": st.text(max_size=40),
    "array": st.just([]) | st.lists(st.integers(), min_size=1, max_size=3),
    "object": st.just({}) | st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
}


def resolved(schema):
    """The schema without its $ref."""
    if "$ref" in schema:
        return {**SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], **schema, "$ref": None}
    return schema


def places(schema, value, path=()):
    """(path, schema, value) of every place in a config, the config itself last."""
    schema = resolved(schema)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for key, item in value.items():
            of = known.get(key) or schema.get("additionalProperties")
            if isinstance(of, dict):
                yield from places(of, item, (*path, key))
    elif isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from places(schema["items"], item, (*path, i))
    yield path, schema, value


PLACES = list(places(SCHEMA, DEFAULT))


def changed(path, value):
    """The default config with another value at a path."""
    config = copy.deepcopy(DEFAULT)
    if not path:
        return value
    inner = config
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return config


def types(schema):
    named = schema.get("type", "string")
    return {named} if isinstance(named, str) else set(named)


def wrong_types(schema):
    """Values of a type that the schema does not have."""
    right = types(schema)
    if "number" in right:
        right = right | {"integer"}
    return st.one_of(*(v for name, v in VALUES.items() if name not in right))


def out_of_range(schema):
    """Numbers beyond a bound, and those that are not finite."""
    found = [st.sampled_from([math.nan, math.inf, -math.inf])] if "number" in types(schema) else []
    integer = types(schema) == {"integer"}
    for key, sign in (("minimum", -1), ("exclusiveMinimum", -1), ("maximum", 1)):
        if key in schema:
            beyond = st.integers(1, 10**25) if integer else st.floats(1e-3, 1e300)
            found.append(beyond.map(lambda by, at=schema[key], sign=sign: at + sign * by))
            if key.startswith("exclusive"):
                found.append(st.just(schema[key]))
    return found


def broken(path, schema, value):
    """Strategies for what must not stand at this place."""
    found = [wrong_types(schema), *out_of_range(schema)]
    if "enum" in schema:
        found.append(st.text(max_size=10).filter(lambda text: text not in schema["enum"]))
    if "pattern" in schema:
        found.append(st.sampled_from([
            "", "../x", "/etc/passwd", "a/b", "a\\b", ".", "..", "a b", "a\n", "a\x00", "-rf",
            "{x}", "$(touch x)", "`x`", "a;b", "x" * 33, "x" * 5000, "é", "con.txt", "*", "~", "%s",
        ]))  # fmt: skip
    if isinstance(value, dict):
        known = schema.get("properties", {})
        if schema.get("additionalProperties") is False:
            key = st.text(min_size=1, max_size=12).filter(lambda k: k not in known)
            found.append(key.map(lambda k: {**value, k: 1}))
        found += [
            st.just({k: v for k, v in value.items() if k != name})
            for name in schema.get("required", ())
        ]
    if isinstance(value, list) and value:
        if schema.get("uniqueItems"):
            found.append(st.just([*value, value[0]]))
        if schema.get("minItems", 0) > 0:
            found.append(st.just(value[: schema["minItems"] - 1]))
        if "maxItems" in schema:
            found.append(st.just([*value, *range(schema["maxItems"] + 1)]))
    return found


@st.composite
def malformed(draw):
    """(path, config): the default config, broken at that path."""
    path, schema, value = draw(st.sampled_from(PLACES))
    return path, changed(path, draw(st.one_of(*broken(path, schema, value))))
