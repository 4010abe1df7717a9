"""Where sentences end, and where a mark does not end one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.text.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris is big. Rome is old.", ["Paris is big.", "Rome is old."]),
        ("Is it big? Yes! It is.", ["Is it big?", "Yes!", "It is."]),
        ("it is in paris. it is old.", ["it is in paris.", "it is old."]),
        ("it opened in 1912. martinez won ! lena left .", ["it opened in 1912.", "martinez won !", "lena left ."]),
        ("he said `` i won . '' the crowd left .", ["he said `` i won . ''", "the crowd left ."]),
        ("mr . holt met dr . lee .", ["mr . holt met dr . lee ."]),
        ("First.\n\nSecond", ["First.", "Second"]),
        ("Vitamin C. It is good.", ["Vitamin C.", "It is good."]),
        ("He moved to the U.S. The house is big.", ["He moved to the U.S.", "The house is big."]),
        ("We met at 5 p.m. Everyone came.", ["We met at 5 p.m.", "Everyone came."]),
        ("地球是圆的。太阳很大！", ["地球是圆的。", "太阳很大！"]),
        ("**Done.** Next one.", ["**Done.**", "Next one."]),
        ("Amt: 5 GBP\nDate: 22 May\nDue: 21 June", ["Amt: 5 GBP", "Date: 22 May", "Due: 21 June"]),
        ("Wait... The end.", ["Wait...", "The end."]),
        ("- one\n- two", ["- one", "- two"]),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith and Mrs. Jones met at 5 p.m. in the hall.",
        "It lives in the U.S. and in the U.K. today.",
        "The U.S. Congress met in Washington, D.C. yesterday.",
        "J. K. Rowling and George R. R. Martin write.",
        "Use a tool, e.g. a hammer, i.e. something hard.",
        "Pi is 3.14 and the price is $1,234.56 today.",
        "See No. 5 and Fig. 2 on p. 12 of vol. 3.",
        "It stands on Main St. near the river.",
        "Visit https://example.com/a.b?c=d for more.",
        'He said "Stop. Now." and left.',
        "The tower (built in 1889. It is old) is tall.",
        "It was ... well ... old.",
        "Apple Inc. was founded by Steve Jobs.",
        "It was born on Jan. 5 of that year.",
        "The tower stands in the city of\nParis, France.",
        "The tower stands\nin Paris.",
    ],
)
def test_abbreviations_numbers_and_quotes_do_not_end_a_sentence(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize("text", ["", " \n\t ", "\n\n\n"])
def test_a_blank_text_has_no_sentences(text: str) -> None:
    assert sentences(text) == []


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(list(".!?。\n\"'()* aAU1")))))
def test_sentences_hold_every_character_that_is_not_blank(text: str) -> None:
    found = sentences(text)
    ends = [0, *[span.end for span in found]]
    starts = [*[span.start for span in found], len(text)]
    assert all(not text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] != "" for span in found)
    assert all(end <= start for end, start in zip(ends, starts, strict=True))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The body makes vitamin D. Sunlight helps.", 2),
        ("Mercury is nearest to the Sun. Venus comes next.", 2),
        ("It was written by J. K. Rowling in 1997.", 1),
        ("They chose plan B. Costs fell.", 2),
    ],
)
def test_a_letter_that_names_a_kind_ends_a_sentence_and_an_initial_does_not(text: str, count: int) -> None:
    assert len(sentences(text)) == count
