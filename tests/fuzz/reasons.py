"""Whether the reason that the library gives for a refusal is a true one."""

import re

import numpy as np

from fuzz.grammar import Tanh, Times, Tree
from fuzz.leaves import WRITTEN_OUT


def cancels(tree, reach=8.0):
    """Whether phi, phi' and phi'' are next to nothing of what they are summed from, up to there."""
    points = np.linspace(-reach, reach, 161)
    with np.errstate(all="ignore"):
        largest = [float(np.abs(x).max()) for x in tree.jet(points)]
        summed = [float(np.max(x)) for x in tree.summands(points)]
    return [s > 0 and at <= 1e-6 * s for at, s in zip(largest, summed, strict=True)]


def is_constant(tree, reach):
    """Whether phi is one number up to that |u|, to the rounding of its terms."""
    points = np.concatenate([np.geomspace(1e-6, reach, 400), np.linspace(0, min(reach, 8), 401)])
    points = np.concatenate([points, -points])
    return np.ptp(tree.jet(points)[0]) <= 1e-13 * tree.size(points).max()


def overflows(tree, at, powers=1):
    """Whether exp overflows in a leaf that is written out, or so high a power of it."""
    for term in tree.terms():
        if term.leaf in WRITTEN_OUT.values():
            inner = term.a * (at - term.m)
            exponent = -inner if "exp(-" in term.leaf.source else inner
            if powers * exponent > 709:
                return True
    return False


def wrong(reason: str, tree: Tree, q: float = 1.0) -> list[str]:
    """What is wrong with the reason of a refusal of this tree at variance q, a line each."""
    source = tree.source()
    written_out = "torch.exp(-" in source or "torch.exp(" in source
    products = isinstance(tree, Tanh) or any(isinstance(p, Times) for p in tree.parts)
    narrow = any(width < 0.01 for _, width in tree.features())
    if "oscillates too fast, or is noise" in reason or "takes too many panels" in reason:
        if tree.wave() == 0 and tree.steep() < 30 and not products and not narrow:
            return ["refused as too fast, but nothing in it is"]
    elif " is nan at u" in reason or " is inf at u" in reason or "grows so fast" in reason:
        if not written_out and not isinstance(tree, Tanh):
            return ["refused as not finite, but it is finite"]
    elif "varies from one point" in reason or "rounding leaves" in reason:
        named = re.search(r"phi('*) varies from one point", reason)
        lost = cancels(tree) if named else cancels(tree) + cancels(tree, 6 * np.sqrt(q))
        oscillates = named and tree.wave() > 30
        if not (oscillates or (lost[len(named[1])] if named else any(lost))):
            return ["refused as noise, but its terms do not cancel and it does not oscillate"]
    elif said := re.search(r"phi is constant, \S+ .*for \|u\| <= ([\d.e+]+)", reason):
        if not is_constant(tree, float(said[1])):
            return ["refused as constant, but it varies"]
    elif said := re.search(r"is not finite at (\S+);", reason):
        if not overflows(tree, float(said[1])):
            return [f"refused as not finite, but nothing overflows: {reason}"]
    elif said := re.search(r"\((\S+)\) = (?:nan|-?inf), .*allowed is a finite derivative", reason):
        if not overflows(tree, float(said[1]), powers=3):  # phi'' has exp(x)^3 in it
            return [f"refused as not finite, but nothing overflows: {reason}"]
    elif said := re.search(r"autograd has phi'+\((\S+)\) = \S+, where the values", reason):
        if not overflows(tree, float(said[1]), powers=2):
            return [f"refused as a wrong derivative, but nothing overflows: {reason}"]
    elif said := re.search(r"at q = (\S+) Stein's identity .* or it is rounding", reason):
        if not any(cancels(tree, 6 * np.sqrt(float(said[1])))):
            return ["refused by Stein's identity, but its terms do not cancel"]
    elif "the correlation map is not known" in reason:
        if not narrow:
            return ["refused as narrow, but nothing in it is"]
    else:
        return [f"refused for a reason that is none: {reason}"]
    return []
