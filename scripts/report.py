"""The report: claims, evidence, tables and figures as one self-contained HTML page."""

import base64
import json
from pathlib import Path

from edgeofchaos.support.artifacts import read_bytes, write_text
from edgeofchaos.support.program import as_expected, parser, run
from edgeofchaos.support.tables import read_rows


def _claims(path):
    try:
        return json.loads(read_bytes(path))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"--claims {path}: not JSON ({error})") from error


def _image(path):
    return "data:image/png;base64," + base64.b64encode(read_bytes(path)).decode("ascii")


def main() -> None:
    from edgeofchaos.figures.catalogue import FIGURES
    from edgeofchaos.report import TABLES, render
    from edgeofchaos.report.beside import agreement

    arguments = parser(__doc__)
    arguments.add_argument("--claims", type=Path, required=True, help="claims.json")
    arguments.add_argument("--figures", type=Path, required=True, help="folder of NAME.png")
    arguments.add_argument("--tables", type=Path, required=True, help="folder of the theory tables")
    arguments.add_argument(
        "--compared", nargs=2, type=Path, default=[], help="agreement.csv and about.yaml"
    )
    arguments.add_argument("--output", type=Path, required=True, help="the page (HTML)")
    args = arguments.parse_args()
    figures = {name: _image(args.figures / f"{name}.png") for name in FIGURES}
    tables = {name: read_rows(args.tables / f"{name}.csv") for name in TABLES}
    compared = ""
    if args.compared:
        table, about = args.compared
        with as_expected(f"--compared {table} {about}"):
            compared = agreement(read_rows(table), read_bytes(about))
    claims = _claims(args.claims)
    with as_expected(f"--claims {args.claims} or --tables {args.tables}"):
        page = render(claims, figures, tables, compared=compared)
    write_text(page, args.output)


if __name__ == "__main__":
    run(main)
