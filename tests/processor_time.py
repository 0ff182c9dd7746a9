"""How many processor seconds each test takes, with what it starts and waits for."""

import os
from collections import Counter
from pathlib import Path

import pytest
import warm

SLOWEST = 20


def spent() -> float:
    """Processor seconds of this process and of those that it has started and waited for."""
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return own + warm.seconds()


class ProcessorTime:
    """Prints the slowest tests and the sum by folder.

    Seconds of the processor and not of the clock, so that a busy machine changes them little.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        now = spent()
        report.processor_seconds = now - item.config.stash.get(BEFORE, now)
        item.config.stash[BEFORE] = now
        return report

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += getattr(report, "processor_seconds", 0.0)

    def pytest_terminal_summary(self, terminalreporter):
        folders: Counter[str] = Counter()
        for name, seconds in self.seconds.items():
            folders[Path(name.split("::")[0]).parent.as_posix()] += seconds
        write = terminalreporter.write_line
        write(f"processor seconds, {sum(folders.values()):.0f} in all; by folder:")
        for folder, seconds in folders.most_common():
            write(f"{seconds:8.1f}  {folder}")
        write(f"the {SLOWEST} tests that take most:")
        for name, seconds in self.seconds.most_common(SLOWEST):
            write(f"{seconds:8.1f}  {name}")
        listed = os.environ.get("PROCESSOR_SECONDS")
        if listed:
            rows = (f"{s:.3f}\t{n}\n" for n, s in self.seconds.most_common())
            Path(listed).write_text("".join(rows), encoding="utf-8")


BEFORE = pytest.StashKey[float]()
