"""The types of the arrays and functions that theory takes and returns.

A function that takes an array-like of any shape and returns an array of the same shape returns a
NumPy scalar for a plain number, as NumPy's own functions do.
"""

from __future__ import annotations

from collections.abc import Callable

from edgeofchaos.panels.legendre import FloatArray

__all__ = ["FloatArray", "ScalarFunction"]

ScalarFunction = Callable[[float], float]
