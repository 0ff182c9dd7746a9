"""Every claim of the paper, in its order, then ours."""

from edgeofchaos.claims import (
    better_class,
    beyond,
    consequences,
    domains,
    edge,
    gaussian_process,
    learning_rate,
    phases,
    relu_like,
    remarks,
    supplement,
    swish,
    trained,
)
from edgeofchaos.claims.model import Claim

CLAIMS: tuple[Claim, ...] = (
    *gaussian_process.CLAIMS,
    *domains.CLAIMS,
    *phases.CLAIMS,
    *edge.CLAIMS,
    *relu_like.CLAIMS,
    *better_class.CLAIMS,
    *swish.CLAIMS,
    *supplement.CLAIMS,
    *consequences.CLAIMS,
    *remarks.CLAIMS,
    *trained.CLAIMS,
    *learning_rate.CLAIMS,
    *beyond.CLAIMS,
)
BY_ID: dict[str, Claim] = {claim.id: claim for claim in CLAIMS}
