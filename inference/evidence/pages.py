"""Reads one web page within bounds and gives its text.

The link may be hostile: it may lead into a private network, redirect for ever, send without end, or hold a page on
which the parser works for minutes. Each of these ends in PageUnreadable. A page is read whole or not at all. No cookie
is kept and nothing is sent but the request.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from inference.evidence.abandonable import AbandonableThreads
from inference.evidence.checked_transport import CheckedTransport, MayConnect, system_addresses
from inference.evidence.html_text import HtmlText, html_text
from inference.evidence.public_address import may_connect as may_connect_publicly

PAGE_S = 10.0
"""Seconds for one page, from the name to the text. What takes longer is not worth a person's wait."""

CONNECT_S, READ_S = 4.0, 5.0
"""Seconds for a connection, and for the next bytes on it."""

PAGE_BYTES_MAX = 3 * 1024 * 1024
"""Bytes. The longest encyclopedia articles are just below two million."""

PAGE_TAGS_MAX = 100_000
"""Tags. The parser takes up to 50 microseconds for one, and holds up everything else meanwhile: five seconds at most.
Long articles have some forty thousand."""

REDIRECTS_MAX = 5
"""Redirects followed. To https, to www, to a language, and some to spare."""

PAGES_AT_ONCE = 8
"""Pages read at the same time, and threads that parse them."""

USER_AGENT = "Touchstone (self-hosted fact checker; reads single pages that a person's search found)"

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_TEXT_TYPES = _HTML_TYPES | {"text/plain"}
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": ", ".join(sorted(_TEXT_TYPES)),
    "Accept-Encoding": "identity",  # Compressed pages could unpack to a thousand times their size between two looks.
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, and where it was found in the end."""

    link: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class _Download:
    link: str
    media_type: str
    charset: str | None
    body: bytes


class PageUnreadable(Exception):
    """The page gave no text, or must not be read; says why."""


class PageReader:
    """Reads pages from the public internet. The arguments are for what is not the public internet: tests."""

    def __init__(
        self,
        *,
        resolve: Callable[[str, int], Sequence[str]] = system_addresses,
        may_connect: MayConnect = may_connect_publicly,
        page_s: float = PAGE_S,
    ) -> None:
        self._resolve = resolve
        self._may_connect = may_connect
        self._page_s = page_s
        self._turn = asyncio.Semaphore(PAGES_AT_ONCE)
        self._resolvers = AbandonableThreads(PAGES_AT_ONCE)
        self._parsers = AbandonableThreads(PAGES_AT_ONCE)
        self._tls: ssl.SSLContext | None = None

    async def read(self, link: str) -> Page:
        """The page at `link`. Raises PageUnreadable."""
        try:
            async with asyncio.timeout(self._page_s), self._turn:
                download = await self._download(link)
                found = await self._parsers.run(lambda: _readable(download))
        except TimeoutError:
            raise PageUnreadable(f"it took longer than {self._page_s:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise PageUnreadable(str(error) or type(error).__name__) from error
        if not found.text:
            raise PageUnreadable("no readable text was found on it")
        return Page(download.link, found.title, found.text)

    async def _download(self, link: str) -> _Download:
        async with self._client() as client:
            url = httpx.URL(link)
            for _ in range(REDIRECTS_MAX + 1):
                _check_url(url)
                async with client.stream("GET", url) as response:
                    if response.next_request is None:
                        return await _received(response)
                    url = response.next_request.url
        raise PageUnreadable(f"it redirects more than {REDIRECTS_MAX} times")

    def _client(self) -> httpx.AsyncClient:
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)  # Here, since it reads the certificates from disk.
        return httpx.AsyncClient(
            transport=CheckedTransport(self._addresses, self._may_connect, self._tls),
            headers=_HEADERS,
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,  # They are followed by hand, each checked as the first link was.
            trust_env=False,  # A proxy or a password from the environment is meant for other requests than these.
        )

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        return await self._resolvers.run(lambda: self._resolve(host, port))


def _check_url(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise PageUnreadable("only http and https links are read")
    if url.userinfo:
        raise PageUnreadable("links with a password are not read")


async def _received(response: httpx.Response) -> _Download:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if response.status_code != 200:
        raise PageUnreadable(f"HTTP status {response.status_code}")
    if media_type not in _TEXT_TYPES:
        raise PageUnreadable(f"it is {media_type or 'of unknown type'}, not a text")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise PageUnreadable("it is compressed, although that was not asked for")
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > PAGE_BYTES_MAX:
            raise PageUnreadable(f"it is larger than {PAGE_BYTES_MAX // 1024**2} MiB")
    return _Download(str(response.url), media_type, response.charset_encoding, bytes(body))


def _readable(download: _Download) -> HtmlText:
    body = _decoded(download.body, download.charset)
    if download.media_type in _HTML_TYPES:
        if download.body.count(b"<") > PAGE_TAGS_MAX:
            raise PageUnreadable(f"it has more than {PAGE_TAGS_MAX:,} tags")
        return html_text(body)
    return HtmlText("", (body if isinstance(body, str) else body.decode("utf-8", "replace")).strip())


def _decoded(body: bytes, charset: str | None) -> str | bytes:
    """`body` in the encoding that the server names; as it is if that is missing or unknown."""
    try:
        return body.decode(charset, "replace") if charset else body
    except LookupError:
        return body
