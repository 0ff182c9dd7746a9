"""The sentence on how far a run agrees with the reference run, from the files that say so."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import yaml

from edgeofchaos.report.beside import agreement
from edgeofchaos.support.artifacts import read_bytes


def compared_in(table: Path, about: Path) -> str:
    """The sentence from ``agreement.csv`` and the reference run's ``about.yaml``."""
    rows = list(csv.DictReader(io.StringIO(read_bytes(table).decode("utf-8"), newline="")))
    return agreement(rows, yaml.safe_load(read_bytes(about)))
