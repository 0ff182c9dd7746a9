"""The library alone needs torch, NumPy and SciPy: what the workflow needs is an extra."""

import subprocess
import sys
import tomllib

import pytest

EXTRA = ("pandas", "matplotlib", "seaborn", "jinja2", "jsonschema", "yaml", "snakemake", "tqdm")

# Put before what is tried: a Python in which none of these can be imported.
WITHOUT = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRA}:
            raise ImportError(f"{{name}} is not installed")

sys.meta_path.insert(0, Absent())
"""

LIBRARY = """
import torch
import edgeofchaos as eoc
from edgeofchaos.simulation.inputs import pair_inputs
from edgeofchaos.simulation.sampling import propagate

point = eoc.edge_point("tanh", sigma_b=0.2)
assert abs(point.sigma_w - 1.3041) < 1e-3
assert len(eoc.edge_curve("tanh", [0.1, 0.2])) == 2
assert abs(eoc.variance_map("tanh", 0.2, point.sigma_w)(point.q) - point.q) < 1e-9
assert abs(eoc.correlation_map("tanh", point)(1.0) - 1) < 1e-9
assert eoc.check_conditions("tanh")
assert eoc.recommend("tanh", 100).point.stable
net = eoc.init_(torch.nn.Linear(20, 20), point)
found = eoc.profile(torch.nn.Sequential(net, torch.nn.Tanh(), net), torch.randn(3, 20))
assert len(found.rows) == 2 and found.to_json() and "agree" in str(found)
assert eoc.rank_activations(5, activations=["relu", "tanh"]).entries
assert eoc.KernelRegression("relu", depth=1).fit([[1.0], [-2.0]], [1.0, 2.0]).predict([[1.0]])
inputs = pair_inputs((point.q, point.q), 0.5, 0.2, point.sigma_w)
assert propagate("tanh", 0.2, point.sigma_w, inputs, [50] * 3).q.shape == (1, 3, 2)
"""

COMMAND = """
from edgeofchaos.cli import main

sys.exit(main(["edge", "tanh", "--sigma-b", "0.2"]))
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("name", EXTRA)
def test_nothing_of_the_extra_can_be_imported_there(name):
    done = run(f"{WITHOUT}\nimport {name}")
    assert done.returncode == 1 and f"{name} is not installed" in done.stderr


@pytest.mark.slow
def test_the_library_works_without_what_the_workflow_needs():
    done = run(WITHOUT + LIBRARY)
    assert done.returncode == 0, done.stderr


def test_the_command_works_without_what_the_workflow_needs():
    done = run(WITHOUT + COMMAND)
    assert done.returncode == 0 and "1.30414584" in done.stdout, done.stderr


def test_a_picture_asks_for_what_draws_it(tmp_path):
    picture = tmp_path / "edge.png"
    plotted = COMMAND.replace('"0.2"]', f'"0.2", "--plot", {str(picture)!r}]')
    done = run(WITHOUT + plotted)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "pip install 'edgeofchaos[plot]'" in done.stderr and not picture.exists()


def test_the_extra_is_what_is_missing_here(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {line.partition(">")[0] for line in project["optional-dependencies"]["workflow"]}
    drawing = {line.partition(">")[0] for line in project["optional-dependencies"]["plot"]}
    assert drawing == {"matplotlib", "seaborn"}
    assert asked == {*EXTRA} - {"yaml"} | {"pyyaml"}
    assert {line.partition(">")[0] for line in project["dependencies"]} == {
        "torch", "numpy", "scipy", "click",
    }  # fmt: skip
