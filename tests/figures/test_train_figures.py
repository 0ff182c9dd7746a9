"""Figures of trained nets: medians where claims are judged, whatever has been trained."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from as_said import curves

from edgeofchaos.figures import train_figures
from edgeofchaos.figures.catalogue import FIGURES
from edgeofchaos.figures.draw import function
from edgeofchaos.simulation.intervals import quantile_bounds

TRAINED = [name for name in FIGURES if name.startswith("train_")]


@pytest.fixture
def tables():
    """The nets that claims read, at several steps, with what else figures read."""
    each = [curves(seeds=6).assign(step=step) for step in (0, 375, 1500, 3000)]
    found = pd.concat(each, ignore_index=True)
    names = found["init"].str.split("-")
    near = found["init"].str.contains("-x")
    ratios = found["init"].str.extract(r"-x([0-9.]+)")[0].astype(float).fillna(1.0)
    found = found.assign(
        activation=names.str[0], place=names.str[1].where(~near, "near"), sigma_w=1.3 * ratios,
        sigma_b=found["init"].str.extract(r"-b([0-9.]+)")[0].astype(float).fillna(0.2),
    )  # fmt: skip
    layers = [found[found["step"] > 0].assign(layer=layer) for layer in (1, 2, 3, 4)]
    gradients = pd.concat(layers).assign(log10_gradient=-1.0)
    return {"train_curves": found, "train_gradients": gradients}


def test_what_is_shown_is_the_median_and_the_interval_that_judges():
    values = np.arange(12.0)
    assert train_figures._bounds(values) == (5.5, *quantile_bounds(values, 0.05))
    assert train_figures._bounds([0.3, 0.1, 0.2]) == (0.2, 0.1, 0.3)  # too few: the range


def test_a_net_is_shown_at_the_step_that_is_judged_or_else_at_its_last(tables):
    rows = tables["train_curves"]
    early = rows["init"].eq("elu-edge") & rows["step"].ge(1500)
    found = train_figures._judged(rows[~early])
    assert set(found.loc[found["init"].eq("elu-edge"), "step"]) == {375}
    assert set(found.loc[found["init"].ne("elu-edge"), "step"]) == {1500}


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("lacking", ["", "tanh", "relu", "swish"])
@pytest.mark.slow(after=8)
def test_every_figure_is_drawn_whatever_is_trained(tables, name, lacking):
    some = {
        key: t[~t["init"].str.startswith(lacking)] if lacking else t for key, t in tables.items()
    }
    figure = function(name)(some)
    figure.canvas.draw()
    assert figure.axes
    plt.close(figure)


OTHERS = {
    # Places of nets that no figure singles out; another optimiser.
    "gelu alone": lambda t: t[t["init"].str.startswith("tanh")].assign(
        init=lambda r: r["init"].str.replace("tanh", "gelu"), activation="gelu"
    ),
    "momentum alone": lambda t: t.assign(optimiser="momentum"),
    "gelu-stable by momentum": lambda t: t[t["init"] == "swish-stable"].assign(
        init="gelu-stable", activation="gelu", optimiser="momentum"
    ),
}


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
@pytest.mark.slow(after=6)
def test_every_figure_is_drawn_of_a_config_of_other_nets(tables, name, change):
    figure = function(name)({key: change(table) for key, table in tables.items()})
    figure.canvas.draw()
    assert figure.axes
    if name in ("train_movement", "train_length"):
        shown = [line for ax in figure.axes for line in ax.lines if len(line.get_xdata()) > 2]
        assert shown
        titles = {ax.get_title() for ax in figure.axes}
        assert all(
            ("momentum" in title) == (change is not OTHERS["gelu alone"]) for title in titles
        )
    plt.close(figure)


def test_a_reference_that_lacks_a_column_is_told(tables):
    with pytest.raises(ValueError, match=r"lengths.csv .* no column high; allowed is what"):
        train_figures.train_length({**tables, "lengths": tables["train_curves"]})


def test_lengths_are_the_references_where_they_are_there(tables):
    lengths = pd.DataFrame([
        {"width": 50, "depth": 40, "init": "tanh-edge", "learning_rate": 0.001, "optimiser": "adam",
         "step": step, "runs": 30, "median": value, "low": value, "high": value}
        for step, value in ((0, 0.1), (375, 0.2), (6000, 0.8))
    ])  # fmt: skip
    figure = train_figures.train_length({**tables, "lengths": lengths})
    (ax,) = figure.axes
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_xdata()[0] == 375]
    assert list(lines[0].get_ydata()) == [0.2, 0.8]
    plt.close(figure)
