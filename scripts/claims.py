"""Judge every claim of the paper on the tables of theory, simulation and training."""

from pathlib import Path

from edgeofchaos.support.artifacts import write_text
from edgeofchaos.support.json_text import json_text
from edgeofchaos.support.program import add_outputs, as_expected, parser, run
from edgeofchaos.support.tables import read_csv, write_csv


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--tables", nargs="+", type=Path, required=True, help="CSV tables")
    arguments.add_argument(
        "--reference", nargs="*", type=Path, default=[],
        help="CSV tables of the reference run: train_curves, verdicts and, if there, stability",
    )  # fmt: skip
    arguments.add_argument(
        "--agreement", type=Path, help="where its nets against these are written"
    )
    add_outputs(arguments, "csv", "json")
    args = arguments.parse_args()

    from edgeofchaos.claims import agreement
    from edgeofchaos.claims.entries import COLUMNS, judged, row
    from edgeofchaos.claims.reference import beside, check

    tables = {path.stem: read_csv(path) for path in args.tables}
    reference = {path.stem: read_csv(path) for path in args.reference}
    for name, table in reference.items():
        check(name, table)
    with as_expected("--tables"):
        entries = judged(tables)
    if "verdicts" in reference:
        with as_expected("--reference"):
            entries = beside(entries, reference["verdicts"], reference.get("stability"))
    if args.agreement:
        if not {"train_curves"} <= set(reference) & set(tables):
            raise ValueError(
                "--agreement; allowed where --tables and --reference have train_curves"
            )
        with as_expected("train_curves"):
            found = agreement.agreement(tables["train_curves"], reference["train_curves"])
        write_csv(found, args.agreement, agreement.COLUMNS)
    write_csv([row(entry) for entry in entries], args.csv, COLUMNS)
    write_text(json_text(entries), args.json)


if __name__ == "__main__":
    run(main)
