"""The type of the arrays that theory takes and returns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# An array of float64. A function that takes an array-like of any shape and returns an array of
# the same shape returns a NumPy scalar for a plain number, as NumPy's own functions do.
FloatArray = NDArray[np.float64]
ScalarFunction = Callable[[float], float]
