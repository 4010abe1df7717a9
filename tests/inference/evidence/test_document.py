"""The document that a caller gives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from inference.evidence.document import DocumentRetriever
from inference.verdict import SourceKind

LONG = "".join(f"Rule {number} says that department {number} closes at {number} o'clock. " for number in range(2_000))


@asynccontextmanager
async def retriever_for(document: str) -> AsyncIterator[DocumentRetriever]:
    retriever = DocumentRetriever(document)
    try:
        yield retriever
    finally:
        await retriever.aclose()


async def test_a_small_document_is_given_whole_and_in_order() -> None:
    document = "Volcanoes erupt. " * 100
    async with retriever_for(document) as retriever:
        passages = await retriever.retrieve("glaciers", 8)
    assert passages[0].start == 0
    assert [passage.start for passage in passages] == sorted(passage.start for passage in passages)
    assert passages[-1].start + len(passages[-1].text) == len(document.rstrip())


async def test_the_right_place_of_a_long_document_is_found() -> None:
    async with retriever_for(LONG) as retriever:
        passages = await retriever.retrieve("Department 1234 closes at noon.", 3)
    assert len(passages) == 3
    assert "department 1234 closes" in passages[0].text


async def test_a_passage_is_verbatim_and_knows_its_place() -> None:
    async with retriever_for(LONG) as retriever:
        for passage in await retriever.retrieve("rule 77", 8):
            assert LONG[passage.start : passage.start + len(passage.text)] == passage.text
            assert (passage.kind, passage.title, passage.link) == (SourceKind.DOCUMENT, "document", "")


async def test_the_beginning_is_given_when_nothing_matches() -> None:
    async with retriever_for(LONG) as retriever:
        passages = await retriever.retrieve("volcano", 4)
    assert [passage.start for passage in passages] == sorted(passage.start for passage in passages)
    assert passages[0].start == 0
    assert len(passages) == 4


async def test_a_blank_document_has_no_passages() -> None:
    async with retriever_for(" \n ") as retriever:
        assert await retriever.retrieve("anything", 5) == []


async def test_passages_have_different_ids() -> None:
    async with retriever_for(LONG) as retriever:
        passages = await retriever.retrieve("rule", 50)
    assert len({passage.id for passage in passages}) == 50


async def test_many_claims_at_once_share_one_index() -> None:
    async with retriever_for(LONG) as retriever:
        answers = await asyncio.gather(*(retriever.retrieve(f"department {n}", 2) for n in range(100, 140)))
    assert all(f"department {n} " in answer[0].text for n, answer in zip(range(100, 140), answers, strict=True))


async def test_a_claim_that_gives_up_does_not_spoil_the_others() -> None:
    async with retriever_for(LONG) as retriever:
        first = asyncio.create_task(retriever.retrieve("rule 5", 1))
        await asyncio.sleep(0)
        first.cancel()
        assert len(await retriever.retrieve("rule 6", 1)) == 1


async def test_a_document_with_null_bytes_and_lone_surrogates_can_be_searched() -> None:
    async with retriever_for("\0 \ud800 strange but true. " + LONG) as retriever:
        assert await retriever.retrieve("strange \ud800", 1)


async def test_a_document_that_was_never_asked_can_be_closed() -> None:
    await DocumentRetriever("text").aclose()
