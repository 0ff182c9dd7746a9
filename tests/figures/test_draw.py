"""A figure is the same bytes for the same tables, and shows what they say."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from edgeofchaos.figures import style
from edgeofchaos.figures.draw import draw


@pytest.fixture
def variance():
    rows = [
        {"activation": name, "sigma_b": 1.0, "sigma_w": 1.0, "input": i, "layer": layer,
         "q": 1.0 + i / layer}
        for name in ("tanh", "relu") for i in range(3) for layer in range(1, 6)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_equal_tables_give_equal_bytes_and_others_give_others(variance):
    first = draw("variance", {"variance": variance})
    assert first["pdf"].startswith(b"%PDF") and first["png"].startswith(b"\x89PNG")
    assert draw("variance", {"variance": variance, "more": None}) == first
    changed = draw("variance", {"variance": variance.assign(q=variance["q"] ** 2)})
    assert changed["pdf"] != first["pdf"] and changed["png"] != first["png"]
    assert not plt.get_fignums()


def test_what_is_missing_or_unknown_is_told(variance):
    with pytest.raises(ValueError, match="tables: hardtanh also needs correlation_maps, edge, rat"):
        draw("hardtanh", {"hardtanh": variance})
    with pytest.raises(ValueError, match="figure 'nope' is unknown; allowed are chaos, constants"):
        draw("nope", {})


@pytest.mark.parametrize("written", [False, True])
def test_a_curve_is_dashed_where_it_is_not_stable(written):
    frame = pd.DataFrame(
        {"x": [1.0, 2.0, 3.0, 4.0], "y": 0.0, "stable": [False, False, True, True]}
    )
    if written:  # as a table that has been written and read
        frame = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    figure, (ax,) = style.panels(1, 1, 2, 2)
    style.by_stability(ax, frame, "x", "y", "tanh")
    found = [(line.get_linestyle(), *line.get_xdata()) for line in ax.lines]
    plt.close(figure)
    assert found == [("--", 1.0, 2.0, 3.0), ("-", 3.0, 4.0)]


def test_a_gradation_has_as_many_colours_as_steps():
    assert len(np.unique(style.gradation(7), axis=0)) == 7
    # The first colour does not depend on how many follow.
    assert np.array_equal(style.gradation(1)[0], style.gradation(5)[0])
