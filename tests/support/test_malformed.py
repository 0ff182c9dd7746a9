"""Configs that hypothesis breaks along the schema: each is told in one line, before any job."""

import copy
import re

import malformed as made
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from edgeofchaos.support.config import ConfigError, check


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_config_broken_anywhere_is_told_in_one_line(count):
    @settings(max_examples=count, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(made.malformed())
    def broken(path_and_config):
        told_in_one_line(*path_and_config)

    broken()


def told_in_one_line(path, config):
    before = copy.deepcopy(config)
    with pytest.raises(ConfigError) as caught:
        check(config)
    line = str(caught.value)
    assert line.isprintable() and len(line) < 1000
    assert line.startswith("config: ")
    assert "allowed" in line
    # The key, or one that it is in: of a list, jsonschema may tell what is wrong with all of it.
    named = line.removeprefix("config: ").lstrip("'\"")
    assert not path or named.startswith(str(path[0])), (path, line)
    assert repr(config) == repr(before)


def test_every_place_of_the_config_is_in_the_schema():
    leaves = sum(1 for _, _, value in made.PLACES if not isinstance(value, dict | list))
    assert leaves > 150
    found = {name for _, schema, _ in made.PLACES for name in made.types(schema)}
    assert found > {"integer", "number", "array", "object"}


# Each part is allowed; what they come to together is not.
TOGETHER = [
    ("theory: {phase_diagram: {sigma_b: {points: 1000}, sigma_w: {points: 1000}}}",
     "theory.phase_diagram asks for 1.0e+06 points; allowed is 1e+05"),
    ("theory: {kernel_accuracy: {sets: 50, tested: 400}}",
     "theory.kernel_accuracy asks for 2.0e+04 test images; allowed is 1e+04"),
    ("theory: {kernel_accuracy: {sets: 50, images: 2000}}",
     "theory.kernel_accuracy asks for 1.0e+05 training images; allowed is 6e+04"),
    ("simulation: {rates: {width: 1000000000, layers: 100000, draws: 1000000}}",
     "simulation.rates asks for 1.0e+20 random numbers; allowed is 1e+13"),
    ("simulation: {propagation: {width: 1000000000, layers: 100000}}", "simulation.propagation"),
    ("simulation: {phases: {width: 1000000000, draws: 1000000}}", "simulation.phases"),
    ("simulation: {gradients: {width: 1000000000, draws: 1000000}}", "simulation.gradients"),
    ("simulation: {width: {units: 1000000000000, layers: 100000}}", "simulation.width"),
    ("simulation: {departure: {units: 1000000000000, layers: 100000}}", "simulation.departure"),
    ("simulation: {printed: {units: 1000000000000, layers: 100000}}", "simulation.printed"),
    ("training: {studies: {depth: {shapes: [[10000, 10000]]}}}",
     "training.studies.depth asks for 1.2e+13 parameters in one architecture; allowed is 1e+11"),
    ("training: {studies: {pairs: {shapes: [[10000, 100]], seeds: 1000}}}",
     "training.studies.pairs"),
    ("training: {studies: {depth: {inits: [tanh-verge]}}}",
     "training.studies.depth.inits[0] = 'tanh-verge'; allowed is ACTIVATION-PLACE"),
    ("training: {studies: {middle: {inits: [tanh-edge, swish-edge-x0]}}}",
     "training.studies.middle.inits[1] = 'swish-edge-x0'; allowed is RATIO > 0"),
    ("training: {studies: {mine: {shapes: [[5, 5]]}}}", "training.studies.mine.inits is missing"),
    ("training: {studies: {Mine: {}}}", "training.studies"),
    ("training: {batch: 200, images: 100}",
     "training.batch = 200; allowed is at most training.images = 100"),
    ("training: {data: nowhere}", "training.data = 'nowhere' has no train-images-idx3-ubyte.gz"),
    ("training: {data: README.md}", "training.data = 'README.md' has no"),
    ('training: {data: "resources/{name}"}', "training.data = 'resources/{name}'; allowed is text"),
    ('training: {data: "$(touch pwned) x"}', "training.data = '$(touch pwned) x' has no"),
    ("simulation: {width: {activations: [sine]}}", "simulation.width.activations has 'sine'"),
    ("simulation: {rates: {nets: {sine: 0.2}}}", "simulation.rates.nets has 'sine'"),
    ("simulation: {gradients: {nets: {sine: 0.2}}}", "simulation.gradients.nets has 'sine'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), TOGETHER)
def test_what_cannot_go_together_is_told(text, words, monkeypatch):
    monkeypatch.chdir(made.ROOT)
    with pytest.raises(ConfigError, match=re.escape(words)):
        check(update(copy.deepcopy(made.DEFAULT), yaml.safe_load(text)))


def update(config, change):
    for key, value in change.items():
        inner = isinstance(value, dict) and key != "nets"
        config[key] = update(config.get(key, {}), value) if inner else value
    return config


@pytest.mark.parametrize("scale", sorted((made.ROOT / "workflow/scales").glob("*.yaml")))
def test_every_scale_is_allowed(scale, monkeypatch):
    monkeypatch.chdir(made.ROOT)
    check(update(copy.deepcopy(made.DEFAULT), yaml.safe_load(scale.read_text(encoding="utf-8"))))
