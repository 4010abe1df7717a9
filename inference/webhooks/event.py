"""What a webhook says: OpenAI's event object, a few fields that name what has happened to what.

{"object": "event", "id": "evt_...", "type": "batch.completed", "created_at": 1711471533, "data": {"id": "batch_..."}}
"""

from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened. `about` is the id of what it happened to, `created_at` seconds since 1970."""

    id: str
    type: str
    about: str
    created_at: int

    def body(self) -> bytes:
        """The same bytes however often it is sent."""
        said = {"object": "event", "id": self.id, "type": self.type, "created_at": self.created_at}
        return orjson.dumps(said | {"data": {"id": self.about}})
