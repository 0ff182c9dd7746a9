"""How often each verdict on each claim came in runs with other seeds."""

from pathlib import Path

from edgeofchaos.support.program import add_outputs, parser, run
from edgeofchaos.support.tables import read_csv, write_csv


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--verdicts", nargs="+", type=Path, required=True, help="one CSV a run")
    add_outputs(arguments, "stability")
    args = arguments.parse_args()

    from edgeofchaos.claims.reference import COUNTED, counted

    tables = [read_csv(path) for path in args.verdicts]
    runs = [dict(zip(t["claim"], t["verdict"], strict=True)) for t in tables]
    write_csv(counted(runs), args.stability, COUNTED)


if __name__ == "__main__":
    run(main)
