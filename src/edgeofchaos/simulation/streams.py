"""Random streams named by what they are for, so that no number depends on the order of jobs."""

from __future__ import annotations

import hashlib


def stream(*names: object) -> int:
    """The seed of the random stream that has these names.

    Args:
        names: the run's seed, the step, and what else tells this stream from the others; each
            counts as ``str`` shows it, a float with nine digits: the last ones of a computed sigma
            differ between machines.

    Returns:
        An integer from 0 to 2^63 - 1, the same on every machine: the first 63 bits of the SHA-256
        of the names, joined by slashes.

    Example:
        >>> stream(0, "rates", "relu", 0.1 + 0.2) == stream(0, "rates", "relu", 0.3)
        True
    """
    text = "/".join(str(float(f"{n:.9g}") if isinstance(n, float) else n) for n in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
