"""The fine phase diagram: ordered, chaotic, divergent, in this order; chaos in the window alone."""

import numpy as np
import pytest
from independent import variance_step

from edgeofchaos.experiments.phase_window import phase_window


@pytest.mark.parametrize(
    ("sigma_b", "phases"),
    [
        (0.70, ["ordered", "divergent"]),
        (0.72, ["ordered", "chaotic", "divergent"]),
        (0.74, ["ordered", "chaotic", "divergent"]),
    ],
)
def test_the_order_of_phases(sigma_b, phases):
    table = phase_window(sigma_b=(sigma_b, sigma_b, 1), sigma_w=(1.405, 1.4175, 26))
    rows = table["phase_window"]
    assert list(dict.fromkeys(r["phase"] for r in rows)) == phases
    for row in rows:
        if row["phase"] == "chaotic":
            assert np.isfinite(row["q"]) and 1 < row["chi1"] < 1.02
            q = variance_step("swish", sigma_b, row["sigma_w"], row["q"])
            assert q == pytest.approx(row["q"], rel=1e-8)
