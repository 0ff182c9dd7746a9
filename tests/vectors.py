"""Runs the fast tier as on processors with other vector units, one after the other.

    python tests/vectors.py [ARGUMENTS OF PYTEST]

PyTorch and NumPy choose their loops by what the processor has, and with them the order of sums and
the last digits. No test may hang on those, except the byte-for-byte comparisons within one machine.
"""

import os
import subprocess
import sys
import time

import numpy as np
import torch
from places import ROOT

FEATURES = np._core._multiarray_umath.__cpu_features__
DISPATCHED = [f for f in np._core._multiarray_umath.__cpu_dispatch__ if FEATURES.get(f)]
PLAIN_TORCH = {"ATEN_CPU_CAPABILITY": "default"}
PLAIN_NUMPY = {"NPY_DISABLE_CPU_FEATURES": " ".join(DISPATCHED)}


def combinations() -> dict[str, dict[str, str]]:
    """What is set for each processor that is played; those that differ from this one on it."""
    found: dict[str, dict[str, str]] = {"as it is": {}}
    if torch.backends.cpu.get_cpu_capability() == "AVX512":
        found["torch without AVX-512"] = {"ATEN_CPU_CAPABILITY": "avx2"}
    found["torch without vectors"] = PLAIN_TORCH
    if DISPATCHED:
        found["NumPy without vectors"] = PLAIN_NUMPY
        found["both without vectors"] = PLAIN_TORCH | PLAIN_NUMPY
    return found


def main() -> int:
    arguments = sys.argv[1:] or ["--tier", "fast"]
    call = ["-m", "pytest", "-n", "logical", "--dist", "loadfile", "--no-header", *arguments]
    failed = []
    for name, environment in combinations().items():
        print(f"== {name} {environment}", flush=True)
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, *call], cwd=ROOT, env={**os.environ, **environment}, check=False
        )
        failed += [name] if done.returncode else []
        print(f"== {name}: status {done.returncode}, {time.monotonic() - start:.0f} s", flush=True)
    print(f"{len(combinations())} combinations, {len(failed)} with failures: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
