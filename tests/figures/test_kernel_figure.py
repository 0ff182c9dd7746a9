"""The figure of deep kernels on MNIST shows medians over sets and their intervals."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from edgeofchaos.figures.rate_figures import kernel_accuracy
from edgeofchaos.simulation.intervals import quantile_bounds

POINTS = [("relu", "edge"), ("tanh", "edge"), ("swish", "printed"), ("tanh", "ordered")]


def table(kernels=("nngp", "ntk"), noises=(1e-6, 1e-2), sets=5):
    return pd.DataFrame([
        {"activation": name, "place": place, "kernel": kernel, "noise": noise, "depth": depth,
         "set": i, "accuracy": 0.5 + 0.01 * i**2 + 0.001 * depth}
        for (name, place), kernel, noise, depth, i in product(
            POINTS, kernels, noises, (1, 10), range(sets)
        )
    ])  # fmt: skip


def drawn(rows):
    figure = kernel_accuracy({"kernel_accuracy": rows})
    figure.canvas.draw()
    found = {
        ax.get_title(): [c for c in ax.containers if hasattr(c, "has_yerr")] for ax in figure.axes
    }
    plt.close(figure)
    return found


def test_a_panel_a_kernel_and_noise_with_a_line_a_point():
    found = drawn(table())
    assert list(found) == [f"{k}, noise {n} %" for k in ("NNGP", "NTK") for n in ("0.0001", "1")]
    for bars in found.values():
        assert [b.get_label() for b in bars] == [
            "ReLU, edge", "Tanh, edge", "Swish, printed", "Tanh, ordered",
        ]  # fmt: skip


@pytest.mark.parametrize("sets", [1, 3, 12])
def test_a_point_is_the_median_and_its_bar_the_interval_or_else_the_range(sets):
    bar = drawn(table(sets=sets))["NNGP, noise 0.0001 %"][0]
    line, _, (segments,) = bar
    values = 0.5 + 0.01 * np.arange(sets) ** 2 + 0.001
    assert list(line.get_xdata()) == [1, 10]
    assert line.get_ydata()[0] == pytest.approx(np.median(values))
    ends = quantile_bounds(values, 0.05) if sets >= 5 else (values.min(), values.max())
    assert segments.get_segments()[0][:, 1] == pytest.approx(ends)


def test_it_is_drawn_of_one_kernel_one_noise_and_a_line_that_ends():
    rows = table(kernels=("nngp",), noises=(0.1,))
    found = drawn(rows[(rows["activation"] != "swish") | (rows["depth"] == 1)])
    (bars,) = found.values()
    assert [len(b[0].get_xdata()) for b in bars] == [2, 2, 1, 2]
