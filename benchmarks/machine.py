"""What a benchmark ran on: processor, cores, memory, versions, and how idle it was."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

_PACKAGES = ("numpy", "scipy", "torch", "snakemake")


def busy_cores(seconds: float = 3.0) -> float:
    """How many cores others keep busy, over some seconds in which this process sleeps.

    The load average would count what ended a minute ago.
    """
    return float(psutil.cpu_percent(seconds)) / 100 * (os.cpu_count() or 1)


def describe(threads: int, busy: float) -> dict[str, str | int | float]:
    """The machine of this run.

    Args:
        threads: how many a contestant had.
        busy: the cores that others kept busy before the run and after it, the larger number.
    """
    here = Path(__file__).parent
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True,
                            text=True)  # fmt: skip
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "family and model": " ".join(_field("/proc/cpuinfo", name) or "?"
                                     for name in ("cpu family", "model")),
        "cores": os.cpu_count() or 0,
        "threads a contestant": threads,
        "memory_GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "busy_cores": round(busy, 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
        "commit": commit.stdout.strip() or "?",
    }  # fmt: skip


def _field(path: str, name: str) -> str:
    try:
        found = re.search(rf"^{name}\s*: (.*)$", Path(path).read_text("utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1].strip() if found else ""
