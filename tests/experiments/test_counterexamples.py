"""The tables of the counterexamples are those of the theory, over the grids asked for."""

import pytest

from edgeofchaos.experiments.counterexamples import TABLES, counterexamples
from edgeofchaos.theory.counterexamples import oscillating_point


def test_its_tables():
    found = counterexamples(q=(1e-6, 1e-4, 3), ceiling=10.0, sigma_b=[0.1, 0.2])
    assert tuple(found) == TABLES
    assert [r["q"] for r in found["oscillating"]] == pytest.approx([1e-6, 1e-5, 1e-4])
    assert found["oscillating"][1]["slope2"] == oscillating_point(1e-5).slope2
    assert [r["sigma_b"] for r in found["bounded_folds"]] == [0.1, 0.2]
    assert [r["chi1_fold"] for r in found["bounded_folds"]] == pytest.approx(
        [0.954, 0.928], abs=5e-4
    )
    holds = {(r["proposition"], r["condition"]): r["holds"] for r in found["bounded_conditions"]}
    assert holds[7, "bounded"] and not holds[4, "(ii) an edge for small sigma_b"]
