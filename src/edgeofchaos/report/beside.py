"""In words: what stands beside a run's own verdicts, from the reference run and its reseedings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def agreement(rows: Sequence[Mapping], about: Mapping) -> str:
    """In one or two sentences, how many nets of this run agree with the reference run.

    Args:
        rows: of ``agreement.csv``.
        about: of ``about.yaml``: ``date`` and ``machine`` among others.
    """
    run = f"the reference run of {about['date']} on {about['machine']}"
    told = [row for row in rows if row["verdict"] != "too few runs"]
    if not told:
        return f"No net of this run has enough runs to be compared with {run}."
    differ = [row for row in told if row["verdict"] == "differs"]
    first = f"{len(told) - len(differ)} of {len(told)} nets agree with {run}"
    chance = "all nets of an equivalent run do, but in one run in 100"
    few = f"; {len(rows) - len(told)} have too few runs to tell" * (len(told) < len(rows))
    names = ", ".join(_net(row) for row in differ)
    return f"{first} ({chance}){few}." + (f" Not so: {names}." if names else "")


def reseedings(counts: Mapping[str, int] | None, verdict: str) -> str:
    """In how many reseedings the verdict that came most often did, and how often any other.

    It is named where it is not ``verdict``, which stands beside it.

    Example:
        >>> reseedings({"reproduced": 19, "inconclusive": 1}, "reproduced")
        '19/20, 1 inconclusive'
        >>> reseedings({"reproduced": 19, "inconclusive": 1}, "inconclusive")
        '19/20 reproduced, 1 inconclusive'
    """
    if not counts:
        return ""
    modal = max(counts, key=counts.__getitem__)
    first = f"{counts[modal]}/{sum(counts.values())}" + f" {modal}" * (modal != verdict)
    return ", ".join([first, *(f"{n} {other}" for other, n in counts.items() if other != modal)])


def lengths(claim: Mapping) -> str:
    """At how many steps a claim on trained nets is judged, and what others would say.

    Args:
        claim: an object of ``claims.json``.
    """
    if not claim["steps"]:
        return ""
    others = [
        f"at {found['steps']:,}" + " in the reference run" * found["reference"]
        + f": {found['verdict']}"
        for found in claim["lengths"]
    ]  # fmt: skip
    return f"Judged after {claim['steps']:,} steps" + "".join(f"; {o}" for o in others) + "."


def _net(row: Mapping) -> str:
    means = f"{float(row['mean']):.3f} against {float(row['reference_mean']):.3f}"
    shape = f"{row['width']} wide, {row['depth']} deep"
    return f"{row['init']}, {shape}, rate {float(row['learning_rate']):g} ({means})"
