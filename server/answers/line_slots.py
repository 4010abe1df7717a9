"""How many lines of batches are asked at once, and which of them wait for each other.

Chats, embeddings and verifications have places of their own. Verifications run a few at a time, and with places shared
a huge batch of them would hold all of these while it waits, and keep the batches of others from an idle engine.
"""

from inference.batches.batch import Batch, Endpoint
from inference.batches.line import Line
from inference.batches.working.fair_slots import FairSlots
from server.answers.verified_chat import OUR_FIELDS
from server.wire.verification import VERIFY_MODELS


class LineSlots:
    """Up to `requests_max` lines of each kind at once, and up to `verifications_max` that verify something."""

    def __init__(self, requests_max: int, verifications_max: int) -> None:
        self._of = {
            Endpoint.CHAT: FairSlots(requests_max),
            Endpoint.EMBEDDINGS: FairSlots(requests_max),
            Endpoint.VERIFY: FairSlots(min(requests_max, verifications_max)),
        }

    def of(self, batch: Batch, line: Line) -> FairSlots:
        """Those that a line takes its place of."""
        return self._of[Endpoint.VERIFY if _verifies(batch, line) else batch.endpoint]


def _verifies(batch: Batch, line: Line) -> bool:
    """Whether the line is verified: by its endpoint, its model or its fields, one of which asks for it."""
    if batch.endpoint is not Endpoint.CHAT:
        return batch.endpoint is Endpoint.VERIFY
    return line.body.get("model") in VERIFY_MODELS or not OUR_FIELDS.isdisjoint(line.body)
