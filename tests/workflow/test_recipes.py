"""CONTRIBUTING.md's recipes, followed to the letter in a copy of the project."""

import csv
import re

import pytest
from few import FEW_CONFIG
from places import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TITLE = re.compile(r"^### A new (.+): (\d+) places?$", re.MULTILINE)
# `path`, a new file | before/after/instead of `what stands there`, then words up to a block.
STEP = re.compile(
    r"^\d+\. `([^`]+)`, (?:(a new file)|(before|after|instead of)\s+`([^`]+)`)"
    r"[^`]*?(?:`[^`\n]+`[^`]*?)*?^```\w+\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def recipes():
    heads = [*TITLE.finditer(TEXT)]
    ends = [*(h.start() for h in heads[1:]), len(TEXT)]
    return {
        h[1]: (int(h[2]), STEP.findall(TEXT[h.end() : end]))
        for h, end in zip(heads, ends, strict=True)
    }


RECIPES = recipes()
MOST = {
    "experiment": 5,
    "parameter of an experiment": 3,
    "claim": 1,
    "figure": 2,
    "built-in activation": 2,
}


def follow(folder, recipe):
    for path, new, where, anchor, block in RECIPES[recipe][1]:
        file = folder / path
        if new:
            assert not file.exists()
            file.write_text(block, encoding="utf-8")
            continue
        text = file.read_text(encoding="utf-8")
        assert anchor in text, f"{path} has no {anchor!r}"
        at = text.index(anchor)
        if where == "instead of":
            text = text.replace(anchor, block.rstrip("\n"), 1)
        else:
            start = text.rfind("\n", 0, at) + 1
            place = start if where == "before" else text.index("\n", at) + 1
            text = text[:place] + block + text[place:]
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("recipe", MOST)
def test_a_recipe_touches_as_many_files_as_it_says(recipe):
    said, steps = RECIPES[recipe]
    assert said == len({path for path, *_ in steps}) <= MOST[recipe]


def test_there_is_no_other_recipe():
    assert set(RECIPES) == set(MOST)


@pytest.fixture
def copy(prepared, tmp_path):
    return prepared(tmp_path)


def table(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def made(snakemake, folder, *targets):
    done = snakemake(folder, *targets, "--cores", "2", *FEW_CONFIG)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_experiment_has_its_table_among_those_of_theory(copy, snakemake):
    follow(copy, "experiment")
    done = snakemake(copy, "theory", "-n", *FEW_CONFIG)
    assert "slope_moments" in done.stdout + done.stderr
    made(snakemake, copy, "results/theory/slope_moments.csv")
    rows = table(copy / "results/theory/slope_moments.csv")
    assert len(rows) == 5
    # E[tanh'(sqrt(q) Z)^2] falls from 1 as q grows.
    values = [float(row["slope2"]) for row in rows]
    assert 1 > values[0] > values[-1] > 0


@pytest.mark.slow
def test_a_new_parameter_comes_from_the_config(copy, snakemake):
    follow(copy, "parameter of an experiment")
    made(snakemake, copy, "results/theory/variance.csv")
    once = table(copy / "results/theory/variance.csv")
    config = copy / "config.yaml"
    config.write_text(config.read_text().replace("input_scale: 1.0", "input_scale: 2.0"))
    made(snakemake, copy, "results/theory/variance.csv")
    twice = table(copy / "results/theory/variance.csv")
    first = [[float(r["q"]) for r in rows if r["layer"] == "1"] for rows in (once, twice)]
    assert [2 * q for q in first[0]] == first[1]


def test_a_new_claim_is_judged(copy, python):
    follow(copy, "claim")
    data = ROOT / "tests/claims/data/relu_like.csv"
    done = python(copy, "scripts/claims.py", "--tables", data, "--csv", "c.csv", "--json", "c.json")
    assert done.returncode == 0, done.stderr
    verdicts = {row["id"]: row["verdict"] for row in table(copy / "c.csv")}
    assert verdicts["relu-variance"] == "reproduced"


def test_a_new_figure_is_drawn(copy, python):
    follow(copy, "figure")
    (copy / "relu_like.csv").write_text("lambda,beta,sigma_w\n1,0,1.4\n1,0.2,1.3\n")
    script = copy / "scripts/figures.py"
    script.write_text((ROOT / "scripts/figures.py").read_text(encoding="utf-8"), encoding="utf-8")
    done = python(
        copy, script, "--figure", "relu_like_edge", "--tables", "relu_like.csv", "--pdf", "a.pdf",
        "--png", "a.png",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (copy / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_new_built_in_has_an_edge(copy, python, snakemake):
    follow(copy, "built-in activation")
    code = "import edgeofchaos as eoc; print(eoc.edge_point('arsinh', 0.2).chi1)"
    done = python(copy, "-c", code)
    assert done.returncode == 0, done.stderr
    assert abs(float(done.stdout) - 1) < 1e-9
    done = snakemake(copy, "-n", "results/theory/activations/arsinh/edge.csv")
    assert done.returncode == 0 and "edge arsinh" in done.stdout + done.stderr
