"""An engine over real HTTP: what goes out, what comes back, and each way in which it can fail."""

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from inference.engine.address import address_of, is_elsewhere
from inference.engine.engine import EngineRequest
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.errors import EngineError, EngineUnavailable, EngineUnreadable, Overloaded, SettingsError
from inference.testing.upstream import Upstream
from inference.urgency import Urgency

WAIT_S = 60.0
KEY = "the-engines-secret-key"


@asynccontextmanager
async def upstream(key: str = "", owner: str = "upstream") -> AsyncIterator[Upstream]:
    server = Upstream(key=key, owner=owner)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def engine_at(
    url: str, key: str = "", timeout_s: float = WAIT_S, running_max: int = 8
) -> AsyncIterator[HttpEngine]:
    engine = HttpEngine(url, key, timeout_s=timeout_s, places=Places(running_max))
    try:
        yield engine
    finally:
        await engine.aclose()


def asked(model: str, stream: bool = False, urgency: Urgency = Urgency.LIVE) -> EngineRequest:
    body = {"model": model, "messages": [{"role": "user", "content": "Hello there"}], "stream": stream}
    return EngineRequest("chat/completions", json.dumps(body).encode(), urgency)


async def content_of(engine: HttpEngine, request: EngineRequest) -> bytes:
    async with engine.open(request) as reply:
        return b"".join([chunk async for chunk in reply.chunks()])


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not holds():  # noqa: ASYNC110  what is awaited happens in the server, which sets no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("url", "api", "root"),
    [
        ("http://host:8000", "http://host:8000/v1", "http://host:8000"),
        ("http://host:8000/", "http://host:8000/v1", "http://host:8000"),
        ("https://host/v1/", "https://host/v1", "https://host"),
        ("https://host/openai/v1", "https://host/openai/v1", "https://host/openai"),
        ("https://host/api", "https://host/api", "https://host/api"),
        ("http://[::1]:11434", "http://[::1]:11434/v1", "http://[::1]:11434"),
    ],
)
def test_an_address_gets_v1_unless_it_has_a_path(url: str, api: str, root: str) -> None:
    address = address_of(url)
    assert (address.of("models"), address.of("/tokenize")) == (f"{api}/models", f"{root}/tokenize")


@pytest.mark.parametrize(
    ("url", "elsewhere"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000/v1", False),
        ("http://localhost:11434/v1", False),
        ("http://192.168.1.20:8000/v1", False),
        ("http://ollama:11434", False),
        ("http://host.docker.internal:11434", False),
        ("http://93.184.215.14:8000", True),
        ("https://api.example.com/v1", True),
        ("https://localhost.example.com/v1", True),
        ("https://api.example.com./v1", True),
    ],
)
def test_an_engine_outside_this_network_is_told_by_its_address(url: str, elsewhere: bool) -> None:
    assert is_elsewhere(url) is elsewhere


@pytest.mark.parametrize(
    "url",
    [
        "host:8000",
        "ftp://host",
        "http://",
        "",
        "http://host:port",
        "http://host:65536",
        "http://host..example",
        "http://user:secret@host",
        "http://host?key=secret",
        "unix:///run/engine.sock",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        address_of(url)
    assert "user" not in url or "secret" not in raised.value.message


async def test_the_body_arrives_byte_for_byte_with_the_key() -> None:
    async with upstream() as server, engine_at(server.url, KEY) as engine:
        body = b'{ "model":"echo",\n "messages":[{"role":"user","content":"h\\u00e9"}],  "seed": 1.0}'
        async with engine.open(EngineRequest("chat/completions", body)) as reply:
            answer = await reply.read()
            assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
        assert json.loads(answer)["choices"][0]["message"]["content"] == "hé"
        assert server.received[0].body == body
        assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in engine.name


async def test_a_stream_comes_chunk_by_chunk() -> None:
    async with upstream() as server, engine_at(server.url) as engine:
        content = await content_of(engine, asked("echo", stream=True))
        assert content.count(b"data: ") == 6
        assert content.endswith(b"data: [DONE]\n\n")


async def test_a_path_with_a_slash_is_at_the_root_of_the_server() -> None:
    async with upstream() as server, engine_at(server.url) as engine:
        async with engine.open(EngineRequest("/tokenize", b'{"prompt": "one two three"}')) as reply:
            assert json.loads(await reply.read()) == {"count": 3}
        assert server.received[0].path == "/tokenize"


async def test_connections_are_kept_and_a_dropped_one_is_made_up_for_once() -> None:
    async with upstream() as server, engine_at(server.url) as engine:
        for _ in range(3):
            async with engine.open(asked("dropping-reused")) as reply:
                assert reply.status == 200
                await reply.read()
        assert len(server.received) == 4  # the second was sent twice, the third on a new connection


async def test_a_new_connection_that_is_dropped_is_not_tried_again() -> None:
    async with upstream() as server, engine_at(server.url) as engine:
        with pytest.raises(EngineUnavailable, match="broke the connection off"):
            await content_of(engine, asked("dropping"))
        assert len(server.received) == 1


async def test_dropped_twice_it_is_unavailable() -> None:
    async with upstream() as server, engine_at(server.url) as engine:
        await content_of(engine, asked("echo"))
        with pytest.raises(EngineUnavailable, match="broke the connection off"):
            await content_of(engine, asked("dropping"))
        assert len(server.received) == 3


async def test_an_engine_that_is_down_cannot_be_reached() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and does not listen: nobody else can have the port meanwhile
        async with engine_at(f"http://127.0.0.1:{silent.getsockname()[1]}") as engine:
            with pytest.raises(EngineUnavailable, match="cannot be reached: Connection refused"):
                await content_of(engine, asked("echo"))
            with pytest.raises(EngineUnavailable, match="cannot be reached"):
                await engine.models()


@pytest.mark.parametrize(("model", "stream"), [("silent", False), ("stalling", False), ("stalling", True)])
async def test_an_engine_that_says_nothing_more_is_given_up(model: str, stream: bool) -> None:
    async with upstream() as server, engine_at(server.url, timeout_s=0.2) as engine:
        with pytest.raises(EngineUnavailable, match="TOUCHSTONE_ENGINE_TIMEOUT_S"):
            await content_of(engine, asked(model, stream))
        await until(lambda: server.aborted == len(server.received))  # on a busy machine it may not even have come there


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_breaks_off_is_no_answer(stream: bool) -> None:
    async with upstream() as server, engine_at(server.url) as engine:
        with pytest.raises(EngineUnavailable, match="broke the connection off"):
            await content_of(engine, asked("breaking", stream))
        async with engine.open(asked("breaking", stream)) as reply:
            with pytest.raises(EngineUnavailable):
                await reply.read()


async def test_what_is_no_http_is_unreadable() -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(garbage, "127.0.0.1", 0)
    async with server, engine_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as engine:
        with pytest.raises(EngineUnreadable, match="no HTTP"):
            await content_of(engine, asked("echo"))


async def test_leaving_early_aborts_the_request_in_the_engine() -> None:
    async with upstream() as server, engine_at(server.url) as engine:
        async with engine.open(asked("stalling", stream=True)) as reply:
            assert (await anext(aiter(reply.chunks()))).startswith(b"data: ")
        await until(lambda: server.aborted == 1)


async def test_a_caller_that_is_cancelled_before_the_head_aborts_too_and_gives_its_place_back() -> None:
    async with upstream() as server, engine_at(server.url, running_max=1) as engine:
        waiting = asyncio.create_task(content_of(engine, asked("silent")))
        await until(lambda: len(server.received) == 1)
        waiting.cancel()
        await until(lambda: server.aborted == 1)
        assert b"Hello there" in await content_of(engine, asked("echo"))


async def test_over_the_limit_of_all_engines_the_message_names_the_setting() -> None:
    places = Places(1)
    async with upstream() as server:
        one = HttpEngine(server.url, timeout_s=WAIT_S, places=places)
        other = HttpEngine(server.url, timeout_s=WAIT_S, places=places)
        async with one.open(asked("echo")) as reply:
            with pytest.raises(Overloaded, match="TOUCHSTONE_ENGINE_RUNNING_MAX"):
                await content_of(other, asked("echo"))
            await reply.read()
        assert await content_of(other, asked("echo"))
        await one.aclose()
        await other.aclose()


async def test_lines_of_batches_wait_for_a_place_and_leave_some_to_live_requests() -> None:
    async with upstream() as server, engine_at(server.url, running_max=4) as engine:
        async with AsyncExitStack() as stack:
            for _ in range(3):
                await stack.enter_async_context(engine.open(asked("slow", urgency=Urgency.BATCH)))
            fourth = asyncio.create_task(content_of(engine, asked("echo", urgency=Urgency.BATCH)))
            assert await content_of(engine, asked("echo"))
            assert not fourth.done()
        assert await fourth


@pytest.mark.parametrize(("owner", "priority"), [("vllm", 10), ("llamacpp", None)])
async def test_batch_work_goes_behind_live_work_where_the_engine_can(owner: str, priority: int | None) -> None:
    async with upstream(owner=owner) as server, engine_at(server.url) as engine:
        await engine.models()
        await content_of(engine, asked("echo", urgency=Urgency.BATCH))
        await content_of(engine, asked("echo"))
        assert [json.loads(each.body).get("priority") for each in server.received] == [priority, None]


async def test_a_list_of_models_behind_a_wrong_key_says_so_without_the_key() -> None:
    async with upstream(key="another") as server, engine_at(server.url, KEY) as engine:
        with pytest.raises(EngineUnavailable, match="TOUCHSTONE_ENGINE_KEY") as raised:
            await engine.models()
        assert KEY not in raised.value.message


async def test_an_answer_that_comes_compressed_unasked_is_read() -> None:
    body = b'{"data": [{"id": "a"}]}'
    packed = gzip.compress(body)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"accept-encoding: identity" in (await reader.readuntil(b"\r\n\r\n")).lower()
        head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(packed) + packed)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, engine_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as engine:
        assert await engine.models() == [{"id": "a"}]
        assert await content_of(engine, asked("echo")) == body


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": 1}', b'{"data": [{"name": "a"}]}', b'{"data": ["a"]}'])
async def test_what_is_no_list_of_models_is_unreadable(body: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, engine_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as engine:
        with pytest.raises(EngineUnreadable, match="OpenAI-compatible"):
            await engine.models()


async def test_an_answer_over_the_limit_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.engine.http_engine.ANSWER_BYTES_MAX", 50)
    async with upstream() as server, engine_at(server.url) as engine:
        with pytest.raises(EngineError, match="over 50 bytes"):
            async with engine.open(asked("echo")) as reply:
                await reply.read()


async def test_an_engine_that_was_never_asked_closes() -> None:
    async with engine_at("http://127.0.0.1:1"):
        pass


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_does_not_end_is_given_up_by_the_name_of_its_setting(stream: bool) -> None:
    async with upstream() as server:
        engine = HttpEngine(server.url, timeout_s=WAIT_S, answer_timeout_s=1e-9, places=Places(1))
        with pytest.raises(EngineUnreadable, match="TOUCHSTONE_ENGINE_ANSWER_TIMEOUT_S"):
            async with engine.open(asked("slow", stream)) as reply:
                assert not [chunk async for chunk in reply.chunks()]
        await until(lambda: server.aborted == 1 or not stream)
        await engine.aclose()
