"""`make benchmark`: every contestant is right, a ratio is of one round, the page says it all."""

import csv
import gc
import json
import math
import os
import subprocess
import sys
from itertools import count

import pytest
from benchmarks import kernels, measure, page, tangents
from benchmarks import machine as machine_of
from benchmarks.measure import Comparison, Contestant
from benchmarks.memory import Peak

KEYS = {"edge", "map_tanh", "map_hardtanh", "kernels", "nets", "training_8_cpu"}


@pytest.fixture(scope="module")
def quick(root, python, tmp_path_factory):
    """The folder of a quick run of all but the workflow."""
    folder = tmp_path_factory.mktemp("benchmark")
    _run(python, root, folder, "--only", "edge", "maps", "kernels", "nets", "training", "growth")
    return folder


def _run(python, root, folder, *options):
    where = ("--docs", folder / "docs", "--results", folder / "results")
    call = ("-m", "benchmarks", "--quick", "--skip", "neural-tangents", *where, *options)
    done = python(root, *call)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results" / "benchmarks.json").read_text("utf-8"))


def _comparisons(folder):
    return json.loads((folder / "results" / "benchmarks.json").read_text("utf-8"))["comparisons"]


@pytest.mark.slow
def test_every_contestant_is_right(quick):
    found = _comparisons(quick)
    assert {key for key in found if "cuda" not in key} == KEYS
    rows = [row for comparison in found.values() for row in comparison["rows"]]
    assert len(rows) > 25
    for row in rows:
        assert row["error"] <= row["bar"], row
        assert row["seconds"] > 0 and row["ratio"] > 0, row


@pytest.mark.slow
def test_ours_is_as_exact_as_it_says_and_the_peers_are_there(quick):
    found = _comparisons(quick)
    for key in ("edge", "map_tanh", "map_hardtanh", "kernels"):
        assert found[key]["rows"][0]["error"] < 1e-12
    for key in KEYS - {"kernels"}:
        assert {"ours", "peer"} <= {row["role"] for row in found[key]["rows"]}
    authors = next(r for r in found["edge"]["rows"] if "authors" in r["contestant"])
    assert authors["error"] > 1e-4  # Monte Carlo


@pytest.mark.slow
def test_the_page_has_every_row_and_says_on_what_it_ran(quick):
    text = (quick / "docs" / "explanation" / "benchmarks.md").read_text("utf-8")
    found = _comparisons(quick)
    for row in (row for comparison in found.values() for row in comparison["rows"]):
        assert f"| {row['contestant']} | " in text
    assert "threads a contestant 1" in text and "`neural-tangents` was skipped" in text
    assert "## Growth" in text
    for name in ("ratios", "errors", "growth"):
        assert f"(../images/benchmarks_{name}.png)" in text
        picture = quick / "docs" / "images" / f"benchmarks_{name}.png"
        assert picture.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
def test_the_table_of_rounds_has_every_timed_call(quick):
    with (quick / "results" / "rounds.csv").open(encoding="utf-8") as file:
        timed = list(csv.DictReader(file))
    for key, comparison in _comparisons(quick).items():
        for row in comparison["rows"]:
            asked = key, row["contestant"]
            mine = [t for t in timed if (t["comparison"], t["contestant"]) == asked]
            assert len(mine) == row["rounds"]


@pytest.mark.slow
def test_the_workflow_is_run_with_one_core_and_two_to_the_same_bytes(root, python, tmp_path):
    told = _run(python, root, tmp_path, "--only", "workflow")
    (found,) = told["comparisons"].values()
    assert [row["error"] for row in found["rows"]] == [0, 0, 0]
    assert found["facts"]["jobs"] == 1
    assert found["rows"][2]["ratio"] < 1  # nothing to do


def comparison(*contestants, error=abs, **more):
    return Comparison("key", "Title", "About.", list(contestants), error, "error", **more)


def test_a_wrong_answer_is_noticed_and_so_is_none_at_all():
    right, wrong = Contestant("right", lambda: 0.0, 1e-3), Contestant("wrong", lambda: 1.0, 1e-3)
    unknown = Contestant("unknown", lambda: math.nan, 1e-3)
    found = measure.measure(comparison(right, wrong, unknown), 0.0, 1)
    assert [row.right for row in found.rows] == [True, False, False]
    with pytest.raises(ValueError, match=r"key, wrong: 1.0e\+00 > 1.0e-03; key, unknown: nan"):
        measure.check([found])
    assert page.text(machine(), [found], []).count("**wrong: its error is above its bar**") == 2
    measure.check([measure.measure(comparison(right), 0.0, 1)])


def machine():
    return {"threads a contestant": 2, "busy_cores": 0.0}


def test_a_ratio_is_taken_within_a_round(monkeypatch):
    """The machine slows down threefold from one round to the next, and no ratio shows it."""
    seconds = {"ours": 1.0, "peer": 5.0}
    slow, told = count(), []

    def timed(one, calls):
        told.append(one.name)
        return seconds[one.name] * 3 ** (next(slow) // 2), 0.0

    monkeypatch.setattr(measure, "_timed", timed)
    ours, peer = (Contestant(name, lambda: 0.0, 1.0) for name in seconds)
    found = measure.measure(comparison(ours, peer), 0.0, 4)
    assert [row.ratio for row in found.rows] == [1, 5]
    assert (found.rows[1].ratio_low, found.rows[1].ratio_high) == (5, 5)
    assert found.rows[0].seconds_high > 3 * found.rows[0].seconds_low
    # In turns, the order turned about from round to round.
    assert told[2:] == ["ours", "peer", "peer", "ours"] * 2


def test_a_block_is_long_enough_though_the_first_calls_are_slow(monkeypatch):
    slow, told = count(), []

    def timed(one, calls):
        told.append(calls)
        return (5e-3 if next(slow) < 2 else 1e-5), 0.0

    monkeypatch.setattr(measure, "_timed", timed)
    measure.measure(comparison(Contestant("a", None, 1.0)), 0.0, 3)
    assert told[-3:] == [told[-1]] * 3 and told[-1] * 1e-5 >= 0.01


def test_a_part_of_the_work_is_scaled_to_the_whole(monkeypatch):
    monkeypatch.setattr(measure, "_timed", lambda one, calls: (2.0, 0.0))
    whole, part = Contestant("w", None, 1.0), Contestant("p", None, 1.0, share=0.1)
    found = measure.measure(comparison(whole, part), 0.0, 3)
    assert found.rows[1].seconds == pytest.approx(20) and found.rows[1].ratio == pytest.approx(10)


def test_what_takes_minutes_is_called_once_each_after_its_preparation():
    calls = []
    ways = [
        Contestant(name, lambda name=name: calls.append(name) or 0.0, 1.0,
                   prepare=lambda name=name: calls.append(f"prepare {name}"))
        for name in "ab"
    ]  # fmt: skip
    found = measure.measure(comparison(*ways, once=True), 100.0)
    assert calls == ["prepare a", "a", "prepare b", "b"] and found.rows[0].rounds == 1


@pytest.mark.parametrize(
    ("ratio", "error", "role", "said"),
    [
        (8.0, 0.0, "peer", "slower"),
        (8.0, 1e-3, "peer", "slower, and less exact"),
        (0.5, 0.0, "peer", "**we lose on time**"),
        (0.5, 1e-3, "peer", "**we lose on time**, by a less exact answer"),
        (0.5, 0.0, "bound", "a bound: 2 times it is what ours takes"),
    ],
)
@pytest.mark.slow(after=2)
def test_a_row_says_who_is_faster(monkeypatch, ratio, error, role, said):
    monkeypatch.setattr(
        measure, "_timed", lambda one, calls: (ratio if one.name == "b" else 1.0, one.bar)
    )
    ours, peer = Contestant("a", None, 0.0), Contestant("b", None, error, role=role)
    found = measure.measure(comparison(ours, peer), 0.0, 3)
    (line,) = (x for x in page.text(machine(), [found], []).splitlines() if x.startswith("| b "))
    assert line.endswith(f"| {said} |")


def test_a_busy_machine_is_said_to_be_busy():
    busy = page.text({"threads a contestant": 1, "busy_cores": 2.0}, [], [])
    assert "not idle" in busy and "not idle" not in page.text(machine(), [], [])


@pytest.mark.slow
def test_a_process_that_computes_makes_the_machine_busy():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        busy = machine_of.busy_cores(0.5)
        process.kill()
    assert 0.4 < busy <= os.cpu_count()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.slow
def test_memory_is_what_a_call_takes():
    found = measure.measure(comparison(Contestant("a", lambda: len(b"1" * 2**25), 2**26)), 0.0, 1)
    assert 30 < found.rows[0].mib < 40


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.slow
def test_what_the_collector_frees_in_between_hides_nothing():
    garbage = [b"1" * 2**27]
    garbage.append(garbage)  # a cycle, which only the collector can free
    del garbage
    with Peak() as peak:
        gc.collect()
        assert len(b"1" * 2**25) == 2**25
    assert 30 < peak.mib < 40


def test_ours_is_measured_where_its_peers_cannot_be():
    ours, peer = Contestant("ours", lambda: 0.0, 1.0), Contestant("peer", lambda: 0.0, 1.0)
    alone = comparison(ours, peer).alone("The peers were skipped: no reason.")
    assert [row.contestant for row in measure.measure(alone, 0.0, 1).rows] == ["ours"]
    assert alone.about == "About. The peers were skipped: no reason."


@pytest.mark.slow
def test_without_an_index_neural_tangents_is_skipped_and_said_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(kernels, "ENVIRONMENT", tmp_path / "environment")
    (found,) = kernels.comparisons(True)
    assert "peer" not in {c.role for c in found.contestants}
    assert "`neural-tangents` was skipped: ERROR: No matching distribution" in found.about


def test_a_process_that_dies_is_told_with_its_last_line(tmp_path, monkeypatch):
    (tmp_path / "tangents_worker.py").write_text("import sys; sys.exit('no such thing')\n", "utf-8")
    monkeypatch.setattr(tangents, "HERE", tmp_path)
    with pytest.raises(tangents.Missing, match="its process ended: no such thing"):
        tangents.Worker(sys.executable, [1.0])
