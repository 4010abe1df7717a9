"""Reading a page from a real server on this machine, which the reader is told to take for a public one."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from inference.evidence.pages import PAGE_BYTES_MAX, PAGE_TAGS_MAX, REDIRECTS_MAX, Page, PageReader, PageUnreadable
from tests.inference.evidence.local_web import Answer, LocalWeb

ARTICLE = (
    "<html><head><title>Old Lighthouse</title></head><body><nav>Home</nav><article><p>{}</p></article></body></html>"
)
LIMIT_S = 60.0
TEXT = "The lighthouse at Kalvo was built in 1871. It has been closed to visitors since a storm in 1994. " * 5


@pytest.fixture
def tls_names() -> Iterator[tuple[int, list[str | None]]]:
    """The port of a server that notes the names in TLS greetings and has no certificate to answer with; the names."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _, name, __: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener, context), daemon=True)
        thread.start()
        yield listener.getsockname()[1], names
        thread.join(20)


def greet(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        context.wrap_socket(connection, server_side=True)


def reader(
    resolve: Callable[[str, int], Sequence[str]] = lambda host, port: ["127.0.0.1"], page_s: float = LIMIT_S
) -> PageReader:
    return PageReader(resolve=resolve, may_connect=lambda address, port: address == "127.0.0.1", page_s=page_s)


def page_of(text: str = TEXT) -> Answer:
    return Answer(ARTICLE.format(text).encode())


def redirect_to(url: str) -> Answer:
    return Answer(status=302, headers={"Location": url})


async def test_the_text_and_title_of_a_page_are_read(web: LocalWeb) -> None:
    web.answers["/a"] = page_of()
    page = await reader().read(web.url("/a"))
    assert page.title == "Old Lighthouse"
    assert "built in 1871" in page.text
    assert "Home" not in page.text


async def test_a_plain_text_is_read_as_it_is(web: LocalWeb) -> None:
    web.answers["/a"] = Answer("Größe: 3 m".encode("latin-1"), headers={"Content-Type": "text/plain; charset=latin-1"})
    assert await reader().read(web.url("/a")) == Page(web.url("/a"), "", "Größe: 3 m")


async def test_a_page_in_another_encoding_is_read(web: LocalWeb) -> None:
    body = ARTICLE.format("Der Fährmann wohnt in Überlingen. " * 10).encode("latin-1")
    web.answers["/a"] = Answer(body, headers={"Content-Type": "text/html; charset=iso-8859-1"})
    assert "Fährmann" in (await reader().read(web.url("/a"))).text


async def test_the_reader_says_who_it_is_and_sends_the_name_of_the_host(web: LocalWeb) -> None:
    web.answers["/a"] = page_of()
    await reader().read(web.url("/a", host="pages.example"))
    (asked,) = web.asked
    assert asked.headers["User-Agent"].startswith("Touchstone")
    assert asked.headers["Host"] == f"pages.example:{web.port}"


async def test_a_redirect_is_followed_without_a_cookie(web: LocalWeb) -> None:
    web.answers["/a"] = Answer(status=301, headers={"Location": "/b", "Set-Cookie": "who=you; Path=/"})
    web.answers["/b"] = page_of()
    assert (await reader().read(web.url("/a"))).link == web.url("/b")
    assert "Cookie" not in web.asked[1].headers


async def test_redirects_are_followed_only_so_often(web: LocalWeb) -> None:
    web.decide = lambda asked: redirect_to(asked.path + "x")
    with pytest.raises(PageUnreadable, match="redirects"):
        await reader().read(web.url("/a"))
    assert len(web.asked) == REDIRECTS_MAX + 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"gone", status=404), "404"),
        (Answer(b"%PDF", headers={"Content-Type": "application/pdf"}), "application/pdf"),
        (Answer(b"?", headers={}), "unknown type"),
        (Answer(b"x" * (PAGE_BYTES_MAX + 1)), "larger than"),
        (Answer(b"<p>a" * (PAGE_TAGS_MAX + 1)), "tags"),
        (Answer(b"x", headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}), "compressed"),
        (Answer(b""), "no readable text"),
        (Answer(b"<html><body><script>x()</script></body></html>"), "no readable text"),
        (redirect_to("ftp://pages.example/a"), "only http"),
        (redirect_to("file:///etc/passwd"), "only http"),
        (redirect_to("http://[half"), "."),
    ],
)
async def test_what_is_no_readable_page_is_an_error(web: LocalWeb, answer: Answer, reason: str) -> None:
    web.answers["/a"] = answer
    with pytest.raises(PageUnreadable, match=reason):
        await reader().read(web.url("/a"))


@pytest.mark.parametrize(
    "link", ["", "javascript:alert(1)", "file:///etc/passwd", "http://", "http://u:p@pages.example/"]
)
async def test_only_plain_web_links_are_read(link: str) -> None:
    with pytest.raises(PageUnreadable):
        await reader().read(link)


async def test_a_server_that_hangs_is_given_up(web: LocalWeb) -> None:
    web.answers["/a"] = Answer(hangs=True)
    with pytest.raises(PageUnreadable, match="took longer"):
        await reader(page_s=0.2).read(web.url("/a"))


async def test_a_name_that_never_resolves_is_given_up() -> None:
    answer = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        answer.wait(20)
        return []

    try:
        with pytest.raises(PageUnreadable, match="took longer"):
            await reader(hang, page_s=0.05).read("http://pages.example/")
    finally:
        answer.set()


async def test_a_name_without_an_address_is_an_error() -> None:
    with pytest.raises(PageUnreadable, match="no address"):
        await PageReader(page_s=LIMIT_S).read("http://no-such-host.invalid/")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_this_machine_is_never_read_under_any_of_its_names(web: LocalWeb, host: str) -> None:
    web.answers["/a"] = page_of()
    everywhere_but_ports = PageReader(page_s=LIMIT_S)
    with pytest.raises(PageUnreadable):
        await everywhere_but_ports.read(f"http://{host}/a")
    with pytest.raises(PageUnreadable):
        await everywhere_but_ports.read(f"http://{host}:{web.port}/a")
    assert web.asked == []


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "0xa9fea9fe", "2852039166", "[fd00:ec2::254]", "[::ffff:a9fe:a9fe]"),  # metadata of clouds
        *("0177.0.0.1", "0.0.0.0", "[::]", "127.0.0.1.", "LOCALHOST", "%31%32%37.0.0.1"),
        *("10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fe80::1]", "[fc00::1]"),
        *("[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "224.0.0.1", "[ff02::1]"),
    ],
)
async def test_no_inner_address_is_connected_to_however_it_is_written(host: str, web: LocalWeb) -> None:
    """Whatever the resolver of this system makes of it; one that makes nothing of it is as good."""
    with pytest.raises(PageUnreadable, match=r"not read from|has no address|[Ii]nvalid"):
        await PageReader(page_s=LIMIT_S).read(f"http://{host}/latest/meta-data/")
    assert web.asked == []


async def test_a_name_that_leads_to_this_machine_is_refused(web: LocalWeb) -> None:
    for addresses in (["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:10.0.0.1"]):
        with pytest.raises(PageUnreadable, match="not read from"):
            await PageReader(resolve=lambda host, port, found=addresses: found).read("http://pages.example/")  # type: ignore[misc]


async def test_a_redirect_to_a_refused_address_is_refused(web: LocalWeb) -> None:
    web.answers["/a"] = redirect_to(web.url("/secret", host="inside.example"))
    web.answers["/secret"] = page_of()
    inside = {"pages.example": ["127.0.0.1"], "inside.example": ["127.0.0.2"]}
    with pytest.raises(PageUnreadable, match=r"inside\.example leads to an address"):
        await reader(lambda host, port: inside[host]).read(web.url("/a", host="pages.example"))
    assert [asked.path for asked in web.asked] == ["/a"]


async def test_a_name_that_changes_its_address_after_the_check_gains_nothing(web: LocalWeb) -> None:
    web.answers["/a"] = page_of()
    asked_for: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked_for.append(host)
        return ["127.0.0.1"] if len(asked_for) == 1 else ["10.0.0.1"]

    await reader(rebinding).read(web.url("/a", host="pages.example"))
    assert asked_for == ["pages.example"]


async def test_the_next_address_is_tried_when_one_does_not_answer(web: LocalWeb) -> None:
    web.answers["/a"] = page_of()
    reading = PageReader(resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"], may_connect=lambda address, port: True)
    assert "1871" in (await reading.read(web.url("/a", host="pages.example"))).text


async def test_a_proxy_from_the_environment_is_not_used(web: LocalWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web.answers["/a"] = page_of()
    assert await reader().read(web.url("/a"))


async def test_the_certificate_is_asked_for_under_the_name_in_the_link(tls_names: tuple[int, list[str | None]]) -> None:
    port, names = tls_names
    with pytest.raises(PageUnreadable):
        await reader().read(f"https://pages.example:{port}/")
    assert names == ["pages.example"]


@pytest.mark.parametrize(
    "markup", ["<div>" * 20_000, "<a " * 20_000, "&" * 500_000, "<!--" * 20_000, "<table><tr>" * 10_000]
)
async def test_hostile_markup_ends_in_a_text_or_an_error(web: LocalWeb, markup: str) -> None:
    web.answers["/a"] = Answer(markup.encode())
    with contextlib.suppress(PageUnreadable):
        assert (await reader().read(web.url("/a"))).text
