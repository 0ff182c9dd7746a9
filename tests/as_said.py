"""Curves of trained nets that end as the paper says, or otherwise where a test wants it."""

import numpy as np
import pandas as pd

from edgeofchaos.claims.accuracies import (
    DEEP,
    MIDDLE,
    NARROW,
    PAPER_RATE,
    SETTING,
    SHALLOW,
    SLOW_RATE,
    STEPS,
    WIDE,
)

# What the paper says (and the theory, at the slow rate), as accuracies at the end.
AS_SAID = {
    (DEEP, PAPER_RATE): {
        "relu-edge": 0.60, "tanh-edge": 0.12, "elu-edge": 0.85, "swish-printed": 0.80,
        "swish-ordered": 0.10, "swish-chaotic": 0.11, "swish-he": 0.12, "tanh-ordered": 0.10,
        "tanh-chaotic": 0.10, "elu-ordered": 0.11, "elu-chaotic": 0.11,
    },
    (DEEP, SLOW_RATE): {
        "relu-edge": 0.75, "tanh-edge": 0.12, "elu-edge": 0.93, "swish-printed": 0.72,
        "swish-stable": 0.76, "swish-ordered": 0.10, "swish-chaotic": 0.11, "tanh-ordered": 0.10,
        "tanh-chaotic": 0.10, "elu-ordered": 0.11, "elu-chaotic": 0.11,
        "tanh-edge-x0.98": 0.12, "tanh-edge-x1.02": 0.12, "tanh-edge-b0.01": 0.12,
    },
    (MIDDLE, PAPER_RATE): {
        "tanh-edge": 0.93, "tanh-ordered": 0.80, "tanh-chaotic": 0.85, "tanh-edge-b0.01": 0.80,
        "tanh-edge-x0.95": 0.93, "tanh-edge-x0.98": 0.93, "tanh-edge-x1.02": 0.93,
        "tanh-edge-x1.05": 0.93,
    },
    (SHALLOW, PAPER_RATE): {"relu-edge": 0.92, "tanh-edge": 0.95},
    (NARROW[0], PAPER_RATE): {"relu-edge": 0.80, "swish-printed": 0.70},
    (NARROW[1], PAPER_RATE): {"relu-edge": 0.60, "swish-printed": 0.75},
    (NARROW[1], SLOW_RATE): {"relu-edge": 0.60},
    (WIDE[3], SLOW_RATE): {"relu-edge": 0.90},
    **{(shape, PAPER_RATE): {"relu-edge": 0.90, "swish-printed": 0.94} for shape in WIDE},
}  # fmt: skip
# Where all say that Tanh is stuck, nothing is gained on its edge, and at no rate does it train.
AT_SLOW = (DEEP, SLOW_RATE)
TANH_TRAINS = {
    (*AT_SLOW, "tanh-edge"): 0.94, (*AT_SLOW, "tanh-edge-x0.98"): 0.94,
    (*AT_SLOW, "tanh-edge-x1.02"): 0.94, (*AT_SLOW, "tanh-edge-b0.01"): 0.84,
    (DEEP, PAPER_RATE, "tanh-edge"): 0.50,
}  # fmt: skip


def curves(changes=None, noise=0.003, seeds=30, seed=0, moved=0.05, ratio=-2.0):
    """A row a net and run at the step that is judged, as AS_SAID has it but for ``changes``."""
    rng = np.random.default_rng(seed)
    rows = []
    for (shape, rate), said in AS_SAID.items():
        for init, mean in said.items():
            mean = (changes or {}).get((shape, rate, init), mean)
            for run in range(seeds):
                value, other = mean + noise * rng.standard_normal(2)
                tanh = init == "tanh-edge"
                rows.append({
                    **SETTING, "width": shape[0], "depth": shape[1], "learning_rate": rate,
                    "init": init, "seed": run, "step": STEPS, "accuracy": value,
                    "mean_accuracy": value - 0.05, "moved": (moved if tanh else 0.3) + 1e-3 * run,
                    "log10_gradient_ratio": (ratio if tanh else -0.1) + other - mean,
                })  # fmt: skip
    return pd.DataFrame(rows)
