"""Concatenate tables of several activations, in the order given: one table for each name."""

from pathlib import Path

from edgeofchaos.support.program import parser, run
from edgeofchaos.support.tables import merged, write_csv


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--folders", nargs="+", type=Path, required=True, help="one a phi")
    arguments.add_argument("--outputs", nargs="+", type=Path, required=True, help="name.csv each")
    args = arguments.parse_args()
    for output in args.outputs:
        write_csv(merged([folder / output.name for folder in args.folders]), output)


if __name__ == "__main__":
    run(main)
