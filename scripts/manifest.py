"""SHA-256 of every artifact, written to a manifest; or, with --verify, compared with one."""

import json
import sys
from pathlib import Path

from edgeofchaos.support.artifacts import artifacts, digest, read_bytes, write_text
from edgeofchaos.support.program import parser, run

RESULTS = Path("results")


def verify(manifest: Path) -> None:
    recorded = _recorded(manifest)
    missing = [name for name in recorded if not Path(name).is_file()]
    present = {n: d for n, d in recorded.items() if n not in missing}
    changed = [n for n, d in present.items() if digest(Path(n).read_bytes()) != d]
    # Left over from another config, say: in nobody's way, but vouched for by nobody.
    for name in sorted({f"{RESULTS / n}" for n in artifacts(RESULTS)} - set(recorded)):
        print(f"not in {manifest}: {name}", file=sys.stderr)
    if missing or changed:
        names = [f"{n} (missing)" for n in missing] + [f"{n} (changed)" for n in changed]
        raise ValueError(f"{len(names)} of {len(recorded)} artifacts differ: {', '.join(names)}")
    print(f"all {len(recorded)} artifacts are as recorded in {manifest}")


def _recorded(manifest: Path) -> dict[str, str]:
    if not manifest.is_file():
        raise ValueError(f"{manifest} is missing; `make reproduce` writes it, last of all")
    try:
        recorded = json.loads(read_bytes(manifest))
    except ValueError as error:
        told = str(error).removeprefix(f"{manifest} ")
        raise ValueError(f"{manifest}: not a manifest ({told})") from error
    if not isinstance(recorded, dict):
        raise ValueError(f"{manifest}: not a manifest (no JSON object)")
    return recorded


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
