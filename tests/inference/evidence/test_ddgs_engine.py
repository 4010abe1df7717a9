"""One engine asked through the real `ddgs`, against a server on this machine."""

import socket

import pytest

from inference.evidence.ddgs_engine import DdgsEngine
from inference.evidence.polite_search import ENGINE_NAMES
from inference.evidence.search_engine import (
    SearchEngineError,
    SearchHit,
    SearchRefused,
    SearchTimeout,
    SearchUnreachable,
    SearchUnreadable,
)
from tests.inference.evidence.local_web import Answer, LocalWeb

RESULTS = b"""<html><body><input value="eiffel tower height"><div class="result results_links">
<div class="links_main result__body body"><h2 class="result__title"><a>Eiffel Tower</a></h2>
<a class="result__snippet" href="https://example.org/eiffel">It is 330 metres tall.</a></div></div></body></html>"""

LIMIT_S = 60

NOTHING = b'<html><body><input name="q" value="eiffel tower height"><p>No results.</p></body></html>'


def engine(web: LocalWeb, timeout_s: int = LIMIT_S) -> DdgsEngine:
    return DdgsEngine("duckduckgo", search_url=web.url("/html/"), timeout_s=timeout_s)


def test_results_are_read(web: LocalWeb) -> None:
    web.answers["/html/"] = Answer(RESULTS)
    assert engine(web).ask("eiffel tower height") == [
        SearchHit("Eiffel Tower", "https://example.org/eiffel", "It is 330 metres tall.")
    ]
    assert "eiffel" in web.asked[0].body


def test_a_page_without_results_means_that_nothing_was_found(web: LocalWeb) -> None:
    web.answers["/html/"] = Answer(NOTHING)
    assert engine(web).ask("eiffel tower height") == []


@pytest.mark.parametrize("status", [202, 403, 429])
def test_a_refusal_is_told_from_nothing_found(web: LocalWeb, status: int) -> None:
    web.answers["/html/"] = Answer(RESULTS, status=status)
    with pytest.raises(SearchRefused, match=str(status)):
        engine(web).ask("eiffel tower height")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html><body>Are you a robot?</body></html>"),
        Answer(b"\x00\xff\xfe garbage"),
        Answer(b""),
        Answer(b"<html><body>Oops</body></html>", status=500),
        Answer(RESULTS, status=404),
    ],
)
def test_a_page_that_is_no_page_of_results_is_unreadable(web: LocalWeb, answer: Answer) -> None:
    web.answers["/html/"] = answer
    with pytest.raises(SearchUnreadable):
        engine(web).ask("eiffel tower height")


def test_an_engine_that_hangs_is_given_up(web: LocalWeb) -> None:
    web.answers["/html/"] = Answer(hangs=True)
    with pytest.raises(SearchTimeout):
        engine(web, timeout_s=1).ask("eiffel tower height")


def test_an_engine_that_cannot_be_reached_is_told_apart() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = DdgsEngine("duckduckgo", search_url=f"http://127.0.0.1:{unused.getsockname()[1]}/")
        with pytest.raises(SearchUnreachable):
            closed.ask("eiffel tower height")


def test_every_engine_that_is_asked_by_default_is_known_to_ddgs(web: LocalWeb) -> None:
    for name in ENGINE_NAMES:
        web.decide = lambda _: Answer(status=429)
        with pytest.raises(SearchEngineError):
            DdgsEngine(name, search_url=web.url("/"), timeout_s=LIMIT_S).ask("eiffel tower height")
    assert web.asked
