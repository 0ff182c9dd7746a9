"""What the scripts that simulate nets share: seed, device, threads, progress, nets by name."""

from __future__ import annotations

import argparse
import sys

from edgeofchaos.support.program import log_device


def add_simulation_arguments(arguments: argparse.ArgumentParser) -> None:
    """--seed and --device."""
    arguments.add_argument("--seed", type=int, required=True, help="of all random streams")
    arguments.add_argument("--device", default="auto", help="auto, cpu or cuda")


def add_nets(arguments: argparse.ArgumentParser) -> None:
    """--nets NAME=SIGMA_B, built-in activations at their edge points."""
    arguments.add_argument("--nets", nargs="+", type=_net, required=True, metavar="NAME=SIGMA_B")


def _net(text: str) -> tuple[str, float]:
    name, _, sigma_b = text.partition("=")
    return name, float(sigma_b)


def setup(args: argparse.Namespace):
    """The device, after setting torch to one thread: sums then do not depend on the cores."""
    import torch

    from edgeofchaos.simulation.devices import pick_device

    torch.set_num_threads(1)
    device = str(pick_device(args.device))
    log_device(device, args.seed)
    return device


def progress(items, what: str):
    """``items`` with a progress bar on standard error, if that is a terminal."""
    from tqdm import tqdm

    return tqdm(items, desc=what, disable=None, leave=False, file=sys.stderr)
