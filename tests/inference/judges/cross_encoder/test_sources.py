"""Passages put together by where they come from."""

from hypothesis import given
from hypothesis import strategies as st

from inference.evidence.document import document_passages
from inference.judges.cross_encoder.sources import UNIT_CHARS_MAX, sources_of
from inference.verdict import Passage, SourceKind

SENTENCES = [f"Sentence number {number} speaks of topic {number}." for number in range(80)]


def test_a_document_is_one_source_in_its_order_and_overlaps_are_read_once() -> None:
    passages = document_passages(" ".join(SENTENCES))
    assert len(passages) > 2
    (source,) = sources_of(list(reversed(passages)))
    assert [sentence.text for sentence in source.sentences] == SENTENCES


def test_every_other_passage_is_a_source_with_its_title() -> None:
    passages = [
        Passage(id=str(number), text=f"Fact {number}.", kind=SourceKind.CORPUS, title=f"T{number}")
        for number in range(3)
    ]
    assert [(s.title, s.sentences[0].text) for s in sources_of(passages)] == [
        ("T0", "Fact 0."),
        ("T1", "Fact 1."),
        ("T2", "Fact 2."),
    ]


def test_a_passage_without_text_is_no_source() -> None:
    assert sources_of([Passage(id="1", text=" \n", kind=SourceKind.CORPUS)]) == []


@given(st.text(alphabet="ab .\n,|", max_size=2_000))
def test_quotes_are_verbatim_and_nothing_is_left_out(text: str) -> None:
    passage = Passage(id="1", text=text, kind=SourceKind.CORPUS)
    found = [unit for source in sources_of([passage]) for unit in source.sentences]
    assert all(text[unit.span.start : unit.span.end] == unit.text and unit.text.strip() for unit in found)
    assert all(len(unit.text) <= UNIT_CHARS_MAX for unit in found)
    assert "".join("".join(unit.text for unit in found).split()) == "".join(text.split())
