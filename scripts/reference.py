"""The small tables of resources/reference, from the results of a reference run."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from edgeofchaos.support.artifacts import read_bytes, write_bytes, write_text
from edgeofchaos.support.program import parser, run
from edgeofchaos.support.tables import read_csv, write_csv

COMMAND = "snakemake training --cores 2 --config scale=reference"
NET = ["width", "depth", "optimiser", "learning_rate", "init"]
PARTS = ("theory", "simulation", "training")


def machine():
    """The processor and how many cores of it there are."""
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return f"{os.cpu_count()} cores of {found[1] if found else platform.machine()}"


def about(results, curves, command):
    """What made the run, from its logs, its tables, its git and this machine."""
    logs = sorted((results / "logs" / "train").glob("*.log"))
    if not logs:
        raise ValueError(f"{results} has no logs of training; allowed is the folder of a whole run")
    text = "\n".join(log.read_text(encoding="utf-8") for log in logs)
    git = ["git", "-C", str(results), "rev-parse", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return {
        "command": command,
        "date": f"{datetime.fromtimestamp(max(p.stat().st_mtime for p in logs), UTC):%Y-%m-%d}",
        "machine": machine(),
        "device": ", ".join(sorted(set(re.findall(r"^device: ([^;\n]+)", text, re.MULTILINE)))),
        "versions": " / ".join(sorted(set(re.findall(r"^versions: (.+)$", text, re.MULTILINE)))),
        "commit": commit,
        "seed": " / ".join(sorted(set(re.findall(r" --seed (\d+) ", text)))),
        "nets": len(curves[NET].drop_duplicates()),
        "runs": int(curves["seed"].max()) + 1,
        "steps": int(curves["step"].max()),
        "seconds": round(sum(map(float, re.findall(r"^seconds: (.+)$", text, re.MULTILINE)))),
    }  # fmt: skip


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--results", type=Path, required=True, help="folder of the run")
    arguments.add_argument(
        "--others", type=Path, help="results with the theory and simulation that it lacks"
    )
    arguments.add_argument("--command", default=COMMAND, help="that made the run")
    arguments.add_argument("--stability", type=Path, help="table of reseedings to keep too")
    arguments.add_argument(
        "--output", type=Path, default=Path("resources/reference"), help="folder"
    )
    arguments.add_argument(
        "--bars", type=Path, default="resources/moved_bars.yaml", help="bars that were moved"
    )
    args = arguments.parse_args()

    import yaml

    from edgeofchaos.claims import moved
    from edgeofchaos.claims.entries import judged
    from edgeofchaos.claims.lengths import curves_by_step
    from edgeofchaos.claims.reference import cut_curves, verdict_rows

    places = {part: args.results / part for part in PARTS}
    for part in PARTS[:2]:
        if args.others and not any(places[part].glob("*.csv")):
            places[part] = args.others / part
    files = [path for place in places.values() for path in sorted(place.glob("*.csv"))]
    tables = {path.stem: read_csv(path) for path in files if path.stem != "train_gradients"}
    if "train_curves" not in tables:
        raise ValueError(f"{args.results} has no training/train_curves.csv; allowed is a whole run")
    curves = tables["train_curves"]
    told = yaml.safe_dump(about(args.results, curves, args.command), sort_keys=False, width=1000)
    small = {"train_curves": cut_curves(curves), "lengths": curves_by_step(curves)}
    for name, table in small.items():
        text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        write_text(text, args.output / f"{name}.csv")
    write_csv(verdict_rows(judged(tables)), args.output / "verdicts.csv")
    bars = moved.moved_bars(yaml.safe_load(args.bars.read_text(encoding="utf-8")), tables)
    write_csv(bars, args.output / "bars.csv", moved.COLUMNS)
    write_text(f"# Written by scripts/reference.py.\n{told}", args.output / "about.yaml")
    if args.stability:
        write_bytes(read_bytes(args.stability), args.output / "stability.csv")


if __name__ == "__main__":
    run(main)
