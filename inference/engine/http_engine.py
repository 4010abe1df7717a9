"""An engine over HTTP: any OpenAI-compatible server, such as vLLM, llama.cpp, Ollama or a hosted one.

Bytes go out and come in unread. Every wait is bounded: connecting, and the time between two bytes. So is the whole,
generously, since a long answer that goes on is a good one, and one that never ends is not. A request that is left early
closes its connection, which is how an engine learns that nobody waits any more. Requests go to the address alone: no
proxy of the environment, no redirect, no cookie. The key is in the header and nowhere else.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import aiohttp
import orjson
from yarl import URL

from inference.engine.address import address_of
from inference.engine.engine import EngineReply, EngineRequest
from inference.engine.places import Places
from inference.errors import EngineError, EngineUnavailable, EngineUnreadable
from inference.spans import ENGINE, FIRST_CHUNK, Fact, span
from inference.time_limit import TimeLimit
from inference.urgency import Urgency

CONNECT_TIMEOUT_S = 10.0
"""For a connection to be made. An engine is on this machine, in this network, or a service that is up."""

KEEP_ALIVE_S = 4.0
"""For which an idle connection is kept: vLLM closes it after 5 s, and a request sent at that moment is lost."""

ANSWER_BYTES_MAX = 128 * 1024 * 1024
"""In an answer that is read as a whole. 2,048 embeddings of 4,096 numbers in base64 are 45 MB, as text some 100."""

ANSWER_TIMEOUT_S = 3600.0
"""For a whole answer, from its head on. A hundred thousand tokens at thirty a second take less."""

MODELS_TIMEOUT_S = 10.0
MODELS_BYTES_MAX = 4 * 1024 * 1024
"""Of a list of models. The longest of a hosted service has some hundreds, a kilobyte each."""

OWNER_WITH_PRIORITY = "vllm"
"""What vLLM calls the owner of its models. It takes `priority`; others refuse fields that they do not know."""

_OPERATIONS = {"chat/completions": "chat", "completions": "text_completion", "embeddings": "embeddings"}
"""How OpenTelemetry's conventions for generative AI call what is asked at a path."""

_reused: ContextVar[bool] = ContextVar("reused", default=False)


class HttpEngine:
    """The engine at `url`. Makes its connections with the first request, inside the running loop."""

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        timeout_s: float,
        places: Places,
        name: str = "",
        takes_priority: bool = False,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        """`timeout_s` is how long the engine may say nothing, `answer_timeout_s` how long it may go on, which is looked
        at whenever it says something. `takes_priority` for one that is known to be vLLM; else its list of models tells.
        Raises SettingsError for a bad URL."""
        self._address = address_of(url)
        self.name = name or self._address.api
        self._headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if key:
            self._headers["authorization"] = f"Bearer {key}"
        self._timeout_s = timeout_s
        self.silence = TimeLimit(timeout_s)
        self.answer_timeout_s = answer_timeout_s
        self._places = places
        self._takes_priority = takes_priority
        self._urls: dict[str, URL] = {}
        self._facts: dict[str, dict[str, Fact]] = {}
        self._pooled: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    def open(self, request: EngineRequest) -> "_Exchange":
        return _Exchange(self, request)

    async def models(self) -> list[dict[str, Any]]:
        try:
            async with asyncio.timeout(MODELS_TIMEOUT_S):
                async with self._session().get(self._url("models"), allow_redirects=False) as response:
                    self._check_models_status(response.status)
                    body = await _bounded(response, MODELS_BYTES_MAX, self.name, self.silence)
        except TimeoutError:
            raise EngineUnavailable(
                f"the engine {self.name} gave no list of models in {MODELS_TIMEOUT_S:g} s"
            ) from None
        except aiohttp.ClientError as error:
            raise self.failure(error) from None
        models = self._listed(body)
        self._takes_priority |= any(model.get("owned_by") == OWNER_WITH_PRIORITY for model in models)
        return models

    async def aclose(self) -> None:
        for session in (self._pooled, self._fresh):
            if session is not None:
                await session.close()
        self._pooled = self._fresh = None

    def failure(self, error: BaseException) -> EngineError:
        """An exception of aiohttp as one of ours."""
        if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientConnectorError):
            if isinstance(error, aiohttp.ConnectionTimeoutError):
                return EngineUnavailable(f"the engine {self.name} took no connection within {CONNECT_TIMEOUT_S:g} s")
            return EngineUnavailable(
                f"the engine {self.name} sent nothing for {self._timeout_s:g} s (TOUCHSTONE_ENGINE_TIMEOUT_S)"
            )
        if isinstance(error, aiohttp.ClientConnectorError):
            return EngineUnavailable(f"the engine {self.name} cannot be reached: {_reason(error.os_error)}")
        if isinstance(error, aiohttp.ClientResponseError):
            return EngineUnreadable(f"the engine {self.name} answered something that is no HTTP")
        return EngineUnavailable(f"the engine {self.name} broke the connection off")

    def endless(self) -> EngineUnreadable:
        """The error of an answer that went on for too long."""
        return EngineUnreadable(
            f"the engine {self.name} did not come to the end of its answer within {self.answer_timeout_s:g} s "
            "(TOUCHSTONE_ENGINE_ANSWER_TIMEOUT_S)"
        )

    async def send(self, request: EngineRequest, traced: Mapping[str, str]) -> aiohttp.ClientResponse:
        """The head of the answer. A pooled connection that was dropped in the meantime is made up for, once. `traced`
        are headers beside those of the request."""
        headers = {**request.headers, **traced} if traced else request.headers
        body = self._body(request)
        try:
            return await self._post(self._session(), request.path, headers, body)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if isinstance(error, aiohttp.ClientConnectorError) or not _reused.get():
                raise
        return await self._post(self._fresh_session(), request.path, headers, body)

    async def _post(
        self, session: aiohttp.ClientSession, path: str, headers: Mapping[str, str], body: bytes
    ) -> aiohttp.ClientResponse:
        return await session.post(self._url(path), data=body, headers=headers or None, allow_redirects=False)

    def span(self, request: EngineRequest) -> span:
        """The request, to whoever watches the work that it is part of."""
        facts = self._facts.get(request.path)
        if facts is None:
            facts = self._facts[request.path] = _facts_of(self.name, request.path, self._url(request.path))
        return span(ENGINE, **facts)

    def _body(self, request: EngineRequest) -> bytes:
        if request.urgency is Urgency.LIVE or not self._takes_priority:
            return request.body
        return orjson.dumps(orjson.loads(request.body) | {"priority": int(request.urgency)})

    def _url(self, path: str) -> URL:
        """Few paths are asked for, all of our own making, so they are kept parsed."""
        url = self._urls.get(path)
        if url is None:
            url = self._urls[path] = URL(self._address.of(path))
        return url

    def _session(self) -> aiohttp.ClientSession:
        if self._pooled is None:
            self._pooled = self._new_session(_WatchedConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S))
        return self._pooled

    def _fresh_session(self) -> aiohttp.ClientSession:
        if self._fresh is None:
            self._fresh = self._new_session(aiohttp.TCPConnector(limit=0, force_close=True))
        return self._fresh

    def _new_session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,  # for one that compresses although it was asked not to
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
        )

    def _check_models_status(self, status: int) -> None:
        if status in (401, 403):
            raise EngineUnavailable(
                f"the engine {self.name} refuses this server's key ({status}); set TOUCHSTONE_ENGINE_KEY to a valid one"
            )
        if status >= 500 or status == 429:
            raise EngineUnavailable(f"the engine {self.name} answers {status} to the question for its models")
        if status != 200:
            raise EngineUnreadable(
                f"the engine {self.name} answers {status} to GET {self._address.api}/models, which is no URL of an "
                "OpenAI-compatible server then"
            )

    def _listed(self, body: bytes) -> list[dict[str, Any]]:
        try:
            models = orjson.loads(body)["data"]
            if not all(isinstance(model["id"], str) for model in models):
                raise TypeError
        except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
            raise EngineUnreadable(
                f"what the engine {self.name} answers to GET {self._address.api}/models is no list of models, as "
                "an OpenAI-compatible server would give"
            ) from None
        return list(models)


def _facts_of(name: str, path: str, url: URL) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"engine": name, "method": "POST", "url": str(url)}
    if url.host and url.port:
        facts |= {"host": url.host, "port": url.port}
    if path in _OPERATIONS:
        facts["operation"] = _OPERATIONS[path]
    return facts


def _reason(error: OSError) -> str:
    """Why there is no connection, in the system's words: of one refused, asyncio tells the address alone."""
    refused = isinstance(error, ConnectionError) and error.errno
    return os.strerror(refused) if refused else error.strerror or str(error)


class _WatchedConnector(aiohttp.TCPConnector):
    """A pool that tells whether the connection just given was used before: only then may its loss be made up for."""

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        connection = await super().connect(*args, **kwargs)
        used = connection.protocol.__dict__
        _reused.set("used" in used)
        used["used"] = True
        return connection


class _Exchange:
    """The context of one request: takes a place, sends, and gives both place and connection back."""

    __slots__ = ("_engine", "_request", "_response", "_span")

    def __init__(self, engine: HttpEngine, request: EngineRequest) -> None:
        self._engine = engine
        self._request = request
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> EngineReply:
        if self._request.urgency is Urgency.LIVE:
            self._engine._places.take()
        else:
            await self._engine._places.take_in_turn(self._request.urgency)
        self._span = self._engine.span(self._request)
        self._span.__enter__()
        try:
            with self._engine.silence.wait():
                self._response = await self._engine.send(self._request, self._span.headers())
        except (aiohttp.ClientError, TimeoutError) as error:
            failure = self._engine.failure(error)
            self._end(failure)
            raise failure from None
        except BaseException as error:
            self._end(error)
            raise
        self._span.note(status=self._response.status)
        return _HttpReply(self._engine, self._response, self._span)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(error)
        if self._response is not None and not self._response.closed:
            self._response.close()  # not at its end: the engine has to hear that nobody reads on

    def _end(self, error: BaseException | None) -> None:
        self._engine._places.give_back()
        self._span.__exit__(None, error, None)


class _HttpReply:
    """An answer over HTTP."""

    __slots__ = ("_engine", "_now_s", "_response", "_span", "_until_s", "headers", "status")

    def __init__(self, engine: HttpEngine, response: aiohttp.ClientResponse, of: span) -> None:
        self._span = of
        self._engine = engine
        self._response = response
        self._now_s = asyncio.get_running_loop().time
        self._until_s = self._now_s() + engine.answer_timeout_s
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    async def chunks(self) -> AsyncIterator[bytes]:
        read, silence = self._response.content.readany, self._engine.silence.wait()
        has_begun = False
        try:
            while True:
                with silence:
                    chunk = await read()
                if not chunk:
                    return
                if not has_begun:
                    has_begun = True
                    self._span.mark(FIRST_CHUNK)
                self._check_time()
                yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._engine.failure(error) from None

    async def read(self) -> bytes:
        try:
            engine = self._engine
            return await _bounded(self._response, ANSWER_BYTES_MAX, engine.name, engine.silence, self._check_time)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._engine.failure(error) from None

    def _check_time(self) -> None:
        if self._now_s() > self._until_s:
            raise self._engine.endless()


async def _bounded(
    response: aiohttp.ClientResponse,
    bytes_max: int,
    name: str,
    silence: TimeLimit,
    check_time: Callable[[], None] = lambda: None,
) -> bytes:
    """The whole body. Raises EngineUnreadable over `bytes_max`, and what `check_time` raises at each part."""
    if response.content.is_eof() and response.content.total_bytes <= bytes_max:  # it came in one with its head
        return response.content.read_nowait()
    parts: list[bytes] = []
    left = bytes_max
    wait = silence.wait()
    while True:
        with wait:
            chunk = await response.content.readany()
        if not chunk:
            break
        left -= len(chunk)
        check_time()
        if left < 0:
            raise EngineUnreadable(f"the answer of the engine {name} has over {bytes_max:,} bytes")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)
