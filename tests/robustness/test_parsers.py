"""The parsers at the edges, on whatever hypothesis thinks of: they answer, or refuse in our own words."""

import asyncio
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from inference.errors import BadInput, SettingsError, TouchstoneError
from inference.store.database import Database
from server.access import Gate, key_of
from server.accounts.accounts import build_accounts
from server.http.body import read_json
from server.mcp.message import checked
from server.settings import Settings, is_loopback, load_settings
from server.wire.validation import validated
from server.wire.verification import ChatRequest, VerifyRequest

HEADER_TEXT = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n\0"), max_size=60)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from([*VerifyRequest.model_fields, *ChatRequest.model_fields, "promt", "role", "content"])
OBJECTS = st.dictionaries(FIELDS | st.text(max_size=12), JSON_VALUES, max_size=6)
ResultT = TypeVar("ResultT")
ErrorT = TypeVar("ErrorT", bound=TouchstoneError)

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "127.8.9.1", "[::1]", "::1")


def attempt(refusal_type: type[ErrorT], act: Callable[[], ResultT]) -> tuple[ResultT | None, ErrorT | None]:
    """What `act` returns, or how it refuses. Whatever else it raises fails the test."""
    try:
        return act(), None
    except refusal_type as refused:
        return None, refused


def headers_of(**values: str) -> Scope:
    """As much of a request as its headers."""
    return {"headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in values.items()]}


# Settings


@given(name=st.sampled_from(sorted(Settings.model_fields)), value=st.text(max_size=30))
@example(name="port", value="٣٠٠١")
@example(name="port", value="1e3")
@example(name="verify_timeout_s", value="nan")
@example(name="verify_timeout_s", value="inf")
@example(name="body_timeout_s", value="-0")
@example(name="data_dir", value="\0")
@example(name="api_keys", value=",, ,")
def test_any_text_as_a_setting_is_taken_or_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    variable = f"TOUCHSTONE_{name.upper()}"
    settings, refused = attempt(SettingsError, lambda: load_settings({}, {variable: value}))
    if refused is not None:
        assert name in refused.message or "TOUCHSTONE_API_KEYS" in refused.message
        return
    assert settings is not None
    bounded = [settings.verify_timeout_s, settings.body_timeout_s, settings.web_timeout_s]
    assert all(0 < seconds <= 3600 for seconds in bounded)
    assert 0 <= settings.port <= 65_535


@given(text=st.text(max_size=200))
@example(text="port = ")
@example(text="nothing_of_ours = 1")
@example(text='port = "many"')
@example(text="[host]\nx = 1")
def test_any_settings_file_is_taken_or_refused_by_its_name(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "settings.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    _, refused = attempt(SettingsError, lambda: load_settings({}, {}, file))
    assert refused is None or str(file) in refused.message or "setting" in refused.message


@given(host=st.text(max_size=40) | st.ip_addresses().map(str))
def test_an_address_is_only_called_loopback_if_it_is(host: str) -> None:
    if is_loopback(host):
        bare = host.strip("[]").lower()
        assert bare == "localhost" or bare.startswith("127.") or bare.partition("%")[0].endswith("1")


# Keys, hosts, origins


@given(authorization=HEADER_TEXT, x_api_key=HEADER_TEXT)
def test_a_key_is_read_from_any_headers_without_blanks_around_it(authorization: str, x_api_key: str) -> None:
    key = key_of(headers_of(authorization=authorization, x_api_key=x_api_key))
    assert key == key.strip()
    assert key in authorization or key in x_api_key


@given(
    key=st.text(string.ascii_letters + string.digits + "-_.~+/=", min_size=1),
    scheme=st.sampled_from(["Bearer", "bearer", "BEARER"]),
)
def test_a_key_survives_the_header_that_carries_it(key: str, scheme: str) -> None:
    assert key_of(headers_of(authorization=f"{scheme} {key}")) == key
    assert key_of(headers_of(x_api_key=key)) == key
    assert key_of(headers_of(authorization="Basic abc", x_api_key=key)) == key


async def _through_gate(settings: Settings, headers: dict[str, str]) -> int:
    """The status that the gate answers with; 200 if it lets the request through."""
    sent: list[Message] = []

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("in")(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope: Scope = {"type": "http", "method": "POST", "path": "/v1/verify/reliability", "headers": raw}
    accounts = build_accounts(settings, Database(settings.store_url))
    await Gate(behind, settings, accounts)(scope, receive, send)
    return int(sent[0]["status"])


def through_gate(settings: Settings, **headers: str) -> int:
    return asyncio.run(_through_gate(settings, headers))


OPEN = Settings(data_dir=Path("unused"))
KEY = "the-one-5be20c9f71d4a836"
KEYED = Settings(data_dir=Path("unused"), api_keys=(SecretStr(KEY),))


@given(host=HEADER_TEXT, origin=HEADER_TEXT)
@example(host="localhost", origin="http://[")
@example(host="[::1", origin="http://[::1")
@example(host="localhost", origin="http://localhost@evil.example.org")
@example(host="localhost", origin="http://localhost:80@evil.example.org")
def test_any_host_and_origin_are_let_in_or_refused_with_their_status(host: str, origin: str) -> None:
    assert through_gate(OPEN, host=host, origin=origin) in (200, 403, 421)


LABELS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)


@given(
    name=st.lists(LABELS, min_size=2, max_size=4).map(".".join),
    local=st.sampled_from(LOOPBACK_HOSTS),
    port=st.integers(1, 65_535),
)
def test_no_foreign_name_passes_however_it_is_dressed(name: str, local: str, port: int) -> None:
    foreign = f"{name}x.example"  # ends in letters, so that it is no address
    for host in (foreign, f"{foreign}:{port}", f"{local.strip('[]')}.{foreign}", f"{foreign}."):
        assert through_gate(OPEN, host=host) == 421
    for origin in (
        f"http://{foreign}",
        f"https://{foreign}:{port}",
        f"http://localhost.{foreign}",
        f"http://localhost@{foreign}",
    ):
        assert through_gate(OPEN, host="localhost", origin=origin) == 403
        assert through_gate(KEYED, host="localhost", origin=origin, **{"x-api-key": KEY}) == 403


@given(local=st.sampled_from(["localhost", "127.0.0.1", "[::1]"]), port=st.integers(1, 65_535))
def test_this_machine_always_passes(local: str, port: int) -> None:
    assert through_gate(OPEN, host=f"{local}:{port}", origin=f"http://{local}:{port}") == 200


@given(wrong=HEADER_TEXT)
def test_nothing_but_the_key_opens(wrong: str) -> None:
    status = through_gate(KEYED, host="localhost", **{"x-api-key": wrong})
    assert status == (200 if wrong.strip() == KEY else 401)


# Bodies


@given(value=OBJECTS)
@pytest.mark.parametrize("model", [VerifyRequest, ChatRequest])
def test_any_object_is_taken_or_refused_by_the_name_of_a_field(value: dict[str, Any], model: type[Any]) -> None:
    taken, refused = attempt(BadInput, lambda: validated(value, model))
    if refused is not None:
        assert refused.param
        assert refused.param.partition(".")[0] in {*model.model_fields, *value}
        assert "pydantic" not in refused.message
        return
    assert all(
        getattr(taken, name) == value[name]
        for name in ("prompt", "output", "model")
        if name in value and hasattr(taken, name)
    )


async def _read(body: bytes) -> VerifyRequest:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return await read_json(Request({"type": "http", "method": "POST", "headers": []}, receive), VerifyRequest)


@given(body=st.binary(max_size=80) | JSON_VALUES.map(orjson.dumps) | OBJECTS.map(orjson.dumps))
@example(body=b'{"prompt": "a", "prompt": 7, "output": "b"}')
def test_any_bytes_as_a_body_are_read_or_refused(body: bytes) -> None:
    read, refused = attempt(BadInput, lambda: asyncio.run(_read(body)))
    if read is None:
        assert refused is not None
        assert refused.message
    else:
        assert orjson.loads(body)["prompt"] == read.prompt


@given(
    body=st.binary(max_size=80)
    | JSON_VALUES.map(orjson.dumps)
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("jsonrpc", "id", "method", "params", "result", "error"), JSON_VALUES)
    ).map(orjson.dumps),
    content_type=st.just("application/json") | st.text(max_size=30),
)
def test_any_mcp_message_is_passed_on_or_refused_as_json_rpc_asks(body: bytes, content_type: str) -> None:
    refused = checked(body, content_type)
    if isinstance(refused, dict):
        return
    assert refused.status_code in (400, 415)
    answer = orjson.loads(refused.body)
    assert answer["jsonrpc"] == "2.0"
    assert answer["id"] is None or isinstance(answer["id"], str | float | int)
    assert answer["error"]["code"] in (-32600, -32602)
