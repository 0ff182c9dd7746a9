"""SHA-256 of every artifact, written to a manifest; or, with --verify, compared with one."""

from pathlib import Path

from edgeofchaos.support import manifest
from edgeofchaos.support.program import parser, run


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--artifacts", nargs="+", type=Path, help="what is recorded")
    arguments.add_argument("--output", type=Path, help="the manifest that is written")
    arguments.add_argument(
        "--verify", type=Path, metavar="MANIFEST", help="the one to compare with"
    )
    args = arguments.parse_args()
    if args.verify:
        print(manifest.verify(args.verify))
    elif args.artifacts and args.output:
        manifest.write(args.artifacts, args.output)
    else:
        raise ValueError("--artifacts and --output are needed, or --verify")


if __name__ == "__main__":
    run(main)
