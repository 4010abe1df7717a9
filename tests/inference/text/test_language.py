"""Which language a text is in. To take English for foreign is the worse mistake."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from harness import REPOSITORY

from inference.text.language import CHARS_MAX, language_of

SENTENCES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("other_languages.toml").read_text())
MISSED_MAX = 1
"""Of the twelve sentences of a language. A missed one is judged like English; most often it comes out undecided."""

TOO_LITTLE = [
    "Paris", "Gustave Eiffel", "42 days", "El Niño", "de facto", "Der Spiegel", "La Casa de Papel", "Charles de Gaulle",
    "Gilbert du Motier, Marquis de Lafayette", "Ludwig van Beethoven and Johann Wolfgang von Goethe",
    "Владимир Путин", "李小龙", "アルベルト・アインシュタイン",
    "$1,580", "", "…", "Amt:7116GBP Date:22May25 Due:21Jun25",
]  # fmt: skip
ENGLISH = [
    "La Niña and El Niño are phases of one climate pattern.",
    "He said \"je ne sais pas ce que tu veux\" and left.",
    "The motto of France is liberté, égalité, fraternité.",
    "The Russian title of the novel is Война и мир.",
    "Lenovo's native name is 联想集团有限公司.",
    "The chef prepared crème brûlée and a soufflé for the fiancée.",
    "György Ligeti worked at the Hochschule für Musik und Theater in Hamburg.",
    "Aqua regia is a mixture of nitric acid and hydrochloric acid.",
    "E. coli, S. aureus et al. are gram-negative or gram-positive bacteria.",
    "Musculus sternocleidomastoideus and musculus trapezius",
    "SELECT name, total FROM orders WHERE total > 100 ORDER BY name;",
    "def area(radius): return math.pi * radius ** 2",
    "See https://de.wikipedia.org/wiki/Der_Turm_und_die_Stadt for the tower.",
    "| Name | Height |\n|---|---|\n| Eiffel Tower | 330 m |",
    "Teh tower wsa biult in 1889 adn opned teh smae yaer.",
    "THE MONTHLY RENT IS 1,580 DOLLARS AND IT IS DUE ON THE FIRST DAY.",
    "the great wall is not visible from the moon with the naked eye",
    "Genre: hard rock; glam rock; heavy metal",
    "Eve met Adam in the Garden of Eden.",
    "Mars 2020 sent astronauts to walk on Mars.",
    "Can the tenant sublet?",
    "The tower is in Paris.",
    "Take 5 ml per os b.i.d., pro re nata, post cibum.",
]  # fmt: skip


def foreign(text: str) -> bool:
    return language_of(text) not in ("English", None)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("language", list(SENTENCES))
def test_full_sentences_of_other_languages_are_named(language: str) -> None:
    named = [language_of(sentence) for sentence in SENTENCES[language]]
    assert set(named) <= {language, "English", None}
    assert named.count(language) >= len(named) - MISSED_MAX, named


@pytest.mark.parametrize("language", list(SENTENCES))
def test_a_paragraph_is_named_in_every_language(language: str) -> None:
    assert language_of(" ".join(SENTENCES[language])) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Київ є столицею України і найбільшим містом.", "Ukrainian"),
        ("تهران پایتخت ایران است و جمعیت زیادی دارد.", "Persian"),
        ("Η Αθήνα είναι η πρωτεύουσα της Ελλάδας.", "Greek"),
        ("서울은 대한민국의 수도이며 인구가 가장 많다.", "Korean"),
        ("ירושלים היא עיר הבירה של מדינת ישראל.", "Hebrew"),
        ("GPT-4とClaudeはOpenAIとAnthropicが開発した言語モデルです。", "Japanese"),
    ],
)
def test_the_letters_decide_before_the_words(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", TOO_LITTLE)
def test_names_numbers_and_single_words_tell_nothing(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_never_foreign_for_a_name_a_quotation_a_mistake_or_code(text: str) -> None:
    assert not foreign(text)


@pytest.mark.parametrize("text", ["The tower opened in 1889 and is made of iron.", *ENGLISH[:1]])
def test_plain_english_is_called_english(text: str) -> None:
    assert language_of(text) == "English"


def test_nothing_of_the_starter_corpus_and_of_the_first_tries_is_foreign() -> None:
    files = [*REPOSITORY.glob("inference/evidence/starter/*.jsonl"), *REPOSITORY.glob("tests/acceptance/*.jsonl")]
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    texts = [text for line in lines for text in strings(line)]
    assert len(texts) > 3_000
    assert [text for text in texts if foreign(text) and text != "Ich bin ein Berliner"] == []


def test_only_the_start_of_a_text_is_read() -> None:
    english = "The tower is in Paris and it is tall. " * 20
    assert len(english) > CHARS_MAX
    assert language_of(english + " ".join(SENTENCES["Russian"])) == "English"


@pytest.mark.parametrize("text", ["\x00" * 500, "\ufdd0" * 9, "🎉" * 200, "́" * 400, "`" * 399, '"' * 401, "a" * 10_000])
def test_odd_text_tells_nothing_and_breaks_nothing(text: str) -> None:
    assert not foreign(text)
