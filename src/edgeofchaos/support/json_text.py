"""JSON text of results, whose numbers may be infinite or missing."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any


def json_text(value: Any, *, no_number: Callable[[float], object] = str, indent: int = 1) -> str:
    """``value`` as JSON, with a line break at the end.

    JSON has no NaN and no infinity: ``no_number`` says what stands for one, by default the strings
    "nan", "inf" and "-inf".

    Example:
        json_text({"q": float("inf")}, no_number=lambda x: None)
    """
    plain = _replaced(value, no_number)
    return json.dumps(plain, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def _replaced(value: Any, no_number: Callable[[float], object]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, no_number) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item, no_number) for item in value]
    return no_number(value) if isinstance(value, float) and not math.isfinite(value) else value
