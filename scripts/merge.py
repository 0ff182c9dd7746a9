"""Concatenate tables of several activations, in the order given: one table for each name."""

from pathlib import Path

import pandas as pd

from edgeofchaos.support.program import parser, run
from edgeofchaos.support.tables import read_csv, write_csv


def merged(paths: list[Path]) -> pd.DataFrame:
    frames = [read_csv(path) for path in paths]
    columns = list(frames[0].columns)
    for path, frame in zip(paths, frames, strict=True):
        if list(frame.columns) != columns:
            raise ValueError(f"{path}: columns {list(frame.columns)}; expected {columns}")
    filled = [f for f in frames if len(f)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--folders", nargs="+", type=Path, required=True, help="one a phi")
    arguments.add_argument("--outputs", nargs="+", type=Path, required=True, help="name.csv each")
    args = arguments.parse_args()
    for output in args.outputs:
        write_csv(merged([folder / output.name for folder in args.folders]), output)


if __name__ == "__main__":
    run(main)
