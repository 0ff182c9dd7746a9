"""Concatenate tables of equal columns, in the order given, into one."""

from pathlib import Path

import pandas as pd
from common import parser, run, write_csv


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--inputs", nargs="+", type=Path, required=True)
    arguments.add_argument("--output", type=Path, required=True)
    args = arguments.parse_args()
    frames = [pd.read_csv(path, float_precision="round_trip") for path in args.inputs]
    columns = list(frames[0].columns)
    for path, frame in zip(args.inputs, frames, strict=True):
        if list(frame.columns) != columns:
            raise ValueError(f"{path}: columns {list(frame.columns)}; expected {columns}")
    filled = [f for f in frames if len(f)]
    write_csv(pd.concat(filled, ignore_index=True) if filled else frames[0], args.output)


if __name__ == "__main__":
    run(main)
