"""The small tables of resources/reference, from the results of a reference run."""

import os
import platform
import re
import shlex
import subprocess
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from edgeofchaos.support.artifacts import SUMS, read_bytes, write_bytes, write_text
from edgeofchaos.support.program import as_expected, parser, run
from edgeofchaos.support.tables import read_csv, write_csv

COMMAND = "snakemake training --cores 2 --config scale=reference"
HEAD = "# Written by scripts/reference.py, which was called on this machine and at this commit.\n"
PARTS = ("theory", "simulation", "training")


def machine():
    """The processor and how many cores of it there are."""
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return f"{os.cpu_count()} cores of {found[1] if found else platform.machine()}"


def job(log):
    """Width, depth, optimiser, rate, first init and steps in a log of training, or None."""
    told = dict(pairwise(shlex.split(log.partition("\n")[0])))
    keys = ("--width", "--depth", "--optimiser", "--learning-rate", "--inits", "--steps")
    if not told.keys() >= {*keys}:
        return None
    width, depth, optimiser, rate, init, steps = (told[key] for key in keys)
    return int(width), int(depth), optimiser, f"{float(rate):g}", init, int(steps)


def about(results, curves):
    """What made the run, from its logs, its tables, its git and this machine."""
    from edgeofchaos.claims.agreement import RUN

    named = curves.assign(learning_rate=curves["learning_rate"].map("{:g}".format))
    jobs = {(*net, steps) for net, steps in named.groupby([*RUN])["step"].max().items()}
    # Logs of other runs in that folder stay there.
    every = {path: path.read_text(encoding="utf-8") for path in results.glob("logs/train/*.log")}
    logs = {path: text for path, text in sorted(every.items()) if job(text) in jobs}
    if lacking := {net[:4] for net in jobs} - {job(text)[:4] for text in logs.values()}:
        width, depth, optimiser, rate = min(lacking)
        raise ValueError(
            f"{results} has no log of training at {width} wide, {depth} deep, {optimiser}, {rate}; "
            "allowed is the folder of a whole run"
        )
    text = "\n".join(logs.values())
    seconds = sum(map(float, re.findall(r"^seconds: (.+)$", text, re.MULTILINE)))
    # A job that went on from a checkpoint knows its last part alone.
    resumed = re.search(r"^checkpoint: .*; from step [1-9]", text, re.MULTILINE)
    git = ["git", "-C", str(results), "rev-parse", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return {
        "command": COMMAND,
        "date": f"{datetime.fromtimestamp(max(p.stat().st_mtime for p in logs), UTC):%Y-%m-%d}",
        "machine": machine(),
        "device": ", ".join(sorted(set(re.findall(r"^device: ([^;\n]+)", text, re.MULTILINE)))),
        "versions": " / ".join(sorted(set(re.findall(r"^versions: (.+)$", text, re.MULTILINE)))),
        "commit": commit,
        "seed": " / ".join(sorted(set(re.findall(r" --seed (\d+) ", text)))),
        "nets": len(curves[[*RUN]].drop_duplicates()),
        "runs": int(curves["seed"].max()) + 1,
        "steps": int(curves["step"].max()),
        "seconds": None if resumed else round(seconds),
    }  # fmt: skip


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--results", type=Path, required=True, help="folder of the run")
    arguments.add_argument(
        "--others", type=Path, help="results with the theory and simulation that it lacks; bars "
        "that were moved are judged on the trained nets there, if there are any",
    )  # fmt: skip
    arguments.add_argument(
        "--stability", type=Path, help="the table of reseedings; without it the folder has none"
    )
    arguments.add_argument(
        "--output", type=Path, default=Path("resources/reference"), help="where the tables go"
    )
    arguments.add_argument(
        "--bars", type=Path, default="resources/moved_bars.yaml", help="the bars that were moved"
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
    with as_expected(f"{args.results}/training/train_curves.csv"):
        told = yaml.safe_dump(about(args.results, curves), sort_keys=False, width=1000)
        small = {"train_curves": cut_curves(curves), "lengths": curves_by_step(curves)}
    with as_expected(f"{args.results} or {args.others}"):
        verdicts = verdict_rows(judged(tables))
    judged_on = dict(tables)
    if args.others and (fresh := args.others / "training/train_curves.csv").exists():
        judged_on["train_curves"] = read_csv(fresh)
    try:
        entries = yaml.safe_load(args.bars.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"--bars {args.bars}: not YAML ({error})") from error
    with as_expected(f"--bars {args.bars}"):
        bars = moved.moved_bars(entries, judged_on)
    stability = read_bytes(args.stability) if args.stability else None

    # All is made before the first is written. What reads a file finds out if it is damaged.
    (args.output / SUMS).mkdir(parents=True, exist_ok=True)
    for name, table in small.items():
        text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        write_text(text, args.output / f"{name}.csv")
    write_csv(verdicts, args.output / "verdicts.csv")
    write_csv(bars, args.output / "bars.csv", moved.COLUMNS)
    write_text(f"{HEAD}{told}", args.output / "about.yaml")
    if stability is not None:
        write_bytes(stability, args.output / "stability.csv")
    else:
        for path in (args.output, args.output / SUMS):
            for left in path.glob("stability.csv*"):
                left.unlink()


if __name__ == "__main__":
    run(main)
