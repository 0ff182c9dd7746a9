"""Judge every claim of the paper on the theory tables."""

import json
import math
from pathlib import Path

from edgeofchaos.support.artifacts import write_text
from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import read_csv, write_csv


def _finite(value):
    """JSON has no NaN and no infinity: they become strings."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--tables", nargs="+", type=Path, required=True, help="CSV tables")
    add_outputs(arguments, "csv", "json")
    args = arguments.parse_args()

    from edgeofchaos.claims.table import COLUMNS, flat, judged

    tables = {p.stem: read_csv(p) for p in args.tables}
    entries = judged(tables)
    write_csv([flat(e) for e in entries], args.csv, COLUMNS)
    text = json.dumps(_finite(entries), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(text + "\n", args.json)


if __name__ == "__main__":
    run(main)
