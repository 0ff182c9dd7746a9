"""Every claim of the paper, in its order."""

from edgeofchaos.claims import beyond, choice, propagation, trained
from edgeofchaos.claims.model import Claim

CLAIMS: tuple[Claim, ...] = (
    *propagation.CLAIMS,
    *choice.CLAIMS,
    *trained.CLAIMS,
    *beyond.CLAIMS,
)
BY_ID = {claim.id: claim for claim in CLAIMS}
