"""The sentence on how far a run agrees with the reference run, from the files that say so."""

from __future__ import annotations

from pathlib import Path

import yaml

from edgeofchaos.report.beside import agreement
from edgeofchaos.support.artifacts import read_bytes
from edgeofchaos.support.tables import read_rows


def compared_in(table: Path, about: Path) -> str:
    """The sentence from ``agreement.csv`` and the reference run's ``about.yaml``."""
    return agreement(read_rows(table), yaml.safe_load(read_bytes(about)))
