"""The workflow in a copy of the project: it runs once, and re-runs what depends on a change."""

import contextlib
import csv
import json
import os
import re
import shutil

import pytest
from few import FEW_CONFIG, artifacts
from places import ROOT

from edgeofchaos.claims.registry import CLAIMS
from edgeofchaos.figures.catalogue import FIGURES
from edgeofchaos.support.sources import sources

END = {("page", ""), ("manifest", ""), ("all", "")}


@pytest.fixture(scope="module")
def fresh(prepared, tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("fresh"))


@pytest.fixture
def jobs(snakemake):
    """The jobs that a dry run lists, each as (rule, its wildcard or '')."""

    def listed(folder, *arguments):
        done = snakemake(folder, "-n", *(arguments or FEW_CONFIG))
        assert done.returncode == 0, done.stdout + done.stderr
        text = done.stdout + done.stderr
        found = re.findall(r"^Job \d+: (\w+)(?: ([\w.]+))?(?::.*)?$", text, flags=re.MULTILINE)
        assert len(found) == len(set(found))
        assert bool(found) == ("Nothing to be done" not in text)
        return set(found)

    return listed


@contextlib.contextmanager
def edited(path, change):
    """``path`` with its text changed, put back afterwards."""
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def comment(text):
    return text + "\n# A change.\n"


def figures(*tables):
    """The jobs of the figures that one of the tables is drawn in."""
    return {("figure", n) for n, f in FIGURES.items() if not tables or {*f.tables} & {*tables}}


EDGE = ("edge", "fixed_points", "threshold", "windows", "folds", "conditions", "constants")
CORRELATION = ("correlation_maps", "rates", "identity_distance")
EACH = ("edge", "correlation", "nets_propagation")  # once an activation
NETS = tuple(
    f"nets_{n}"
    for n in ("width", "rates", "phases", "surfaces", "gradients", "departure", "printed", "window")
)


# What is run


def test_a_fresh_copy_lists_every_rule_and_makes_nothing(fresh, jobs):
    each = {(rule, name) for rule in EACH for name in ("tanh", "mine")}
    once = [
        "variance",
        "departure",
        "depth_scales",
        "relu_like",
        "supplement",
        "printed_table",
        "input_scaling",
        "kernel_accuracy",
        "remarks",
        "phase_window",
        "counterexamples",
        "claims",
        *NETS,
    ]
    each |= {("train", "depth_8x2_adam_0.001"), ("train", "pairs_8x3_adam_0.001")}
    merges = ["merge_phase_diagram", "merge_train", *(f"merge_{rule}" for rule in EACH)]
    expected = each | {("phase_diagram", "tanh")} | {(r, "") for r in once + merges}
    assert jobs(fresh) == expected | figures() | END
    assert [p.name for p in (fresh / "results").iterdir()] == ["README.md"]


def test_a_second_run_does_nothing(finished, snakemake):
    results = finished / "results"
    before = {p: p.stat().st_mtime_ns for p in results.rglob("*") if p.is_file()}
    done = snakemake(finished, "--cores", "1", *FEW_CONFIG)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stderr
    assert {p: p.stat().st_mtime_ns for p in results.rglob("*") if p.is_file()} == before


def test_one_more_activation_leaves_the_others_alone(finished, jobs):
    with edited(finished / "few.yaml", lambda t: t.replace("[tanh, {", "[tanh, relu, {")):
        found = jobs(finished)
    assert found == {
        *((rule, "relu") for rule in EACH), *((f"merge_{rule}", "") for rule in EACH),
        ("claims", ""), *figures(*EDGE, *CORRELATION, "nets_propagation"), *END,
    }  # fmt: skip


def test_one_activation_changed_leaves_the_others_alone(finished, jobs):
    with edited(finished / "few.yaml", lambda t: t.replace('twice"', 'twice", kinks: [0.0]')):
        found = jobs(finished)
    assert {j for j in found if j[0] in (*EACH, "phase_diagram")} == {(r, "mine") for r in EACH}


def test_the_file_of_ones_own_function_is_depended_on(finished, jobs):
    with edited(finished / "of_my_own.py", lambda t: t.replace("2 *", "3 *")):
        found = jobs(finished)
    assert {("edge", "mine"), ("correlation", "mine"), ("claims", "")} < found
    assert not {("edge", "tanh"), ("correlation", "tanh"), ("supplement", "")} & found


@pytest.mark.parametrize(
    ("change", "first", "tables"),
    [
        (("sigma_w: {points: 3}", "sigma_w: {points: 4}"),
         {("phase_diagram", "tanh"), ("merge_phase_diagram", "")}, ("phase_diagram",)),
        (("theory:", "theory:\n  supplement: {q: {points: 12}}"), {("supplement", "")},
         ("swish_moments", "variance_maps", "hardtanh", "prior_kernel", "closed_forms", "slopes")),
    ],
    ids=["phase_diagram", "supplement"],
)  # fmt: skip
def test_a_grid_changed_relists_its_table_and_what_comes_of_it(
    finished, jobs, change, first, tables
):
    with edited(finished / "few.yaml", lambda t: t.replace(*change)):
        assert jobs(finished) == first | {("claims", "")} | figures(*tables) | END


def test_the_reference_run_is_shown_where_it_is_there(finished, jobs):
    """Put there, or taken away, it changes what is shown beside the verdicts, and nothing else."""
    folder = finished / "resources/reference"
    there, away = folder.is_dir(), folder.with_name("away")
    if there:
        folder.rename(away)
    else:
        folder.mkdir()
        for name in ("train_curves.csv", "verdicts.csv", "lengths.csv", "about.yaml"):
            (folder / name).write_text("")
    try:
        assert jobs(finished) == {("claims", ""), ("figure", "train_length"), *END}
    finally:
        if there:
            away.rename(folder)
        else:
            shutil.rmtree(folder)
    assert jobs(finished) == set()


def test_a_touched_source_of_equal_content_relists_nothing(finished, jobs):
    (finished / "src/edgeofchaos/theory/gaussian.py").touch()
    (finished / "src/edgeofchaos/support/program.py").touch()
    assert jobs(finished) == set()


def test_a_change_in_the_mathematics_relists_what_uses_it(finished, jobs):
    with edited(finished / "src/edgeofchaos/theory/recursion.py", comment):
        found = jobs(finished)
    using = {("correlation", "tanh"), ("correlation", "mine"), ("relu_like", "")}
    assert using < found
    # These never import it.
    assert not {("edge", "tanh"), ("phase_diagram", "tanh"), ("variance", "")} & found


def test_a_change_in_a_figure_relists_figures_alone(finished, jobs):
    with edited(finished / "src/edgeofchaos/figures/style.py", comment):
        assert jobs(finished) == figures() | END


def test_a_change_in_a_judge_relists_no_theory(finished, jobs):
    with edited(finished / "src/edgeofchaos/claims/judge.py", comment):
        assert jobs(finished) == {("claims", ""), *END}


def test_a_change_in_a_script_relists_its_own_jobs(finished, jobs):
    with edited(finished / "scripts/phase_diagram.py", comment):
        found = jobs(finished)
    first = {("phase_diagram", "tanh"), ("merge_phase_diagram", ""), ("claims", "")}
    assert found == first | figures("phase_diagram") | END


def test_a_change_in_what_all_scripts_share_relists_all(finished, fresh, jobs):
    with edited(finished / "src/edgeofchaos/support/program.py", comment):
        assert jobs(finished) == jobs(fresh)


@pytest.mark.parametrize(
    ("target", "rules"),
    [("theory", {"edge", "correlation", "phase_diagram", "merge_edge", "merge_correlation",
                 "merge_phase_diagram", "variance", "departure", "depth_scales", "relu_like",
                 "supplement", "printed_table", "input_scaling", "kernel_accuracy", "remarks",
                 "phase_window", "counterexamples"}),
     ("simulation", {"nets_propagation", "merge_nets_propagation", *NETS}),
     ("training", {"train", "merge_train"})],
)  # fmt: skip
def test_a_part_can_be_asked_for_by_name(fresh, jobs, target, rules):
    assert {rule for rule, _ in jobs(fresh, target, *FEW_CONFIG)} == {*rules, target}


def test_figures_by_name_are_drawn_from_the_tables_that_are_there(finished, jobs):
    # Of what makes the tables nothing is looked at.
    with edited(finished / "src/edgeofchaos/theory/recursion.py", comment):
        assert jobs(finished, "figures", *FEW_CONFIG) == set()
    with edited(finished / "src/edgeofchaos/figures/style.py", comment):
        assert jobs(finished, "figures", *FEW_CONFIG) == figures() | {("figures", "")}


@pytest.mark.parametrize("also", ["claims", "results/claims/claims.csv", "verify"])
def test_figures_and_something_else_are_made_like_all_others(finished, snakemake, also):
    done = snakemake(finished, "figures", also, "-n", *FEW_CONFIG)
    assert done.returncode == 0, done.stderr


def test_figures_as_the_value_of_an_option_is_no_target(fresh, jobs):
    assert ("edge", "tanh") in jobs(fresh, "--until", "figures", *FEW_CONFIG)


def test_figures_by_name_tell_which_tables_are_not_there(finished, fresh, snakemake):
    table = finished / "results/theory/departure.csv"
    table.rename(table.with_suffix(".away"))
    try:
        done = snakemake(finished, "figures", "-n", *FEW_CONFIG)
    finally:
        table.with_suffix(".away").rename(table)
    assert done.returncode == 0
    assert (
        f"{len(FIGURES) - 1} of {len(FIGURES)} figures can be drawn: these tables are not there: "
        "results/theory/departure.csv; `snakemake` makes them" in done.stderr
    )
    assert "Nothing to be done" in done.stdout + done.stderr
    done = snakemake(fresh, "figures", "-n", *FEW_CONFIG)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: no figure can be drawn: ") and "edge.csv" in last


LOADED = """
import ast, importlib, json, sys
from pathlib import Path

def project():
    return {n: m for n, m in sys.modules.items() if n.split(".")[0] == "edgeofchaos"}

sys.path.insert(0, "scripts")
found = {}
for script in sorted(Path("scripts").glob("*.py")):
    for name in project():
        del sys.modules[name]
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")
    files = [Path(m.__file__).relative_to(Path.cwd()).as_posix() for m in project().values()]
    found[script.as_posix()] = files
print(json.dumps(found))
"""


def test_sources_hold_whatever_the_imports_of_a_script_load(fresh, python, monkeypatch):
    done = python(fresh, "-c", LOADED)
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    monkeypatch.chdir(fresh)
    # __init__.py of the package only says where names live.
    beyond = {
        s: {*files} - {*sources(s), "src/edgeofchaos/__init__.py"} for s, files in loaded.items()
    }
    assert {s: b for s, b in beyond.items() if b} == {}
    assert "src/edgeofchaos/theory/gaussian.py" in loaded["scripts/edge.py"]


# How it is written


def test_lint_and_formatter_have_nothing_to_say(snakemake, python, fresh):
    lint = snakemake(fresh, "--lint", *FEW_CONFIG)
    assert lint.returncode == 0, lint.stdout + lint.stderr
    assert "in a good condition" in lint.stdout + lint.stderr
    form = python(fresh, "-m", "snakefmt", "--check", "Snakefile", "workflow")
    assert form.returncode == 0, form.stderr


def rules():
    """(what it is made from, or "", and the directives) of each rule, by its name."""
    text = "".join(p.read_text() + "\n" for p in [*(ROOT / "workflow/rules").glob("*.smk")])
    heads = [*re.finditer(r"^(?:use rule (\w+) as |rule )(\w+)(?: with)?:$", text, re.MULTILINE)]
    ends = [*(h.start() for h in heads[1:]), len(text)]
    return {h[2]: (h[1] or "", text[h.end() : e]) for h, e in zip(heads, ends, strict=True)}


RULES = rules()
TARGETS = {"theory", "simulation", "training", "figures"}


def said(rule):
    return set(re.findall(r"^    ([a-z]+):", RULES[rule][1], flags=re.MULTILINE))


def test_what_all_jobs_share_is_said_once():
    assert {"log", "benchmark", "conda", "threads", "resources", "shell"} <= said("step")
    text = RULES["step"][1]
    assert "{log:q}" in text and "2>&1" in text and "mem_mb=" in text and "runtime=" in text
    made_from = {rule: base for rule, (base, _) in RULES.items()}
    assert {r for r, base in made_from.items() if not base} == {"step", "verify", *TARGETS}
    assert {base for base in made_from.values() if base} == {"step"}


@pytest.mark.parametrize("rule", sorted(r for r, (base, _) in RULES.items() if base))
def test_a_rule_says_what_differs_and_nothing_else(rule):
    told = said(rule)
    assert {"input", "output", "pathvars", "params", "message"} <= told
    assert not {"log", "benchmark", "conda", "threads", "shell"} & told
    if "resources" in told:
        assert "mem_mb=" in RULES[rule][1] and "runtime=" in RULES[rule][1]


@pytest.mark.parametrize("rule", sorted(TARGETS))
def test_a_target_only_gathers(rule):
    assert said(rule) == {"input", "message"}


def test_no_two_rules_share_a_log():
    jobs = re.findall(
        r'^        job="([^"]+)",', "".join(t for _, t in RULES.values()), re.MULTILINE
    )
    assert len(jobs) == len(set(jobs)) == sum(bool(base) for base, _ in RULES.values()) + 1


def test_every_wildcard_is_constrained():
    texts = [p.read_text() for p in [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]]
    block = re.search(r"^wildcard_constraints:\n((?:    .*\n)+)", "".join(texts), re.MULTILINE)[1]
    constrained = set(re.findall(r"^    (\w+)=", block, re.MULTILINE))
    used = set(re.findall(r"wildcards\.(\w+)|\bw\.(\w+)", "".join(texts)))
    assert {a or b for a, b in used} == constrained


def test_a_name_outside_the_config_is_no_target(fresh, snakemake):
    for target in ("activations/nope/edge.csv", "activations/../tanh/edge.csv"):
        done = snakemake(fresh, f"results/theory/{target}", "-n", *FEW_CONFIG)
        assert done.returncode == 1
        assert "MissingRuleException" in done.stdout + done.stderr


# What comes out


def test_the_manifest_has_every_artifact(finished):
    recorded = json.loads((finished / "results/manifest.json").read_text())
    assert set(recorded) == artifacts(finished)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in recorded.values())


def test_verify_names_what_was_altered_or_deleted(finished, python, snakemake):
    verify = ("scripts/manifest.py", "--verify", "results/manifest.json")
    done = python(finished, *verify)
    count = len(artifacts(finished))
    assert (done.returncode, done.stdout) == (
        0,
        f"all {count} artifacts are as recorded in results/manifest.json\n",
    )
    csv_file = finished / "results/theory/activations/tanh/edge.csv"
    image = finished / "results/figures/chaos.png"
    kept = csv_file.read_bytes(), image.read_bytes()
    times = [(p, p.stat().st_mtime_ns) for p in (csv_file, image)]
    try:
        csv_file.write_bytes(bytes([kept[0][0] ^ 1]) + kept[0][1:])
        image.unlink()
        told = (
            f"2 of {count} artifacts differ: results/figures/chaos.png (missing), "
            "results/theory/activations/tanh/edge.csv (changed)"
        )
        done = python(finished, *verify)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == f"error: manifest.py: {told}"
        # The rule neither makes them anew nor hides the failure.
        done = snakemake(finished, "verify", "--cores", "1", *FEW_CONFIG)
        assert done.returncode == 1
        assert told in done.stdout + done.stderr
        assert not image.exists()
    finally:
        csv_file.write_bytes(kept[0])
        image.write_bytes(kept[1])
        for path, when in times:
            os.utime(path, ns=(when, when))


def test_the_claims_table_has_one_row_a_claim(finished):
    with (finished / "results/claims/claims.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = [
        "id", "section", "kind", "verdict", "statement", "measured", "expected", "tolerance",
        "draws", "evidence", "figure", "readings",
    ]  # fmt: skip
    assert list(rows[0]) == columns
    assert [row["id"] for row in rows] == [claim.id for claim in CLAIMS]
    verdicts = {"reproduced", "refuted", "qualified", "inconclusive"}
    assert {row["verdict"] for row in rows} <= verdicts
    assert {row["statement"] for row in rows} == {claim.statement for claim in CLAIMS}
    nested = json.loads((finished / "results/claims/claims.json").read_text(encoding="utf-8"))
    assert [(e["id"], e["verdict"]) for e in nested] == [(r["id"], r["verdict"]) for r in rows]


DRAWN = """
from pathlib import Path
import numpy as np
import pandas as pd
from edgeofchaos.figures import edge_figures, nets_figures, rate_figures, style, train_figures
from edgeofchaos.figures.catalogue import FIGURES
kinds = ("theory", "simulation", "training")
files = {p.stem: p for kind in kinds for p in Path("results", kind).glob("*.*")}
read = lambda p: pd.read_csv(p) if p.suffix == ".csv" else dict(np.load(p))
style.setup()
style.plt.rcParams["figure.dpi"] = 30
for name, figure in FIGURES.items():
    tables = {t: read(files[t]) for t in figure.tables}
    modules = (edge_figures, rate_figures, nets_figures, train_figures)
    drawn = getattr(next(m for m in modules if hasattr(m, name)), name)(tables)
    drawn.canvas.draw()
    print(name, len(drawn.axes) > 0)
    style.plt.close(drawn)
"""


def test_every_figure_can_be_drawn_without_the_activations_that_it_is_about(finished, python):
    done = python(finished, "-c", DRAWN)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name} True" for name in FIGURES]


def test_every_job_leaves_a_log_and_a_benchmark(finished):
    logs = sorted((finished / "results/logs").rglob("*.log"))
    benchmarks = {p.stem for p in (finished / "results/benchmarks").rglob("*.tsv")}
    logs = [p for p in logs if p.stem != "verify"]  # run by another test, and made to fail there
    assert {p.stem for p in logs} == benchmarks
    assert all("versions: python" in p.read_text(encoding="utf-8") for p in logs)


def test_snakemakes_own_report_works(finished, snakemake):
    done = snakemake(finished, *FEW_CONFIG, "--report", "report.html")
    assert done.returncode == 0, done.stderr
    page = (finished / "report.html").read_text(encoding="utf-8")
    for figure in FIGURES.values():
        assert json.dumps(figure.category)[1:-1] in page
        assert json.dumps(figure.title)[1:-1] in page
    for rst in ("claims", "page"):
        caption = (finished / f"workflow/report/{rst}.rst").read_text().strip()
        assert caption in page
