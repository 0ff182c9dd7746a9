"""Cut the tables that the claims' readers read from a default run to what the tests need.

    python tests/cut_tables.py results tests/claims/data

Rows are left out where there are many of a kind; columns of the largest tables too. It refuses to
write tables on which a criterion is not measured or a claim gets another verdict than on the whole.
"""

import sys
from pathlib import Path

import pandas as pd

from edgeofchaos.claims.accuracies import STEPS
from edgeofchaos.claims.entries import judged
from edgeofchaos.support.artifacts import write_text
from edgeofchaos.support.columns import truth
from edgeofchaos.support.tables import read_csv

FOLDERS = ("theory", "simulation", "training")


def tables_in(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a results folder, or of a folder of tables: name -> table."""
    places = [folder / name for name in FOLDERS if (folder / name).is_dir()] or [folder]
    return {path.stem: read_csv(path) for place in places for path in sorted(place.glob("*.csv"))}


def unmeasured(entries: list[dict]) -> list[str]:
    """What no number was found for: claim, criterion and the reason."""
    return [
        f"{entry['id']}: {e['name']}: {e['detail']}"
        for entry in entries
        for e in entry["evidence"]
        if e["measured"] == "not measured"
    ]


def inside(points: pd.DataFrame) -> pd.DataFrame:
    """A few points of the phase diagrams within Proposition 1's bounds, and a few others."""
    within = truth(points["prop1_variance"])
    extremes = points[within].nlargest(1, ["alpha", "chi1"])
    return pd.concat([extremes, points[within].iloc[::60], points[~within].iloc[::600]])


def late(frame: pd.DataFrame) -> pd.DataFrame:
    """Every other layer of the last three decades, and the last layer."""
    layers = sorted(frame.loc[frame["layer"] >= frame["layer"].max() / 1000, "layer"].unique())
    return frame[frame["layer"].isin(layers[::-2])]


CUTS = {
    "correlation_maps": lambda t: t[
        (t["c"] == 0)
        | (t["activation"].isin(["tanh", "hardtanh"]) & t["sigma_b"].eq(0.2)
           & t["c"].mul(100).round().mod(10).eq(0))
    ],
    "edge": lambda t: t.drop(columns=["reason"]),
    "fixed_points": lambda t: t[t["activation"] == "swish"],
    "folds": lambda t: t[t["activation"] == "swish"],
    "hardtanh": lambda t: t.iloc[::6],
    "identity_distance": lambda t: t[
        t["activation"].isin(["swish", "identity"]) | (t["q"] >= 0.5)
    ].iloc[::2],
    "lemma1": lambda t: t.dropna(subset=["sup"]),
    "near_edge_paths": lambda t: t[t["layer"] == 40],
    "negative_paths": late,
    "nets_paths": lambda t: t[
        (t["width"] == 100) & (t["layer"] == 30) & (t["start"] == 0) & (t["sigma_b"] == 0.2)
    ],
    "nets_printed": lambda t: t[(t["place"] == "printed") & t["layer"].isin([30, 200])],
    "nets_propagation": lambda t: t[t["layer"].isin([1, 12])].drop(columns=["sd"]),
    "phase_diagram": inside,
    "phase_window": lambda t: t.groupby(["sigma_b", "phase"]).head(1)[
        ["activation", "sigma_b", "sigma_w", "q", "phase"]
    ],
    "rates": lambda t: late(t).drop(columns=["sigma_b", "sigma_w", "q", "stable"]),
    "nets_rates": lambda t: t.drop(columns=["sigma_w", "q", "low", "high"]),
    "relu_like_map": lambda t: t.iloc[::3],
    "relu_like_rates": late,
    "swish_moments": lambda t: t.iloc[::3],
    "train_curves": lambda t: t[t["step"] == STEPS].drop(
        columns=["activation", "place", "sigma_b", "sigma_w", "q", "loss", "diverged"]
    ),
    "trajectories": lambda t: t[t["quantity"] == "c"].groupby("sigma_w").tail(2),
}  # fmt: skip

# No reader asks for these.
UNREAD = (
    "input_scaling", "kernel_accuracy", "nets_gradients", "nets_surfaces", "nets_times",
    "printed_fixed_points", "printed_maps", "printed_paths", "train_gradients", "variance_maps",
)  # fmt: skip


def main():
    source, target = map(Path, sys.argv[1:])
    whole = {name: t for name, t in tables_in(source).items() if name not in UNREAD}
    cut = {name: CUTS.get(name, lambda t: t)(table) for name, table in whole.items()}
    before, after = judged(whole), judged(cut)
    changed = [a["id"] for a, b in zip(before, after, strict=True) if a["verdict"] != b["verdict"]]
    if unmeasured(after) or changed:
        sys.exit("\n".join(["not written:", *unmeasured(after), *changed]))
    for name, table in cut.items():
        digits = 6 if name.startswith("train") else 17  # accuracies are multiples of 1e-4
        text = table.to_csv(index=False, float_format=f"%.{digits}g", lineterminator="\n")
        write_text(text, target / f"{name}.csv")


if __name__ == "__main__":
    main()
