"""Nets of one architecture trained on MNIST from several initialisations, and their curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from edgeofchaos.activations import activation
from edgeofchaos.experiments import SILENT, Progress, Rows, Tables, Wrapper
from edgeofchaos.experiments.inits import parse
from edgeofchaos.experiments.points import ABOVE, of_init
from edgeofchaos.simulation.scaling import PROTOCOLS, input_scale
from edgeofchaos.training.ensemble import Ensemble
from edgeofchaos.training.loop import train as train_ensemble
from edgeofchaos.training.mnist import Digits, mean_squares
from edgeofchaos.training.parameters import Member
from edgeofchaos.training.size import Size

TABLES = ("train_curves", "train_gradients")
Saved = dict[str, Any]


def train(
    *,
    width: int,
    depth: int,
    inits: Sequence[str],
    sigma_b: float,
    seed: int,
    seeds: int,
    inputs: str = PROTOCOLS[0],
    images: int,
    steps: int,
    batch: int,
    every: int,
    digits: tuple[Digits, Digits],
    optimiser: str = "adam",
    learning_rate: float = 1e-3,
    precision: str = "float32",
    memory_gb: float = 16.0,
    device: str = "auto",
    above_threshold: float = ABOVE,
    saved: Saved | None = None,
    save: Callable[[Saved], None] | None = None,
    progress: Progress = SILENT,
) -> Tables:
    """Train nets of one architecture, as an ensemble, or as one after another where it is large.

    Args:
        width: units a hidden layer.
        depth: how many hidden layers.
        inits: the initialisations, names as in edgeofchaos.experiments.inits.
        sigma_b: of the points whose name has none (ReLU's edge is at 0).
        seed: of the experiment; a run's streams are named from it and from the run's number.
        seeds: runs of each initialisation, numbered 0, 1, 2, ...
        inputs: how inputs are scaled to a point's q: every (q^1 <= q for every image, the paper's),
            mean (q^1 is q on average over the training images) or root (inputs times sqrt(q)).
        images: the first so many training images are used.
        steps: of the optimiser.
        batch: images a step.
        every: steps between two evaluations.
        digits: the training and the test images.
        optimiser: adam, sgd, momentum (sgd with momentum 0.9) or rmsprop.
        learning_rate: of the optimiser.
        precision: float32 or bfloat16, of the products of a training step.
        memory_gb: what the nets may take that are trained at once: where all take more, some seeds
            are trained after others.
        device: auto, cpu or cuda.
        above_threshold: sigma_b of the stable place, over that at which the edge turns stable.
        saved: what ``save`` was last called with; the training goes on from there.
        save: called with the state of the training after each evaluation.

    Returns:
        ``train_curves`` (of each net at each evaluation: test accuracy, the mean of that so far
        without the start, log10 of the root mean square gradient of the second weight matrix over
        that of the last hidden one, and the median over hidden matrices of |W_t - W_0|/|W_0|) and
        ``train_gradients`` (of each weight matrix log10 of the root mean square gradient, and how
        far it has moved).
    """
    size = Size(width, depth, len(inits), seeds, batch, steps, memory_gb)
    done: Saved = saved["done"] if saved else {"rows": [], "norms": []}
    for number, runs in enumerate(size.groups):
        if saved and number < saved["group"]:
            continue
        net, labels = ensemble(
            inits, seed, runs, digits, sigma_b, inputs, above_threshold, width=width, depth=depth,
            optimiser=optimiser, learning_rate=learning_rate, device=device, precision=precision,
        )  # fmt: skip
        rows, norms = curves(
            net, labels, digits, images=images, steps=steps, batch=batch, every=every, saved=saved,
            save=partial(_save, save, {"group": number, "done": done}) if save else None,
            progress=partial(progress, what=_shown(width, depth, runs, seeds)),
        )  # fmt: skip
        saved = None
        done = {"rows": [*done["rows"], *rows], "norms": [*done["norms"], *norms]}

    def place(row: dict[str, Any]) -> tuple[int, int, int]:
        return row["step"], list(inits).index(row["init"]), row["seed"]

    rows, norms = sorted(done["rows"], key=place), sorted(done["norms"], key=place)
    setting = {
        "width": width, "depth": depth, "optimiser": optimiser, "learning_rate": learning_rate,
        "inputs": inputs, "images": images, "batch": batch, "precision": precision,
        "at_sigma_b": sigma_b,
    }  # fmt: skip
    return {
        "train_curves": [{**setting, **row} for row in rows],
        "train_gradients": [{**setting, **row} for row in norms],
    }


def _save(save: Callable[[Saved], None], before: Saved, state: Saved) -> None:
    save({**before, **state})


def _shown(width: int, depth: int, runs: range, seeds: int) -> str:
    part = "" if len(runs) == seeds else f", runs {runs[0]} to {runs[-1]} of {seeds}"
    return f"{width} x {depth}{part}"


def ensemble(
    names: Sequence[str],
    seed: int,
    runs: Iterable[int],
    digits: tuple[Digits, Digits],
    sigma_b: float,
    inputs: str = PROTOCOLS[0],
    above: float = ABOVE,
    **shape: Any,
) -> tuple[Ensemble, Rows]:
    """The nets of the named inits, these runs of each, and what each member is."""
    members: list[Member] = []
    labels: Rows = []
    squares = mean_squares(digits[0].images)  # the largest of all is among those trained on
    for name in names:
        init = parse(name)
        point = of_init(init, sigma_b, above=above)
        scale = input_scale(squares, point.q, point.sigma_b, point.sigma_w, inputs)
        for run in runs:
            phi = activation(init.activation)
            members.append(Member(phi, point.sigma_b, point.sigma_w, scale, f"{seed}/{run}"))
            labels.append({
                "init": name, "activation": init.activation, "place": point.place,
                "sigma_b": point.sigma_b, "sigma_w": point.sigma_w, "q": point.q, "seed": run,
            })  # fmt: skip
    return Ensemble(members, **shape), labels


def curves(
    net: Ensemble, labels: Rows, digits: tuple[Digits, Digits], *, images: int, steps: int,
    batch: int, every: int, saved: Saved | None = None,
    save: Callable[[Saved], None] | None = None, progress: Wrapper | None = None,
) -> tuple[Rows, Rows]:  # fmt: skip
    """Rows of test accuracy and of gradient norms by layer, at every report.

    ``saved`` is what ``save`` was last called with: then training goes on from there.
    """
    training, test = digits
    x, y = _tensors(training, net, images)
    test_x, test_y = _tensors(test, net, len(test.labels))
    rows = list(saved["rows"]) if saved else []
    norms = list(saved["norms"]) if saved else []
    if saved:
        net.restore(saved["state"])

    def report(step: int, losses: torch.Tensor | None) -> None:
        found = net.accuracy(test_x, test_y)
        many = len(labels)
        lost, ratios, moved = (np.full(many, math.nan) for _ in range(3))
        if losses is not None:
            lost = losses.cpu().numpy()
            logs = net.gradient_norms().log10().cpu().numpy()
            by_layer = net.movement().cpu().numpy()
            if net.depth > 1:
                ratios, moved = logs[:, 1] - logs[:, -2], np.median(by_layer[:, 1:-1], axis=1)
        for i, label in enumerate(labels):
            before = [row["accuracy"] for row in rows[many + i :: many]]
            mean = np.mean([*before, found[i]]) if step else math.nan
            rows.append({**label, "step": step, "accuracy": float(found[i]),
                         "mean_accuracy": float(mean), "log10_gradient_ratio": float(ratios[i]),
                         "moved": float(moved[i]), "loss": float(lost[i]),
                         "diverged": bool(np.isnan(found[i]))})  # fmt: skip
            if losses is not None:
                norms.extend(
                    {"init": label["init"], "seed": label["seed"], "step": step, "layer": layer + 1,
                     "log10_gradient": float(log), "moved": float(by)}
                    for layer, (log, by) in enumerate(zip(logs[i], by_layer[i], strict=True))
                )  # fmt: skip

    def checkpoint(state: Saved) -> None:
        if save is not None:
            save({"state": state, "rows": rows, "norms": norms})

    train_ensemble(net, x, y, steps=steps, batch=batch, report=report, every=every,
                   checkpoint=checkpoint, progress=progress)  # fmt: skip
    return rows, norms


def _tensors(digits: Digits, net: Ensemble, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    if count > len(digits.labels):
        raise ValueError(f"images = {count}; allowed is up to {len(digits.labels)}")
    images = torch.from_numpy(digits.images[:count]).to(net.device, net.dtype)
    return images, torch.from_numpy(digits.labels[:count]).to(net.device)
