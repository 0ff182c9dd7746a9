"""How far a process's memory rises while something runs; the standard library alone."""

import ctypes
import gc
import math
import re
from pathlib import Path

_PROCESS = Path("/proc/self")


class Peak:
    """``with Peak() as peak: ...``: ``peak.mib`` is the highest resident memory less that before.

    Memory that nothing uses any more is given back first, that of cycles by Python and what was
    freed and kept by the C library, where it can: freed in between it would hide as much of the
    rise. NaN where the system does not tell (it has to be Linux).
    """

    def __enter__(self) -> "Peak":
        self.mib = math.nan
        gc.collect()
        try:
            ctypes.CDLL(None).malloc_trim(0)
            (_PROCESS / "clear_refs").write_text("5")  # the highest is from here on
            self._before = _status("VmRSS")
        except (OSError, AttributeError):
            self._before = math.nan
        return self

    def __exit__(self, *_: object) -> None:
        if not math.isnan(self._before):
            self.mib = max(0.0, _status("VmHWM") - self._before) / 1024


def _status(field: str) -> float:
    found = re.search(rf"^{field}:\s*(\d+) kB", (_PROCESS / "status").read_text(), re.MULTILINE)
    return float(found[1]) if found else math.nan
