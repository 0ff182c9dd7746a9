"""Every subcommand as a table, as JSON, as CSV and as a picture, all of the same answer."""

import csv
import io
import json
import math

import pytest

MODEL = """
from torch import nn

def net():
    return nn.Sequential(nn.Linear(30, 30), nn.Tanh(), nn.Linear(30, 30), nn.Tanh())
"""

# What is asked, and a word of the table that people read.
ASKED = {
    "edge": (("edge", "tanh"), "0.5120785"),
    "edges": (("edge", "tanh", "relu", "--sigma-b", 0.2, 0.5), "singleton|single point"),
    "curve": (("curve", "swish", "--points", 5), "unstable"),
    "phase": (("phase", "tanh", "--points", 3), "chaotic"),
    "conditions": (("conditions", "elu"), "Prop. 7"),
    "recommend": (("recommend", "tanh", "--depth", 10), "one_minus_c_at_depth"),
    "ranking": (("recommend", "tanh", "relu", "--depth", 5), "not covered"),
    "compare": (("compare", "relu", "tanh", "--depth", 10), "singleton"),
    "simulate": (("simulate", "relu", "--sigma-b", 0, "--depth", 5, "--width", 50), "c_theory"),
    "profile": (("profile", "own_model.py:net", "--inputs", "8x30"), "sigma_w"),
    "activations": (("activations",), "tanh(x)"),
}
EACH = pytest.mark.parametrize("name", ASKED)


@pytest.fixture(autouse=True)
def _model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_model.py").write_text(MODEL)


@EACH
def test_as_a_table(ask, name):
    arguments, word = ASKED[name]
    code, out, err = ask(*arguments)
    assert (code, err) == (0, "")
    assert any(w in out for w in word.split("|")) and "\x1b" not in out
    assert out.isascii() and all(line == line.rstrip() for line in out.splitlines())


@EACH
def test_as_json_and_as_csv(ask, name):
    code, out, err = ask(*ASKED[name][0], "--json")
    assert (code, err) == (0, "")
    told = json.loads(out, parse_constant=pytest.fail)
    code, out, err = ask(*ASKED[name][0], "--csv")
    assert (code, err) == (0, "") and out.isascii()
    rows = list(csv.DictReader(io.StringIO(out)))
    if name == "profile":
        told = told["rows"]
        assert float(rows[0]["q_measured"]) == told[0]["q"]["measured"]
    listed = told if isinstance(told, list) else [told]
    assert len(rows) == len(listed)
    for row, entry in zip(rows, listed, strict=True):
        assert None not in row and None not in row.values()  # as many cells as names
        for key, value in entry.items():
            if isinstance(value, float):
                assert float(row[key]) == value
            elif isinstance(value, str | bool | int):
                assert row[key] == str(value)
            elif value is None:
                assert row[key] in ("", "inf", "-inf")


@EACH
@pytest.mark.slow(after=2)
def test_as_a_picture(ask, name, tmp_path):
    arguments = ASKED[name][0]
    code, table, _ = ask(*arguments)
    code, out, err = ask(*arguments, "--plot", tmp_path / f"{name}.png")
    assert (code, out, err) == (0, table, "")
    data = (tmp_path / f"{name}.png").read_bytes()
    assert data.startswith(b"\x89PNG") and len(data) > 5000


@pytest.mark.parametrize(
    ("ending", "starts"), [("pdf", b"%PDF"), ("svg", b"<?xml"), ("PNG", b"\x89PNG")]
)
def test_the_ending_says_the_format_and_equal_answers_are_equal_bytes(
    ask, tmp_path, ending, starts
):
    for name in ("one", "two"):
        assert ask("edge", "tanh", "--plot", tmp_path / "new" / f"{name}.{ending}")[0] == 0
    first, second = (
        (tmp_path / "new" / f"{name}.{ending}").read_bytes() for name in ("one", "two")
    )
    assert first.startswith(starts) and first == second


def test_a_picture_shows_what_is_answered(tmp_path):
    from matplotlib import pyplot

    import edgeofchaos as eoc
    from edgeofchaos.command import drawings, pictures

    pictures.ready()
    points = eoc.edge_curve("swish", [0.2, 0.5, 1.0])
    axes = drawings.edge_curves(points).axes
    drawn = [line for line in axes[0].get_lines() if len(line.get_xdata())]
    assert {line.get_linestyle() for line in drawn} == {"--", "-"}
    assert axes[0].get_legend().get_title().get_text() == "dashed: unstable"
    phi = eoc.activation("swish")
    figure = drawings.comparison([phi], [points[0]], 50)
    (line,) = figure.axes[0].get_lines()
    assert line.get_xdata()[-1] == 50 and line.get_linestyle() == "--"
    assert line.get_ydata()[0] == 1.0 and 0 < line.get_ydata()[-1] < 0.2
    pyplot.close("all")


def test_a_number_that_json_lacks(ask):
    code, out, _ = ask("phase", "relu", "--points", 2, "--json")
    rows = json.loads(out)
    last = rows[-1]
    assert code == 0 and last["phase"] == "divergent"
    assert (last["q"], last["chi1"], last["depth_scale_c"]) == (None, None, None)
    code, out, _ = ask("phase", "relu", "--points", 2, "--csv")
    row = list(csv.DictReader(io.StringIO(out)))[-1]
    assert (code, row["q"], row["chi1"]) == (0, "inf", "") and math.isinf(float(row["q"]))
