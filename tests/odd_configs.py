"""Configs that the schema allows, drawn from its awkward ends, and the tables that they give.

The experiments whose sections are not the default's are run, in this process; the tables of the
others are those of the default run.
"""

from __future__ import annotations

import copy
import functools
import importlib
import io
import json
import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
import torch
import yaml
from evidence import Tables, with_table
from numpy.random import Generator
from places import ROOT
from todays import SEED

from edgeofchaos.activations import from_spec
from edgeofchaos.builtins import BUILTINS
from edgeofchaos.experiments.lemma1 import PAIRS
from edgeofchaos.support.config import check
from edgeofchaos.theory.edge import edge_point

DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
CONFIGS = 5
# Run for each activation, from which section; phase diagrams are for activations of their own.
OF_EACH = {"edge": "edge", "correlation": "correlation", "nets_propagation": "propagation"}
PER_ACTIVATION = ("edge", "fixed_points", "threshold", "windows", "folds", "conditions",
                  "constants", "correlation_maps", "rates", "identity_distance",
                  "nets_propagation")  # fmt: skip
OF_SOME = {"phase_diagram": "phase_diagram"}
NEED_DIGITS = ("input_scaling", "kernel_accuracy")  # no claim reads their tables
# What is left out of an experiment because it takes long and no key of the config changes it: other
# arguments than its own, and the tables that stay those of the default run.
LIGHTER: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "remarks": (
        {"kcorr_activations": (), "contracting": (), "members": 0, "without_bias": (),
         "homogeneous": ()},
        ("kcorr", "contraction", "odd_family", "without_biases", "kept_variances", "own_points"),
    ),
    "depth_scales": ({"lemma1_others": ("relu",), "pairs": PAIRS[:1]}, ()),
    "correlation": ({"distance_sigma_b": (0.05, 2.0)}, ()),
    "supplement": (
        {"with_prior_kernel": (), "kernel_slopes": (), "depths": (2,), "closed_form_q": ()},
        ("prior_kernel", "closed_forms"),
    ),
}  # fmt: skip
SIGMA_B = (1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.72, 0.73, 0.75, 1.0, 2.0, 5.0,
           20.0, 100.0)  # fmt: skip
# Few of a kind, so that what one case has run another one need not.
LISTS = ([0.2], [1e-6, 0.05, 0.72], [0.0, 1.0, 100.0], [0.5, 0.73, 0.75])
FOLLOWED = (
    {"sigma_b": [0.2], "rate_sigma_b": 0.2, "layers": 10},
    {"sigma_b": [1e-3, 1.0], "rate_sigma_b": 1e-3, "layers": 1000},
    {"sigma_b": [0.05], "rate_sigma_b": 2.0, "layers": 100},
    {"sigma_b": [0.2, 100.0], "rate_sigma_b": 100.0, "layers": 10000},
)


def tenth(x: torch.Tensor) -> torch.Tensor:
    """x + 0.1 tanh x: close to linear, so that what it does shows late."""
    return x + 0.1 * torch.tanh(x)


def hundredth(x: torch.Tensor) -> torch.Tensor:
    """x + 0.01 tanh x."""
    return x + 0.01 * torch.tanh(x)


def bent(x: torch.Tensor) -> torch.Tensor:
    """The guide's example of a function with a kink."""
    return torch.tanh(x) + 0.1 * torch.relu(x)


def bounded(x: torch.Tensor) -> torch.Tensor:
    """10 tanh(swish(x)/10), the bounded counterexample to Proposition 7."""
    return 10 * torch.tanh(x * torch.sigmoid(x) / 10)


def rounded_kink(x: torch.Tensor) -> torch.Tensor:
    """Nearly a kink at 0, and differentiable, so that sup|f - x| tends to 0 after all."""
    return torch.tanh(x) + 0.3 * torch.tanh(torch.sqrt(x * x + 0.09) - 0.3)


def bump(x: torch.Tensor) -> torch.Tensor:
    """Even, bounded, and 0 far away."""
    return torch.exp(-x * x)


def steep(x: torch.Tensor) -> torch.Tensor:
    """tanh 20x."""
    return torch.tanh(20 * x)


def shifted(x: torch.Tensor) -> torch.Tensor:
    """tanh(x + 0.3) − tanh 0.3, whose digits at small x are lost."""
    return torch.tanh(x + 0.3) - math.tanh(0.3)


OWN = {
    f.__name__: {"function": f"odd_configs:{f.__name__}", **more}
    for f, more in ((tenth, {}), (hundredth, {}), (bent, {"kinks": [0.0]}), (bounded, {}),
                    (rounded_kink, {}), (bump, {}), (steep, {}), (shifted, {}))
}  # fmt: skip


@functools.cache
def ran(experiment: str, arguments: str, name: str = "", spec: str = "{}") -> Tables | None:
    """The tables of an experiment, as they are read from CSV; None where it refuses its arguments.

    Args:
        experiment: a module of ``edgeofchaos.experiments``.
        arguments: its section of the config, as JSON.
        name, spec: the activation and its entry in the config, where it is about one.
    """
    module = importlib.import_module(f"edgeofchaos.experiments.{experiment}")
    given = {k: tuple(v.values()) if isinstance(v, dict) and set(v) == {"min", "max", "points"}
             else v for k, v in json.loads(arguments).items()}  # fmt: skip
    if name:
        given["phi"] = from_spec(name, json.loads(spec))
    columns = getattr(module, "COLUMNS", {})
    lighter, same = LIGHTER.get(experiment, ({}, ()))
    try:
        made = getattr(module, experiment)(**given, **lighter)
    except ValueError:
        return None
    return {
        table: _as_read(pd.DataFrame(rows, columns=columns.get(table)))
        for table, rows in made.items()
        if not isinstance(rows, dict) and table not in same
    }


def _as_read(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(frame.to_csv(index=False, float_format="%.17g")))


def kept_of(scale: dict, full: Tables) -> Tables:
    """The rows of the full evidence that a scale's own lists leave, by column, without a run."""
    config = overlaid(copy.deepcopy(DEFAULT), scale)
    nets, studies = config["simulation"], config["training"]["studies"].values()
    specs = check({k: v for k, v in config.items() if k != "scale"})
    shapes = {(*shape,) for s in studies for shape in s["shapes"]}
    inits = {(*shape, i) for s in studies for shape in s["shapes"] for i in s["inits"]}
    rates = {r for s in studies if s["shapes"] for r in s["learning_rates"]}
    seeds = max((s["seeds"] for s in studies if s["shapes"]), default=0)
    kept = {}
    for name, table in full.items():
        mask = np.ones(len(table), bool)
        if name in PER_ACTIVATION:
            mask &= table["activation"].isin(list(specs)).to_numpy()
        if name.startswith("train"):
            at = [*zip(table["width"], table["depth"], table["init"], strict=True)]
            mask &= np.array([(w, d) in shapes and (w, d, i) in inits for w, d, i in at], bool)
            mask &= (table["learning_rate"].isin(rates) & (table["seed"] < seeds)
                     & (table["step"] <= config["training"]["steps"])).to_numpy()  # fmt: skip
        for tables, column, values in (
            (("edge", "fixed_points", "folds"), "sigma_b", config["theory"]["edge"]["sigma_b"]),
            (("correlation_maps",), "sigma_b", config["theory"]["correlation"]["sigma_b"]),
            (("nets_width",), "width", nets["width"]["widths"]),
            (("nets_printed",), "width", nets["printed"]["widths"]),
            (("nets_departure", "nets_paths", "nets_growth"), "sigma_b",
             nets["departure"]["sigma_b"]),
        ):  # fmt: skip
            if name in tables:
                mask &= table[column].isin(values).to_numpy()
        for tables, layers in (
            (("rates",), config["theory"]["correlation"]["layers"]),
            (("relu_like_rates",), config["theory"]["relu_like"]["layers"]),
            (("nets_rates",), nets["rates"]["layers"]),
        ):
            if name in tables:
                mask &= (table["layer"] <= layers).to_numpy()
        kept[name] = table if mask.all() else table[mask]
    return kept


def overlaid(base: dict, change: dict) -> dict:
    """``base`` with ``change`` laid over it, as Snakemake's update_config does."""
    for key, value in change.items():
        nested = isinstance(value, dict) and isinstance(base.get(key), dict)
        base[key] = overlaid(base[key], value) if nested else value
    return base


def evidence(change: dict, full: Tables, skip: tuple[str, ...] = ()) -> Tables:
    """The tables of the default config with ``change`` laid over it.

    Args:
        change: laid over the default, and allowed by the schema.
        full: the tables of the default config.
        skip: experiments that are not run; their tables stay those of ``full``.
    """
    config = overlaid(copy.deepcopy(DEFAULT), change)
    config.pop("scale", None)
    specs, tables = check(config), dict(full)
    sims = {"seed": config["simulation"]["seed"], "device": "cpu"}
    for part, prefix, more in (("theory", "", {}), ("simulation", "nets_", sims)):
        for section, given in config[part].items():
            name = prefix + section
            if not isinstance(given, dict) or name in skip or name in NEED_DIGITS:
                continue
            same = given == DEFAULT[part][section]
            if name in OF_EACH or name in OF_SOME:
                whole = {**given, **more}
                names = whole.pop("activations") if name in OF_SOME else list(specs)
                tables = _of_each(tables, name, whole, {n: specs[n] for n in names}, same)
            elif not same:
                tables = _replaced(tables, name, [ran(name, json.dumps({**given, **more}))])
    return tables


def _of_each(tables: Tables, experiment: str, given: dict, specs: dict, same: bool) -> Tables:
    """The tables of all activations; a built-in's rows are the default's where nothing differs."""
    known = [n for n in specs if same and n in DEFAULT["activations"]]
    new = [n for n in specs if n not in known]
    made = [ran(experiment, json.dumps(given), n, json.dumps(specs[n])) for n in new]
    module = importlib.import_module(f"edgeofchaos.experiments.{experiment}")
    for name in module.TABLES if known else ():
        if name not in tables:
            continue
        old = tables[name]
        kept = old[old["activation"].isin(known)]
        if len(kept) == len(old) and not new:
            continue
        more = [m[name].reindex(columns=old.columns) for m in made if m and len(m[name])]
        tables = with_table(tables, name, _joined([kept, *more]))
    return tables if known else _replaced(tables, experiment, made)


def _replaced(tables: Tables, experiment: str, made: list[Tables | None]) -> Tables:
    """The tables with those of an experiment instead of the default's; gone where it failed."""
    _, same = LIGHTER.get(experiment, ({}, ()))
    for name in importlib.import_module(f"edgeofchaos.experiments.{experiment}").TABLES:
        if name not in same:
            frames = [m[name] for m in made if m is not None and name in m]
            tables = with_table(tables, name, _joined(frames) if frames else None)
    return tables


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [f for f in frames if len(f)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def pick(rng: Generator, values, least: int = 1, most: int = 4) -> list:
    """A few of the values, in their order."""
    count = int(rng.integers(least, min(most, len(values)) + 1))
    return [values[i] for i in sorted(rng.choice(len(values), count, replace=False))]


def one(rng: Generator, *values):
    """One of the values."""
    return values[int(rng.integers(len(values)))]


def grid(rng: Generator, lows, highs, points) -> dict[str, Any]:
    """{min, max, points}."""
    return {"min": one(rng, *lows), "max": one(rng, *highs), "points": one(rng, *points)}


def of_activations(rng: Generator) -> dict:
    """A few built-ins and functions of the user's own, at default or other edge points."""
    names = pick(rng, list(BUILTINS), 1, 5)
    own = [{"name": n, **OWN[n]} for n in pick(rng, list(OWN), 0, 2)]
    change: dict[str, Any] = {"activations": names + own}
    change["theory"] = {"phase_diagram": {"activations": names[:2]}}
    if rng.random() < 0.7:
        change["theory"]["edge"] = {"sigma_b": one(rng, *LISTS)}
    if rng.random() < 0.8:
        change["theory"]["correlation"] = one(rng, *FOLLOWED)
    change["simulation"] = {"propagation": {"width": one(rng, 10, 100, 1000), "draws": 16}}
    return change


def more_activations(rng: Generator) -> dict:
    """The default's activations and functions of the user's own."""
    own = [{"name": n, **OWN[n]} for n in pick(rng, list(OWN), 1, 2)]
    return {"activations": DEFAULT["activations"] + own}


def of_phases(rng: Generator) -> dict:
    """Depth scales of Tanh, with points close to its edge and few layers."""
    sigma_b = one(rng, 0.01, 0.05, 0.3, 1.0, 3.0)
    edge = edge_point("tanh", sigma_b).sigma_w
    under = pick(rng, (0.1, 0.5, 0.8, 0.9, 0.97, 0.99, 0.999, 0.99999))
    over = pick(rng, (1.01, 1.03, 1.1, 1.5, 3.0, 10.0), 1, 3)
    return {"theory": {"depth_scales": {
        "sigma_b": sigma_b, "ordered_sigma_w": [edge * x for x in under],
        "chaotic_sigma_w": [edge * x for x in over],
        "layers": one(rng, 10, 20, 50, 100, 400),
        "epsilons": pick(rng, (0.5, 0.3, 0.1, 0.01, 1e-3, 1e-6, 1e-12), 2, 4),
    }}}  # fmt: skip


def of_theory(rng: Generator) -> dict:
    """One or two of the other sections of theory."""
    slopes = [[1.0, 0.0], [1.0, 0.01], [1.0, 0.25], [1.0, -1.0], [-1.0, 0.25], [1.0, 0.999],
              [100.0, -100.0], [0.0, 1.0], [0.01, 0.0]]  # fmt: skip
    sections: dict[str, dict[str, Any]] = {
        "variance": {
            "sigma_b": one(rng, 0.0, 0.1, 1.0, 3.0), "sigma_w": one(rng, 0.1, 1.0, 1.3, 1.4, 3.0),
            "inputs": pick(rng, (1e-6, 0.5, 3.0, 8.0, 1e6), 1, 3),
            "layers": one(rng, 10, 15, 20, 30, 40, 1000),
        },
        "departure": {
            "sigma_b": pick(rng, (0.01, 0.05, 0.2, 0.5, 0.7, 0.74, 1.0), 1, 2),
            "deviations": pick(rng, (0.4, 0.3, 0.1, 0.01, 1e-4, 1e-9), 2, 4),
        },
        "relu_like": {"slopes": pick(rng, slopes), "layers": one(rng, 10, 100, 1000, 30000)},
        "supplement": {
            "sigma_b": one(rng, 0.01, 0.05, 0.2, 0.5, 2.0),
            "q": {**grid(rng, (1e-6, 0.1, 1.0), (2.0, 10.0, 1e4), (2, 3, 5))},
        },
        "printed_table": {
            "layers": pick(rng, (1, 10, 30, 100, 400)), "depth": one(rng, 10, 50, 100, 200),
        },
        "remarks": {
            "sigma_b": one(rng, 0.01, 0.2, 1.0),
            "ratios": pick(rng, (0.1, 0.5, 0.9, 0.98, 1.02, 1.1, 3.0)),
            "betas": pick(rng, (0.001, 0.5, 2.0, 10.0, 1000.0), 1, 2),
            "pair_sigma_b": pick(rng, (0.001, 0.02, 0.2, 1.0, 5.0), 1, 2),
            "layers": one(rng, 10, 100, 1000, 10000),
        },
        "phase_window": {
            "sigma_b": grid(rng, (0.0, 0.69, 0.72), (0.73, 0.76, 2.0), (2, 3, 5)),
            "sigma_w": grid(rng, (0.5, 1.4, 1.41), (1.4135, 1.416, 3.0), (2, 5, 9)),
        },
        "counterexamples": {
            "q": grid(rng, (1e-12, 1e-8, 1e-4), (1e-3, 1e-2, 0.1), (2, 3, 5)),
            "ceiling": one(rng, 5.0, 10.0, 100.0, 1000.0), "sigma_b": pick(rng, SIGMA_B, 1, 3),
        },
        "phase_diagram": {
            "activations": pick(rng, ("relu", "tanh", "swish", "elu", "selu", "gelu")),
            "sigma_b": grid(rng, (0.0, 0.5), (0.7, 2.0, 100.0), (2, 5)),
            "sigma_w": grid(rng, (0.0, 0.1, 1.6), (1.7, 3.0, 100.0), (2, 7)),
        },
    }  # fmt: skip
    return {"theory": {name: sections[name] for name in pick(rng, list(sections), 1, 3)}}


def of_nets(rng: Generator) -> dict:
    """One to three sections of simulation: narrow nets, few layers, few draws, another seed."""
    draws, width = one(rng, 8, 10, 16), one(rng, 10, 100, 1000)
    widths = pick(rng, (4, 16, 64, 100, 256, 1000), 2, 3)
    builtins = ("relu", "tanh", "elu", "swish", "hardtanh", "gelu")
    nets = {n: one(rng, 0.0, 0.05, 0.2, 0.9) for n in pick(rng, builtins, 1, 2)}
    sections: dict[str, dict[str, Any]] = {
        "width": {"activations": pick(rng, builtins, 1, 2), "widths": widths, "units": 20000,
                  "layers": one(rng, 5, 10, 30)},
        "rates": {"nets": nets, "width": width, "layers": one(rng, 100, 150), "draws": draws},
        "phases": {
            "ordered_sigma_w": pick(rng, (0.1, 0.9, 1.2, 1.35), 1, 2),
            "chaotic_sigma_w": pick(rng, (1.45, 1.6, 2.0, 5.0), 1, 2),
            "epsilons": pick(rng, (0.2, 0.1, 0.01, 1e-5), 2, 3), "width": width,
            "layers": one(rng, 5, 10, 30, 60), "draws": draws,
        },
        "surfaces": {"side": 8, "draws": draws, "inputs": one(rng, "every", "mean", "root")},
        "gradients": {"nets": nets, "width": width, "layers": one(rng, 5, 10, 30),
                      "draws": draws},
        "departure": {"sigma_b": pick(rng, (0.05, 0.2, 0.5), 1, 2), "starts": [0.0, 0.1],
                      "widths": widths, "units": 10000, "layers": one(rng, 5, 20, 60)},
        "printed": {"sigma_b": one(rng, 0.1, 0.2, 0.5), "widths": widths, "units": 4000,
                    "layers": one(rng, 5, 30, 200)},
        "window": {"sigma_b": one(rng, 0.5, 0.72, 1.0),
                   "sigma_w_squared": pick(rng, (1.0, 1.9, 1.99, 1.997), 1, 2),
                   "starts": pick(rng, (0.2, 0.5, 1.4, 5.0), 1, 2), "width": width,
                   "layers": one(rng, 5, 30, 60), "draws": draws},
    }  # fmt: skip
    chosen = {name: sections[name] for name in pick(rng, list(sections), 1, 3)}
    return {"simulation": {"seed": int(rng.integers(100)), **chosen}}


KINDS = (of_activations, of_activations, more_activations, of_phases, of_theory, of_theory,
         of_theory, of_nets, of_nets, of_nets)  # fmt: skip


def configured(case: int, full: Tables) -> tuple[Tables, str]:
    """The tables of a config, each kind of them in turn, and what it changes, as YAML."""
    change = KINDS[(SEED + case) % len(KINDS)](np.random.default_rng([SEED, case]))
    # What an experiment warns of at an odd config is no matter here; what a judge does is.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return evidence(change, full), json.dumps(change)
