"""Bytes of any kind where HTTP, a form, a query or a key is expected: they are read or refused, and nothing breaks."""

import asyncio
import string
from urllib.parse import quote

import pytest
from harness import RunningServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.testclient import TestClient
from starlette.types import Message

from inference.errors import BadInput, TooLarge
from server.accounts.key_text import is_key, is_token
from server.http.multipart import Form
from tests.robustness.raw_http import answer_to, connection

GOOD = b"POST /v1/verify/reliability HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PART = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--b--\r\n'


def broken(whole: bytes) -> st.SearchStrategy[bytes]:
    """`whole` with some of it replaced by anything."""
    cut = st.tuples(st.integers(0, len(whole)), st.integers(0, 12), st.binary(max_size=12))
    return cut.map(lambda at: whole[: at[0]] + at[2] + whole[at[0] + at[1] :])


@pytest.mark.fuzz
@pytest.mark.timeout(240)
@given(sent=broken(GOOD) | st.binary(max_size=200))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_on_a_connection_are_answered_as_http_or_end_it(running_server: RunningServer, sent: bytes) -> None:
    with connection(running_server.url) as opened:
        opened.sendall(sent)
        opened.shutdown(1)
        received = b""
        while block := opened.recv(65_536):
            received += block
    assert not received or received.startswith(b"HTTP/1.1 ")
    assert answer_to(running_server.url, HEALTH).status == 200


async def parts_of(pieces: list[bytes]) -> int:
    """How many parts the form in `pieces` has."""
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    found = 0
    async for part in Form(Request({"type": "http", "method": "POST", "headers": headers}, receive)).parts():
        assert isinstance(part.name, str)
        found += 1
    return found


@given(form=broken(PART) | st.binary(max_size=120), size=st.integers(1, 40))
def test_any_bytes_as_a_form_are_read_or_refused(form: bytes, size: int) -> None:
    pieces = [form[at : at + size] for at in range(0, len(form), size)]
    try:
        assert asyncio.run(parts_of(pieces)) >= 0
    except (BadInput, TooLarge):
        return
    except ClientDisconnect:
        pytest.fail("the form was read beyond its end")


@given(size=st.integers(1, 40))
def test_a_form_is_the_same_in_pieces_of_any_size(size: int) -> None:
    assert asyncio.run(parts_of([PART[at : at + size] for at in range(0, len(PART), size)])) == 1


@given(
    name=st.sampled_from(["limit", "after", "order", "purpose", "other"]),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_any_query_of_a_list_is_taken_or_refused(client: TestClient, name: str, value: str) -> None:
    answer = client.get(f"/v1/files?{name}={quote(value)}")
    assert answer.status_code in (200, 400, 404)
    assert "data" in answer.json() or set(answer.json()["error"]) == {"message", "type", "param", "code"}


FORM = st.text(string.ascii_letters + string.digits, min_size=36, max_size=36)


@given(text=st.text(max_size=60) | st.tuples(st.sampled_from(["tsk_", "tsm_"]), FORM).map("".join))
def test_a_text_is_of_our_form_only_by_its_checksum(text: str) -> None:
    """One in 4,000,000,000 of them is, by chance."""
    assert not is_key(text)
    assert not is_token(text)
