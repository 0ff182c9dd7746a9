"""Judge every claim of the paper on the tables of theory, simulation and training."""

from pathlib import Path

from edgeofchaos.support.artifacts import write_text
from edgeofchaos.support.json_text import json_text
from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import read_csv, write_csv


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--tables", nargs="+", type=Path, required=True, help="CSV tables")
    add_outputs(arguments, "csv", "json")
    args = arguments.parse_args()

    from edgeofchaos.claims.entries import COLUMNS, judged, row

    entries = judged({path.stem: read_csv(path) for path in args.tables})
    write_csv([row(entry) for entry in entries], args.csv, COLUMNS)
    write_text(json_text(entries), args.json)


if __name__ == "__main__":
    run(main)
