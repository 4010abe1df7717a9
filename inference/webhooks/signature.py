"""Signs webhooks as the Standard Webhooks specification says (https://www.standardwebhooks.com).

The signature is a HMAC of id, time and body, so that a receiver who has the secret knows who sent it, that nobody
changed it, and that it is not an old one sent again. This side of it is one call of the standard library; the reading
side is left to the libraries of the receivers, which the tests ask.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from inference.errors import SettingsError

SECRET_PREFIX = "whsec_"  # noqa: S105  what secrets begin with is none
SECRET_BYTES_MIN, SECRET_BYTES_MAX = 24, 64
"""Of the secret, as the specification has it."""

_MAKE_ONE = "docs/webhooks.md says how to make one"


def secret_of(text: str) -> bytes:
    """The key that the text is. Raises SettingsError for what is none; the message never repeats it."""
    if not text.startswith(SECRET_PREFIX):
        raise SettingsError(f"a secret for webhooks begins with {SECRET_PREFIX}; {_MAKE_ONE}")
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise SettingsError(f"what follows {SECRET_PREFIX} is no base64; {_MAKE_ONE}") from None
    if not SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX:
        raise SettingsError(
            f"a secret for webhooks has {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes, this one has {len(secret)}; "
            f"{_MAKE_ONE}"
        )
    return secret


def signed(secret: bytes, event_id: str, body: bytes, now_s: int) -> Mapping[str, str]:
    """The three headers of the specification. `now_s` is the time of this try, in seconds since 1970."""
    text = f"{event_id}.{now_s}.".encode() + body
    signature = base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
    return {"webhook-id": event_id, "webhook-timestamp": str(now_s), "webhook-signature": f"v1,{signature}"}
