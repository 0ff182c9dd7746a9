"""A bad config is stopped by one line with the key, the value and what is allowed."""

import copy
import math

import pytest
import yaml
from jsonschema import Draft202012Validator
from odd_configs import DEFAULT, overlaid
from places import ROOT

from edgeofchaos.support.config import ConfigError, check, scale

SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"
SCALES = sorted(path.stem for path in (ROOT / "workflow" / "scales").glob("*.yaml"))


def changed(text):
    """The default config with a piece of YAML laid over it."""
    return overlaid(copy.deepcopy(DEFAULT), yaml.safe_load(text))


# What is laid over the default config; then the key, the value and what is allowed, as told.
BAD = [
    # Unknown keys, at each level
    ("thoery: 3", "thoery", "3", "scale, activations, theory"),
    ("theory: {egde: 1}", "theory.egde", "1", "edge, correlation"),
    ("theory: {edge: {sigma: [0.1]}}", "theory.edge.sigma", "[0.1]", "sigma_b"),
    ("theory: {phase_diagram: {sigma_w: {step: 2}}}", "theory.phase_diagram.sigma_w.step", "2",
     "min, max, points"),
    ("activations: [{name: mine, betta: 2}]", "activations[0].betta", "2", "name, builtin, beta"),
    ("{7: 8}", "7", "8", "scale, activations, theory"),
    ('{"a\\nb": 8}', "a b", "8", "scale, activations, theory"),
    ('{"\\e[31m": 8}', r"'\x1b[31m'", "8", "scale, activations, theory"),
    # Types
    ("theory: 3", "theory", "3", "a mapping"),
    ("theory: null", "theory", "None", "a mapping"),
    ("theory: {edge: []}", "theory.edge", "[]", "a mapping"),
    ("activations: relu", "activations", "'relu'", "a list"),
    ("activations: {relu: 1}", "activations", "{'relu': 1}", "a list"),
    ("activations: [3]", "activations[0]", "3", "text or a mapping"),
    ("activations: [[relu]]", "activations[0]", "['relu']", "text or a mapping"),
    ("activations: &all [*all]", "activations[0]", "[[...]]", "text or a mapping"),
    ("scale: 3", "scale", "3", "text"),
    ("theory: {edge: {sigma_b: 0.2}}", "theory.edge.sigma_b", "0.2", "a list"),
    ("theory: {edge: {sigma_b: ['0.2']}}", "theory.edge.sigma_b[0]", "'0.2'", "a number"),
    ("theory: {edge: {sigma_b: [true]}}", "theory.edge.sigma_b[0]", "True", "a number"),
    ("theory: {variance: {sigma_w: yes}}", "theory.variance.sigma_w", "True", "a number"),
    ("theory: {variance: {layers: true}}", "theory.variance.layers", "True", "a whole number"),
    ("theory: {variance: {layers: 40.5}}", "theory.variance.layers", "40.5", "a whole number"),
    ("theory: {variance: {layers: 40.0}}", "theory.variance.layers", "40.0", "a whole number"),
    ("theory: {phase_diagram: {sigma_b: {points: '9'}}}",
     "theory.phase_diagram.sigma_b.points", "'9'",
     "a whole number"),
    ("theory: {phase_diagram: {sigma_b: [0, 1, 9]}}",
     "theory.phase_diagram.sigma_b", "[0, 1, 9]", "a mapping"),
    # Numbers
    ("theory: {edge: {sigma_b: [0.1, .nan]}}", "theory.edge.sigma_b[1]", "nan", "a finite number"),
    ("theory: {variance: {sigma_b: .nan}}", "theory.variance.sigma_b", "nan", "a finite number"),
    ("activations: [{name: m, function: 'math:erf', kinks: [.nan]}]", "activations[0].kinks[0]",
     "nan", "a finite number"),
    ("theory: {edge: {sigma_b: [.inf]}}", "theory.edge.sigma_b[0]", "inf", "at most 100"),
    ("theory: {edge: {sigma_b: [-.inf]}}", "theory.edge.sigma_b[0]", "-inf", "at least 0"),
    ("theory: {edge: {sigma_b: [-0.1]}}", "theory.edge.sigma_b[0]", "-0.1", "at least 0"),
    ("theory: {correlation: {rate_sigma_b: 101}}", "theory.correlation.rate_sigma_b", "101",
     "at most 100"),
    ("theory: {depth_scales: {sigma_b: 0}}", "theory.depth_scales.sigma_b", "0", "more than 0"),
    ("theory: {relu_like: {layers: 9}}", "theory.relu_like.layers", "9", "at least 10"),
    ("theory: {phase_diagram: {sigma_b: {points: 1000000000}}}",
     "theory.phase_diagram.sigma_b.points",
     "1000000000", "at most 1000"),
    ("theory: {phase_diagram: {sigma_w: {points: 1}}}",
     "theory.phase_diagram.sigma_w.points", "1", "at least 2"),
    ("theory: {phase_diagram: {sigma_w: {min: 3.0}}}",
     "theory.phase_diagram.sigma_w.min", "3", "less than max"),
    ("theory: {supplement: {q: {min: 20.0}}}", "theory.supplement.q.min", "20", "less than max"),
    ("theory: {kernel_accuracy: {noises: [0.0]}}", "theory.kernel_accuracy.noises[0]", "0",
     "at least 1e-08"),
    # Lists
    ("activations: []", "activations", "[]", "a list of at least 1"),
    ("theory: {edge: {sigma_b: []}}", "theory.edge.sigma_b", "[]", "a list of at least 1"),
    ("theory: {departure: {deviations: [0.1]}}", "theory.departure.deviations", "[0.1]",
     "a list of at least 2"),
    ("theory: {edge: {sigma_b: [0.1, 0.1]}}", "theory.edge.sigma_b", "[0.1, 0.1]",
     "without repeated values"),
    ("theory: {edge: {sigma_b: [1, 1.0]}}", "theory.edge.sigma_b", "[1, 1.0]",
     "without repeated values"),
    (f"theory: {{edge: {{sigma_b: {[i / 10 for i in range(501)]}}}}}", "theory.edge.sigma_b",
     "[0.0, 0.1, 0.2", "a list of at most 500"),
    ("theory: {relu_like: {slopes: [[1.0]]}}", "theory.relu_like.slopes[0]", "[1.0]",
     "a list of at least 2"),
    ("theory: {relu_like: {slopes: [[1.0, 1.0]]}}", "theory.relu_like.slopes[0]", "[1, 1]",
     "two slopes that differ"),
    # Activations
    ("activations: [rellu]", "activations[0]", "'rellu'", "relu, leaky_relu"),
    ("activations: [relu, tanh, relu]", "activations[2]", "'relu'", "names that differ"),
    ("activations: [../../etc/hosts]", "activations[0]", "'../../etc/hosts'", "text that matches"),
    ("activations: [{name: ../x, builtin: relu}]", "activations[0].name", "'../x'",
     "text that matches"),
    ('activations: [{name: "mine\\n", builtin: relu}]', "activations[0].name", r"'mine\n'",
     "text that matches"),
    ("activations: ['relu; touch x']", "activations[0]", "'relu; touch x'", "text that matches"),
    (f"activations: [{'a' * 33}]", "activations[0]", "a" * 33, "text that matches"),
    ("activations: [{builtin: relu}]", "activations[0].name", "{'builtin': 'relu'}",
     "name, builtin"),
    ("activations: [{name: mine, builtin: nope}]", "activations[0]", "'nope'", "relu, leaky_relu"),
    ("activations: [{name: mine, builtin: relu, beta: 2.0}]", "activations[0].beta", "2.0",
     "name, builtin"),
    ("activations: [{name: mine, builtin: relu, kinks: [0]}]", "activations[0].kinks", "[0]",
     "name, builtin"),
    ("activations: [{name: mine, function: 'math:erf', alpha: 2.0}]", "activations[0].alpha", "2.0",
     "function, kinks"),
    ("activations: [{name: mine, function: math.erf}]", "activations[0].function", "'math.erf'",
     "text that matches"),
    ("activations: [{name: mine, function: 'no_such_module:f'}]", "activations[0].function",
     "'no_such_module:f'", "a module that can be found"),
    ("activations: [{name: tanh, builtin: relu}]", "activations[0].name", "'tanh'", "of its own"),
    ("activations: [{name: swish, beta: 2.0}]", "activations[0].name", "'swish'", "of its own"),
    ("theory: {phase_diagram: {activations: [mine]}}",
     "theory.phase_diagram.activations[0]", "'mine'",
     "those in activations: relu"),
    ("stability: {seed: 0}", "stability.seed", "0", "simulation.seed = 1 not among the 20"),
    ("{stability: {seed: 4}, training: {seed: 24}}", "stability.seed", "4",
     "training.seed = 24 not among the 20 after it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"), BAD, ids=[case[0][:60] for case in BAD]
)
def test_a_bad_config_is_told_in_one_line(text, key, value, allowed):
    config = changed(text)
    with pytest.raises(ConfigError) as error:
        check(config)
    line = str(error.value)
    assert line.isprintable() and len(line) < 400
    assert line.startswith(f"config: {key} ")
    told, _, rule = line.partition("allowed")
    assert value in told.removeprefix(f"config: {key} ")
    assert allowed in rule


@pytest.mark.parametrize(
    "path", ["activations", "theory", "theory.phase_diagram", "theory.supplement.q.max"]
)
def test_a_missing_key_is_named(path):
    config = copy.deepcopy(DEFAULT)
    inner = config
    *above, last = path.split(".")
    for key in above:
        inner = inner[key]
    del inner[last]
    with pytest.raises(
        ConfigError, match=rf"^config: {path} is missing in \{{.*allowed are .*{last}"
    ):
        check(config)


GOOD = [
    ("{}", "relu", {}),
    ("activations: [relu, {name: tanh}, {name: swish, builtin: swish}, elu]", "swish",
     {"builtin": "swish"}),
    ("activations: [relu, tanh, swish, elu, {name: swish2, builtin: swish, beta: 2.0}]", "swish2",
     {"builtin": "swish", "beta": 2.0}),
    ("activations: [relu, tanh, swish, elu, {name: t, function: 'torch.nn.functional:relu', "
     "kinks: [0.0]}]", "t", {"function": "torch.nn.functional:relu", "kinks": [0.0]}),
    ("theory: {variance: {sigma_b: 0, sigma_w: 2}}", "relu", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "spec"), GOOD, ids=[case[0][:60] for case in GOOD])
def test_a_good_config_gives_each_activation_its_spec(text, name, spec):
    assert check(changed(text))[name] == spec


def test_a_module_in_the_work_folder_is_found(tmp_path, monkeypatch):
    text = "activations: [relu, tanh, swish, elu, {name: mine, function: 'of_my_own:f'}]"
    with pytest.raises(ConfigError, match=r"of_my_own:f.*a module that can be found"):
        check(changed(text))
    (tmp_path / "resources").symlink_to(ROOT / "resources")
    (tmp_path / "of_my_own.py").write_text("raise SystemExit('the check imports nothing')")
    monkeypatch.chdir(tmp_path)
    assert check(changed(text))["mine"] == {"function": "of_my_own:f"}


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_gives_a_good_config(name):
    overlay = scale({"scale": name})
    assert overlay
    config = overlaid(copy.deepcopy(DEFAULT), overlay)
    assert config != DEFAULT
    assert list(check(config))


def test_without_a_scale_nothing_is_laid_over():
    assert scale(DEFAULT) == scale({"scale": "default"}) == {}


NO_SCALES = ["smokey", "", "../scales/smoke", "smoke.yaml", "../../config", "/etc/hosts", 3, True]


@pytest.mark.parametrize("name", [*NO_SCALES, ["smoke"], {"smoke": 1}, math.nan], ids=repr)
def test_a_scale_that_is_not_there_is_told_with_those_that_are(name):
    with pytest.raises(ConfigError) as error:
        scale({"scale": name})
    assert str(error.value) == f"config: scale = {name!r}; allowed are default, {', '.join(SCALES)}"


@pytest.mark.parametrize(
    ("content", "told"),
    [("- 1\n- 2\n", "[1, 2]"), ("", "None"), ("hello", "'hello'"),
     ("a: [1, 2", "while parsing a flow sequence"),
     ("a: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
     (b"a: \xff", "can't decode")],
)  # fmt: skip
def test_a_scale_file_that_holds_no_mapping_is_told(tmp_path, content, told):
    content = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales" / "mine.yaml").write_bytes(content)
    with pytest.raises(ConfigError) as error:
        scale({"scale": "mine"}, tmp_path)
    line = str(error.value)
    assert line.startswith("config: scale = 'mine'; mine.yaml ") and line.isprintable()
    assert told in line


BOMB = "\n".join(
    ["activations:", "- &a0 [relu, relu, relu, relu, relu, relu, relu, relu, relu]"]
    + [f"- &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 20)]
)
CHAIN = "\n".join(["x0: &a0 [relu]", *(f"x{i}: &a{i} [*a{i - 1}]" for i in range(1, 3000))])


@pytest.mark.parametrize(
    ("text", "told"),
    [(BOMB, r"config: activations stands for 1\.5e\+19 values, with its aliases written out; "
            "allowed is at most 100000"),
     (CHAIN, r"config: x\d+ is nested hundreds of levels deep; allowed are five")],
    ids=["bomb", "chain"],
)  # fmt: skip
def test_a_yaml_bomb_of_lists_is_told_and_never_unpacked(text, told):
    # One of mappings Snakemake unpacks when it merges configs, before this project has a say.
    with pytest.raises(ConfigError, match=f"^{told}$"):
        check(changed(text))


def test_the_schema_describes_every_key_and_is_a_schema_itself():
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    waiting, bare, closed = [("", schema)], [], []
    while waiting:
        path, part = waiting.pop()
        for key, inner in part.get("properties", {}).items():
            waiting.append((f"{path}.{key}", inner))
            if not inner.get("description"):
                bare.append(f"{path}.{key}")
        if isinstance(part.get("items"), dict):
            waiting.append((f"{path}[]", part["items"]))
        if "properties" in part and part.get("additionalProperties") is not False:
            closed.append(path)
    assert (bare, closed) == ([], [])


def test_the_defaults_that_the_schema_tells_are_those_of_the_config():
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    waiting, seen = [("", schema, DEFAULT)], 0
    while waiting:
        path, part, value = waiting.pop()
        for key, inner in part.get("properties", {}).items():
            if key in value and "default" in inner:
                assert inner["default"] == value[key], f"{path}.{key}"
                seen += 1
            elif isinstance(value.get(key), dict):
                waiting.append((f"{path}.{key}", inner, value[key]))
    assert seen > 30


# Through Snakemake, in a copy, where a job that ran would leave something behind.


@pytest.fixture(scope="module")
def project(copied, tmp_path_factory):
    return copied(tmp_path_factory.mktemp("config"))


def untouched(project):
    return [p.name for p in (project / "results").iterdir()] == ["README.md"]


def lines(done):
    """What Snakemake said, but for which files it read."""
    said = (done.stderr + done.stdout).splitlines()
    return [s for s in said if not s.startswith(("Config file config.yaml is ", "Using workflow "))]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-n", "--config", "scale=../smoke"],
         f"error: config: scale = '../smoke'; allowed are default, {', '.join(SCALES)}"),
        (["-n", "--config", "scale=smoke", "activations=[relu, ../x]"],
         "error: config: activations[1] = '../x'; allowed is text that matches "
         "^[A-Za-z][A-Za-z0-9_]{0,31}$"),
        (["--cores", "1", "--configfile", "bad.yaml"],
         "error: config: theory.variance.layers = True; allowed is a whole number"),
    ],
)  # fmt: skip
def test_snakemake_stops_with_that_line_before_any_job(snakemake, project, arguments, line):
    (project / "bad.yaml").write_text("theory: {variance: {layers: true}}\n")
    done = snakemake(project, *arguments)
    # A dry run logs to standard output; the line is on standard error all the same.
    said = lines(done)
    assert done.returncode == 2
    assert said == [line]
    assert line in done.stderr
    assert untouched(project)


@pytest.mark.parametrize(
    "content",
    ["- 1\n", "a: [1, 2\n", "x: !!python/object/apply:os.mkdir [results/made]\n"],
    ids=["no mapping", "broken", "tag"],
)
def test_a_config_file_that_is_no_yaml_mapping_stops_snakemake(snakemake, project, content):
    (project / "bad.yaml").write_text(content)
    done = snakemake(project, "-n", "--configfile", "bad.yaml")
    assert done.returncode == 1
    # Snakemake reads it before this project has a say: its own line, below its own heading.
    heading, line = lines(done)
    assert heading == "WorkflowError:" and line.startswith("Config file ")
    assert untouched(project)
