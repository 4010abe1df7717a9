"""The web as a source of evidence, with scripted engines and real pages from a server on this machine."""

import asyncio

import pytest

from inference.errors import SearchFailed
from inference.evidence.pages import PageReader
from inference.evidence.polite_search import PoliteSearch
from inference.evidence.search_engine import SearchHit, SearchRefused
from inference.evidence.web import PAGES_READ_MAX, QUERY_CHARS_MAX, WebSearch
from inference.verdict import SourceKind
from tests.inference.evidence.local_web import Answer, LocalWeb

LIMIT_S = 60.0
PAGE = """<html><head><title>Kalvo</title></head><body><article><p>Kalvo is an island with four villages, one harbour
and a school. Its people live from fishing and from visitors in the summer.</p><p>The lighthouse at Kalvo was built in
1871. It has been closed to visitors since a storm in 1994, in which its lamp was lost.</p></article></body></html>"""


class Engine:
    """An engine that always finds the same."""

    name = "engine"

    def __init__(self, *hits: SearchHit) -> None:
        self.hits = list(hits)
        self.asked: list[str] = []

    def ask(self, query: str) -> list[SearchHit]:
        self.asked.append(query)
        return self.hits


def search_of(engine: Engine) -> WebSearch:
    pages = PageReader(resolve=lambda host, port: [host], may_connect=lambda address, port: True, page_s=LIMIT_S)
    return WebSearch(PoliteSearch([engine]), pages)


async def test_the_text_of_a_page_is_found_with_its_link_and_title(web: LocalWeb) -> None:
    web.answers["/kalvo"] = Answer(PAGE.encode())
    engine = Engine(SearchHit("Kalvo island", web.url("/kalvo"), "An island."))
    passages = await search_of(engine).retrieve("The lighthouse at Kalvo was built in 1850.", 5)
    assert "built in\n1871" in passages[0].text or "built in 1871" in passages[0].text
    assert (passages[0].kind, passages[0].title, passages[0].link) == (
        SourceKind.WEB,
        "Kalvo island",
        web.url("/kalvo"),
    )


async def test_a_page_that_cannot_be_read_still_gives_its_snippet(web: LocalWeb) -> None:
    hit = SearchHit("Kalvo", web.url("/missing"), "The lighthouse at Kalvo was built in 1871.")
    (passage,) = await search_of(Engine(hit)).retrieve("The lighthouse at Kalvo was built in 1850.", 5)
    assert passage.text == hit.snippet
    assert passage.link == hit.link


async def test_nothing_found_is_an_empty_answer() -> None:
    assert await search_of(Engine()).retrieve("lighthouse", 5) == []


async def test_a_search_that_failed_is_an_error() -> None:
    class Refusing(Engine):
        def ask(self, query: str) -> list[SearchHit]:
            raise SearchRefused("202")

    with pytest.raises(SearchFailed, match="refuse"):
        await search_of(Refusing()).retrieve("lighthouse", 5)


async def test_only_the_best_few_pages_are_read(web: LocalWeb) -> None:
    hits = [SearchHit("Kalvo", web.url(f"/{number}"), f"lighthouse {number}") for number in range(10)]
    passages = await search_of(Engine(*hits)).retrieve("lighthouse", 20)
    assert len(passages) == 10
    assert sorted(asked.path for asked in web.asked) == [f"/{number}" for number in range(PAGES_READ_MAX)]


async def test_claims_that_lead_to_the_same_page_share_one_reading(web: LocalWeb) -> None:
    web.answers["/kalvo"] = Answer(PAGE.encode())
    source = search_of(Engine(SearchHit("Kalvo", web.url("/kalvo"), "An island.")))
    await asyncio.gather(*(source.retrieve(f"The lighthouse at Kalvo {number}", 5) for number in range(5)))
    assert len(web.asked) == 1


async def test_links_that_are_no_web_links_are_passed_over() -> None:
    engine = Engine(SearchHit("x", "javascript:alert(1)", "lighthouse"), SearchHit("x", "", "lighthouse"))
    assert await search_of(engine).retrieve("lighthouse", 5) == []


async def test_a_long_claim_is_searched_for_by_its_beginning() -> None:
    engine = Engine()
    await search_of(engine).retrieve("lighthouse " * 200, 5)
    assert [len(asked) for asked in engine.asked] == [QUERY_CHARS_MAX]


async def test_passages_have_different_ids(web: LocalWeb) -> None:
    web.answers["/kalvo"] = Answer(PAGE.replace("fishing", "fishing. " + "Boats fish near Kalvo. " * 200).encode())
    passages = await search_of(Engine(SearchHit("Kalvo", web.url("/kalvo"), "Kalvo"))).retrieve("Kalvo fish", 20)
    assert len(passages) > 2
    assert len({passage.id for passage in passages}) == len(passages)
