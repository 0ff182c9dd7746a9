"""Every claim of the paper, in its order."""

from edgeofchaos.claims import choice, propagation
from edgeofchaos.claims.model import Claim

CLAIMS: tuple[Claim, ...] = propagation.CLAIMS + choice.CLAIMS
BY_ID = {claim.id: claim for claim in CLAIMS}
