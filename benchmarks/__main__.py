"""Time what we do beside its peers, and write the page, the tables and the figure of it.

Run it with nothing else on the machine; it takes some twenty minutes on two cores. The numbers of
--quick are of small sizes and mean nothing; it shows that every contestant is right.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

COMPARISONS = ("edge", "maps", "kernels", "nets", "training", "workflow")


def main() -> None:
    from edgeofchaos.support.program import parser

    arguments = parser(__doc__)
    arguments.add_argument("--quick", action="store_true", help="small sizes, in seconds")
    arguments.add_argument(
        "--only",
        nargs="+",
        choices=(*COMPARISONS, "growth"),
        default=[],
        metavar="NAME",
        help="some of " + ", ".join((*COMPARISONS, "growth")),
    )
    arguments.add_argument(
        "--skip",
        nargs="+",
        choices=("neural-tangents",),
        default=[],
        metavar="PEER",
        help="neural-tangents is not installed",
    )
    arguments.add_argument("--threads", type=int, default=1, help="of a contestant")
    arguments.add_argument("--docs", type=Path, default=Path("docs"), help="gets page and figure")
    arguments.add_argument("--results", type=Path, default=Path("resources/benchmarks"),
                           help="gets the tables")  # fmt: skip
    args = arguments.parse_args()
    if not 1 <= args.threads <= (os.cpu_count() or 1):
        raise ValueError(f"--threads {args.threads}; allowed is 1 to {os.cpu_count()}")
    # Before NumPy is loaded, which reads them.
    os.environ |= {name: str(args.threads) for name in
                   ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}  # fmt: skip
    from benchmarks import machine

    busy = machine.busy_cores()

    import torch

    torch.set_num_threads(args.threads)

    from benchmarks import figures, page
    from benchmarks.growth import growths
    from benchmarks.measure import check, measure
    from benchmarks.tangents import Missing
    from edgeofchaos.support.artifacts import write_bytes, write_text

    often = {"budget": 0.0, "least": 1} if args.quick else {"budget": 8.0, "least": 3}
    found = []
    for comparison in _comparisons(args):
        start = time.perf_counter()
        try:
            found.append(measure(comparison, **often))
        except Missing as error:
            found.append(measure(comparison.alone(f"The peers were skipped: {error}."), **often))
        finally:
            if comparison.close is not None:
                comparison.close()
        print(f"{time.perf_counter() - start:6.1f} s  {comparison.title}", file=sys.stderr)
    grown = growths(args.quick) if not args.only or "growth" in args.only else []
    about = machine.describe(args.threads, max(busy, machine.busy_cores()))
    pictures = figures.draw(found, grown)
    text = page.text(about, found, grown, pictures)
    write_text(text, args.docs / "explanation" / "benchmarks.md")
    for name, picture in pictures.items():
        write_bytes(picture, args.docs / "images" / f"{name}.png")
    write_text(page.rounds_csv(found), args.results / "rounds.csv")
    write_text(page.as_json(about, found, grown), args.results / "benchmarks.json")
    check(found)


def _comparisons(args):
    """Each as it is made, so that what one holds is gone before the next."""
    from benchmarks import edge, kernels, maps, nets, training, workflow

    asked = {
        "edge": edge.comparisons, "maps": maps.comparisons, "nets": nets.comparisons,
        "kernels": lambda quick: kernels.comparisons(
            quick, args.threads, "neural-tangents" not in args.skip),
        "training": training.comparisons, "workflow": workflow.comparisons,
    }  # fmt: skip
    for name in args.only or COMPARISONS:
        if name != "growth":
            yield from asked[name](args.quick)


if __name__ == "__main__":
    from edgeofchaos.support.program import run

    run(main)
