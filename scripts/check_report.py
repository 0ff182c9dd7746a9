"""Check finished results: every claim is on the page, and every one of theory is decided."""

import sys
from pathlib import Path

from edgeofchaos.support.program import as_expected, parser, run
from edgeofchaos.support.tables import read_csv


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("claims", type=Path, help="claims.csv")
    arguments.add_argument("page", type=Path, help="index.html")
    args = arguments.parse_args()

    rows = read_csv(args.claims)
    with as_expected(str(args.claims)):
        rows = rows[["id", "verdict", "kind"]]
    html = args.page.read_text(encoding="utf-8")
    absent = [i for i in rows["id"] if f'id="claim-{i}"' not in html]
    # The smoke scale draws too few nets to decide what is simulated.
    undecided = rows[(rows["verdict"] == "inconclusive") & (rows["kind"] == "T")]["id"]
    for what, ids in (("not on the page", absent), ("inconclusive", undecided)):
        if len(ids):
            print(f"error: claims {what}: {', '.join(ids)}", file=sys.stderr)
            sys.exit(1)
    counts = rows["verdict"].value_counts()
    print(f"{len(rows)} claims: " + ", ".join(f"{n} {v}" for v, n in counts.items()))


if __name__ == "__main__":
    run(main)
