"""Every test is in one tier; the catalogue of faults, which the tiers have to notice, is whole."""

import re
from collections import Counter

import pytest
from faults import run as faults
from places import ROOT


def test_every_test_is_in_one_tier(python):
    file, tests = "tests/theory/test_gaussian.py", {}
    for tier in ("all", "fast", "slow"):
        done = python(ROOT, "-m", "pytest", "-qq", "--collect-only", "-p", "no:cacheprovider",
                      "--tier", tier, "--verbosity", "1", file)  # fmt: skip
        tests[tier] = re.findall(r"<(?:Function|TestCaseFunction) (.+)>", done.stdout)
    assert tests["fast"] and tests["slow"]
    assert Counter(tests["all"]) == Counter(tests["fast"]) + Counter(tests["slow"])


CATALOGUE = faults.catalogue()


def test_every_fault_can_be_applied():
    assert len(CATALOGUE) > 250
    places = {f.name: (ROOT / f.file).read_text(encoding="utf-8").count(f.old) for f in CATALOGUE}
    assert {name: count for name, count in places.items() if count != 1} == {}
    assert [f.name for f in CATALOGUE if f.old == f.new] == []
    assert [name for name, n in Counter(f.name for f in CATALOGUE).items() if n > 1] == []


def test_every_module_script_and_rule_has_a_fault():
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "scripts").glob("*.py"),
             *(ROOT / "workflow/rules").glob("*.smk"), ROOT / "Snakefile"]  # fmt: skip
    code = re.compile(r"^(def|class|rule|use rule|if)\b|^[A-Z_]+ =", re.MULTILINE)
    with_code = [file for file in files if code.search(file.read_text(encoding="utf-8"))]
    known = {fault.file for fault in CATALOGUE}
    without = {f.relative_to(ROOT).as_posix() for f in with_code} - known
    assert without == set()


def test_a_fault_is_applied_once_and_the_table_is_put_between_its_marks(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\ny = 1\n")
    faults.Fault("one", "a.py", "x = 1", "x = 2").apply(tmp_path)
    assert (tmp_path / "a.py").read_text() == "x = 2\ny = 1\n"
    with pytest.raises(ValueError, match="2 places for 'two', not 1"):
        faults.Fault("two", "a.py", " = ", " == ").apply(tmp_path)
    page = tmp_path / "page.md"
    page.write_text("before\n{}\nold\n{}\nafter\n".format(*faults.MARKS))
    faults.put("| new |", page)
    assert page.read_text() == "before\n{}\n\n| new |\n\n{}\nafter\n".format(*faults.MARKS)


def test_the_tests_of_a_module_are_tried_first():
    assert faults.near("src/edgeofchaos/theory/edge.py")[0] == "tests/theory/test_edge.py"
    first, second = faults.near("scripts/merge.py")
    assert (first, second) == ("tests/support/test_scripts.py", "tests/support/test_programs.py")
