"""In words: what stands beside a run's own verdicts, from the reference run and its reseedings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from edgeofchaos.claims.agreement import DIFFERS, TOO_FEW


def agreement(rows: Sequence[Mapping], about: str | bytes) -> str:
    """In one or two sentences, how many nets of this run agree with the reference run.

    Args:
        rows: of ``agreement.csv``.
        about: what ``about.yaml`` holds: ``date`` and ``machine`` among others.

    Raises:
        ValueError: ``about`` is not a YAML mapping, or lacks one of the two.
    """
    run = "the reference run of {date} on {machine}".format(**_about(about))
    if not rows:
        return f"No net of this run is in {run}."
    told = [row for row in rows if row["verdict"] != TOO_FEW]
    if not told:
        return f"No net of this run has enough runs to be compared with {run}."
    differ = [row for row in told if row["verdict"] == DIFFERS]
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


def _about(text: str | bytes) -> Mapping:
    try:
        about = yaml.safe_load(text)
    except yaml.YAMLError:
        about = None
    plain = about if isinstance(about, dict) else {}
    if any(isinstance(plain.get(key) or {}, list | dict) for key in ("date", "machine")):
        raise ValueError(
            "about.yaml of the reference run has no date or no machine; allowed is what "
            "scripts/reference.py wrote"
        )
    return plain


def _net(row: Mapping) -> str:
    means = f"{float(row['mean']):.3f} against {float(row['reference_mean']):.3f}"
    shape = f"{row['width']} wide, {row['depth']} deep"
    return f"{row['init']}, {shape}, rate {float(row['learning_rate']):g} ({means})"
