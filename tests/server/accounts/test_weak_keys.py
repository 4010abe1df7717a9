"""Keys that people write or copy are refused with a reason, keys of random characters are not."""

import random
import string

import pytest

from server.accounts.key_text import new_key
from server.accounts.weak_keys import KEY_CHARS_MIN, why_weak

TRIES = 2000


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "too short"),
        ("4be1c9d27ab8e60", "too short"),
        ("secret", "placeholder"),
        ("YOUR_API_KEY", "placeholder"),
        ("INSERT_API_KEY", "placeholder"),
        ("INSERT_KLUSTER_API_KEY", "placeholder"),
        ("<your-kluster-api-key-here>", "placeholder"),
        ("change-me-please-2026", "placeholder"),
        ("my-super-secret-api-key", "placeholder"),
        ("not-needed-on-loopback", "placeholder"),
        ("P4ssw0rd-P4ssw0rd", "placeholder"),
        ("sk-1234567890abcdef", "placeholder"),
        ("sk-98765432109876543210", "sequence"),
        ("abcdefghijklmnopqrstuvwxyz", "sequence"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "different characters"),
        ("sk-xxxxxxxxxxxxxxxxxxxxxxxx", "different characters"),
        ("7qh3kzp47qh3kzp4", "over and over"),
        ("4be1c9d27ab8e605 81d4b6f2", "blanks"),
        ("4be1c9d27ab8e605-schlüssel", "no header"),
        ("4be1c9d27ab8e605\n81d4b6f2", "no header"),
    ],
)
def test_what_people_write_is_refused_with_the_reason_and_is_not_repeated(key: str, reason: str) -> None:
    why = why_weak(key)
    assert why is not None
    assert reason in why
    assert not key or key not in why


@pytest.mark.parametrize("alphabet", ["0123456789abcdef", string.ascii_letters + string.digits, string.ascii_lowercase])
@pytest.mark.parametrize("prefix", ["", "sk-", "team-"])
def test_random_characters_pass_from_the_least_length_on(alphabet: str, prefix: str) -> None:
    draw = random.Random(7)  # noqa: S311  the same keys on every machine
    keys = [prefix + "".join(draw.choices(alphabet, k=KEY_CHARS_MIN)) for _ in range(TRIES)]
    assert [key for key in keys if why_weak(key)] == []


def test_a_key_that_touchstone_made_passes() -> None:
    assert why_weak(new_key()) is None
