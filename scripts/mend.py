"""Remove the artifacts that are not what was written; the next run makes them again."""

import argparse
import sys

from artifacts import damaged


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    for path in damaged():
        try:
            path.unlink()
        except OSError as error:
            sys.exit(f"error: mend.py: {error}")
        print(f"{path} was not what was written (its SHA-256 differs): removed")


if __name__ == "__main__":
    main()
