"""Random tensors of tests, and whether a profiled model does what the theory says."""

import torch


def seeded(seed=0):
    """A generator of its own."""
    return torch.Generator().manual_seed(seed)


def randn(*shape, seed=1):
    """Normal numbers, the same at each call."""
    return torch.randn(*shape, generator=seeded(seed))


def quantities(found):
    """What `profile` measured and predicted: q, c and the gradient of each row."""
    return [getattr(row, name) for row in found.rows for name in ("q", "c", "gradient")]


def agrees(found):
    """Whether nothing is off, at no layer and in no step."""
    return found.parts_at is None and not any(x.off or x.off_in_a_step for x in quantities(found))
