"""How often each verdict on each claim came in runs with other seeds."""

from pathlib import Path

from edgeofchaos.support.program import add_outputs, as_expected, parser, run
from edgeofchaos.support.tables import read_csv, write_csv


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--verdicts", nargs="+", type=Path, required=True, help="one CSV a run")
    add_outputs(arguments, "stability")
    args = arguments.parse_args()

    from edgeofchaos.claims.reference import COUNTED, counted

    runs = []
    for path in args.verdicts:
        table = read_csv(path)
        with as_expected(str(path)):
            runs.append(dict(zip(table["claim"], table["verdict"], strict=True)))
    write_csv(counted(runs), args.stability, COUNTED)


if __name__ == "__main__":
    run(main)
