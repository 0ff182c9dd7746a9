"""SHA-256 of every artifact, written to a manifest; or, with --verify, compared with one."""

import json
from pathlib import Path

from artifacts import digest, read_bytes, read_text, write_text
from common import parser, run


def verify(manifest: Path) -> None:
    recorded = json.loads(read_text(manifest))
    missing = [name for name in recorded if not Path(name).is_file()]
    there = {n: d for n, d in recorded.items() if n not in missing}
    changed = [n for n, d in there.items() if digest(Path(n).read_bytes()) != d]
    if missing or changed:
        names = [f"{n} (missing)" for n in missing] + [f"{n} (changed)" for n in changed]
        raise ValueError(f"{len(names)} of {len(recorded)} artifacts differ: {', '.join(names)}")
    print(f"all {len(recorded)} artifacts are as recorded in {manifest}")


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--artifacts", nargs="+", type=Path)
    arguments.add_argument("--output", type=Path)
    arguments.add_argument("--verify", type=Path, metavar="MANIFEST")
    args = arguments.parse_args()
    if args.verify:
        verify(args.verify)
        return
    if not (args.artifacts and args.output):
        raise ValueError("--artifacts and --output are needed, or --verify")
    sums = {p.as_posix(): digest(read_bytes(p)) for p in sorted(args.artifacts)}
    write_text(json.dumps(sums, indent=1) + "\n", args.output)


if __name__ == "__main__":
    run(main)
