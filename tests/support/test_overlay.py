"""What is given on the command line is read as the schema has it; configs are laid over another."""

import pytest
import yaml

from edgeofchaos.support.config import ConfigError
from edgeofchaos.support.overlay import overlaid, typed

# As Snakemake reads it: all texts; then what it is.
READ = [
    ("training: {steps: 100}", "training: {steps: 100}"),
    ("training: {steps: +100}", "training: {steps: 100}"),
    ("training: {steps: -1}", "training: {steps: -1}"),
    ("theory: {variance: {sigma_b: 1e-1, layers: 20}}",
     "theory: {variance: {sigma_b: 0.1, layers: 20}}"),
    ("theory: {variance: {inputs: [1, .5, 2.]}}", "theory: {variance: {inputs: [1, 0.5, 2.0]}}"),
    ("theory: {relu_like: {slopes: [[1, -0.25]]}}", "theory: {relu_like: {slopes: [[1, -0.25]]}}"),
    ("theory: {input_scaling: {sigma_b: 0.3}}", "theory: {input_scaling: {sigma_b: 0.3}}"),
    ("simulation: {rates: {nets: {tanh: 0.2}}}", "simulation: {rates: {nets: {tanh: 0.2}}}"),
    ("training: {studies: {mine: {seeds: 3, optimiser: adam}}}",
     "training: {studies: {mine: {seeds: 3, optimiser: adam}}}"),
    ("activations: [tanh, {name: s, builtin: swish, beta: 2}]",
     "activations: [tanh, {name: s, builtin: swish, beta: 2}]"),
    # Where a text is wanted it stays one, and where nothing is known.
    ("training: {data: 123}", "training: {data: '123'}"),
    ("training: {stepz: 5}", "training: {stepz: '5'}"),
    ("activations: [1]", "activations: ['1']"),
    # What cannot be read so stays too, and is refused afterwards.
    *[(f"training: {{steps: {text}}}", f"training: {{steps: '{text}'}}")
      for text in ("abc", "1.5", "1_00", "0x10", "true", "null", "", "١")],
    *[(f"theory: {{edge: {{sigma_b: [{text}]}}}}", f"theory: {{edge: {{sigma_b: ['{text}']}}}}")
      for text in ("nan", "inf", "true", "1e", ".")],
    ("theory: {input_scaling: {sigma_b: 0.35}}", "theory: {input_scaling: {sigma_b: '0.35'}}"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "read"), READ, ids=[given for given, _ in READ])
def test_a_text_is_read_as_the_schema_has_it(given, read):
    texts = yaml.load(given, yaml.BaseLoader)
    before = repr(texts)
    assert repr(typed(texts)) == repr(yaml.safe_load(read))
    assert repr(texts) == before


def test_truth_values_are_read_where_the_schema_has_them(tmp_path):
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/config.schema.yaml").write_text(
        "properties: {a: {type: boolean}, b: {type: [boolean, integer]}, c: {type: string}}"
    )
    given = {"a": "true", "b": "False", "c": "true"}
    assert typed(given, tmp_path) == {"a": True, "b": False, "c": "true"}
    assert typed({"a": "1", "b": "1"}, tmp_path) == {"a": "1", "b": 1}


def test_values_stand_for_no_more_than_may_be_shown():
    bomb: list = ["tanh"]
    for _ in range(30):
        bomb = [bomb] * 9
    with pytest.raises(ConfigError, match="activations stands for"):
        typed({"activations": bomb})


def test_a_scale_is_over_files_and_under_what_is_given(tmp_path):
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales/small.yaml").write_text("a: {b: 3, c: [3]}")
    files = [{"a": {"b": 1, "c": [1], "d": 1}}, {"scale": "small", "a": {"b": 2}}]
    found = overlaid(files, [{"a": {"c": [4, 5]}}], tmp_path)
    assert found == {"scale": "small", "a": {"b": 3, "c": [4, 5], "d": 1}}
    assert files[0] == {"a": {"b": 1, "c": [1], "d": 1}}
    with pytest.raises(ConfigError, match=r"^config: 3 is given; allowed is a mapping$"):
        overlaid(files, [3], tmp_path)
