"""Compare results with those of a machine of another type: bytes, then numbers, then verdicts."""

from pathlib import Path

from edgeofchaos.support.compare import compare
from edgeofchaos.support.program import as_expected, parser, run


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("theirs", type=Path, help="results/ of the other machine")
    arguments.add_argument("--ours", type=Path, default=Path("results"), help="those of this one")
    args = arguments.parse_args()
    with as_expected(f"{args.ours} or {args.theirs}"):
        for line in compare(args.ours, args.theirs):
            print(line)


if __name__ == "__main__":
    run(main)
