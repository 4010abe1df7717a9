"""The text of a key: what is made is known, whatever else is refused without asking anybody."""

import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.accounts.key_text import (
    BODY_CHARS,
    CHECKSUM_CHARS,
    KEY_PREFIX,
    NONCE_BYTES,
    TOKEN_PREFIX,
    digest_of,
    is_key,
    is_token,
    new_key,
    new_nonce,
    token_of,
)

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
KEYS = st.builds(lambda _: new_key(), st.integers())
CHARS = st.characters(max_codepoint=0x2FF)


def written(prefix: str, body: str) -> str:
    """`body` with its checksum, worked out apart from the code under test."""
    number, digits = zlib.crc32((prefix + body).encode()), ""
    for _ in range(CHECKSUM_CHARS):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return prefix + body + digits


@given(body=st.text(BASE62, min_size=BODY_CHARS, max_size=BODY_CHARS))
def test_any_thirty_characters_with_their_checksum_are_a_key(body: str) -> None:
    assert is_key(written(KEY_PREFIX, body))
    assert is_token(written(TOKEN_PREFIX, body))
    assert not is_token(written(KEY_PREFIX, body))
    assert not is_key(written("xyz_", body))


@given(key=KEYS)
def test_a_new_key_is_a_key_of_forty_characters_and_no_token(key: str) -> None:
    assert is_key(key)
    assert not is_token(key)
    assert len(key) == len(KEY_PREFIX) + BODY_CHARS + CHECKSUM_CHARS
    assert set(key.removeprefix(KEY_PREFIX)) <= set(BASE62)


@given(key=KEYS, place=st.integers(0, 39), char=CHARS)
def test_every_single_changed_character_is_noticed(key: str, place: int, char: str) -> None:
    changed = key[:place] + char + key[place + 1 :]
    assert is_key(changed) is (changed == key)


@given(key=KEYS, place=st.integers(0, 38))
def test_two_neighbours_changed_about_are_noticed(key: str, place: int) -> None:
    changed = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert is_key(changed) is (changed == key)


@given(text=st.text(max_size=60))
def test_whatever_else_is_sent_is_no_key_and_no_token(text: str) -> None:
    for changed in (text, KEY_PREFIX + text, TOKEN_PREFIX + text):
        assert not is_key(changed)
        assert not is_token(changed)


@pytest.mark.parametrize("char", [" ", "-", "\0", "é", "٣"])
def test_a_body_of_other_characters_is_none_though_its_checksum_is_right(char: str) -> None:
    assert not is_key(written(KEY_PREFIX, "a" * (BODY_CHARS - 1) + char))


@given(
    key=st.text(min_size=1, max_size=60), nonces=st.tuples(*[st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)] * 2)
)
def test_a_token_is_told_by_key_and_nonce_alone(key: str, nonces: tuple[bytes, bytes]) -> None:
    token = token_of(key, nonces[0])
    assert is_token(token)
    assert token == token_of(key, nonces[0])
    assert (token == token_of(key, nonces[1])) is (nonces[0] == nonces[1])
    assert token != token_of(key + "x", nonces[0])


def test_no_two_keys_or_nonces_are_alike() -> None:
    assert len({new_key() for _ in range(1000)}) == 1000
    assert len({new_nonce() for _ in range(1000)}) == 1000


def test_what_is_kept_of_a_key_is_its_sha_256() -> None:
    assert digest_of("abc").hex().startswith("ba7816bf8f01cfea414140de5dae2223")
    assert len(digest_of("half a surrogate pair: \ud800")) == 32
