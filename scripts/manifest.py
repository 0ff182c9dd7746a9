"""SHA-256 of every artifact, written to a manifest; or, with --verify, compared with one."""

import hashlib
import json
from pathlib import Path

from common import parser, run, write_text


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verify(manifest: Path) -> None:
    recorded = json.loads(manifest.read_text(encoding="utf-8"))
    missing = [name for name in recorded if not Path(name).is_file()]
    changed = [n for n, d in recorded.items() if n not in missing and digest(Path(n)) != d]
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
    sums = {p.as_posix(): digest(p) for p in sorted(args.artifacts)}
    write_text(json.dumps(sums, indent=1) + "\n", args.output)


if __name__ == "__main__":
    run(main)
