"""Simulation and training once more with another seed, and the verdicts on what comes out."""

import json
from pathlib import Path

from edgeofchaos.support.program import add_outputs, as_expected, parser, run
from edgeofchaos.support.tables import read_csv, write_csv


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--config", type=json.loads, required=True, help="the config, as JSON")
    arguments.add_argument(
        "--seed", type=int, required=True, help="the seed of simulation and training"
    )
    arguments.add_argument("--snakefile", type=Path, required=True, help="the workflow")
    arguments.add_argument("--folder", type=Path, required=True, help="where it runs")
    arguments.add_argument("--tables", nargs="+", type=Path, required=True, help="those of theory")
    add_outputs(arguments, "verdicts")
    args = arguments.parse_args()

    from edgeofchaos.claims.entries import judged
    from edgeofchaos.support import reseed

    here = Path.cwd()
    with as_expected("--config"):
        reseed.prepare(args.config, args.seed, args.folder, here)
    reseed.run(args.folder, args.snakefile, here, ("simulation", "training"))
    made = [
        path
        for part in ("simulation", "training")
        for path in sorted((args.folder / "results" / part).glob("*.csv"))
    ]
    tables = {path.stem: read_csv(path) for path in (*args.tables, *made)}
    with as_expected("--tables"):
        entries = judged(tables)
    write_csv([{"claim": e["id"], "verdict": e["verdict"]} for e in entries], args.verdicts)


if __name__ == "__main__":
    run(main)
