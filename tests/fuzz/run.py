"""The fuzz: draws activations and says how many the library got right, in a process a core."""

import argparse
import multiprocessing
import os
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz.compared import Verdict, compare
from fuzz.grammar import ASKED, SIGMA_BS, TREES

Example = tuple[str, str, Verdict]  # the source, what was asked, and what came of it


def examples(count: int, start: int) -> list[Example]:
    """``count`` examples drawn from a seed, judged; wrong ones are printed as they come."""
    import torch

    torch.set_num_threads(1)
    found: list[Example] = []

    @seed(start)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(tree=TREES, sigma_b=SIGMA_BS, ask=ASKED)
    def draw(tree, sigma_b, ask):
        source, asked = f"lambda x: {tree.source()}", f"{ask} at sigma_b = {sigma_b!r}"
        verdict = compare(tree, sigma_b, ask)
        found.append((source, asked, verdict))
        if len(found) % 500 == 0:
            print(f"seed {start}: {len(found)} of {count}", flush=True)
        if verdict.wrong:
            lines = [f"WRONG {asked}: {source}", *verdict.wrong]
            print("\n    ".join(lines), flush=True)

    draw()
    return found


def _kind(reason: str) -> str:
    """A reason without its numbers."""
    return re.sub(r"-?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)\b", "#", reason)[:100]


def table(found: list[Example]) -> str:
    """How many of each answer, of each reason to refuse and of each doubt."""
    verdicts = [v for _, _, v in found]
    distinct = len({(source, asked) for source, asked, _ in found})
    lines = [f"{len(found)} tried, {distinct} of them distinct"]
    for answer, n in Counter(v.answer for v in verdicts).most_common():
        lines.append(f"{n:6d} {answer}")
        reasons = Counter(_kind(v.reason) for v in verdicts if v.answer == answer and v.reason)
        if answer in ("refused", "failed"):
            lines += [f"{m:12d} {reason}" for reason, m in reasons.most_common()]
    lines.append(f"{sum(bool(v.wrong) for v in verdicts):6d} wrong in something")
    lines.append(f"{sum(bool(v.unsure) for v in verdicts):6d} not judged in something")
    doubts = Counter(_kind(x) for v in verdicts for x in v.unsure)
    lines += [f"{n:12d} {doubt}" for doubt, n in doubts.most_common()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    args = parser.parse_args()
    print(f"seed {args.seed}, {args.processes} processes", flush=True)
    size = -(-args.examples // args.processes)
    began = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(args.processes) as pool:
        parts = pool.starmap(examples, [(size, args.seed + i) for i in range(args.processes)])
    found = [x for part in parts for x in part]
    print(table(found), f"{time.perf_counter() - began:.0f} s", sep="\n")
    sys.exit(any(v.wrong for _, _, v in found))


if __name__ == "__main__":
    main()
