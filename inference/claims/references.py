"""A pronoun in a question, replaced by the noun that the conversation gave before: "How tall is it?" after "Where is
the Eiffel Tower?" asks how tall the Eiffel Tower is. Where no noun before fits, the question stays as it is."""

import re
from collections.abc import Iterable

from inference.claims.pronouns import agrees, possessive

_PRONOUN = re.compile(
    r"\b(?:(?P<subject>it|he|she|they|him|them|her(?! \w))|(?P<owner>its|his|their|her(?= \w)))\b", re.I
)
_SUBJECT_OF = {"him": "he", "them": "they", "her": "she", "its": "it", "his": "he", "their": "they"}
_EMPTY_IT = re.compile(
    r"\bit (?:really |actually |ever |always |still |also |not )*(?:true|false|correct|right|possible|impossible|safe|"
    r"legal|illegal|okay|ok|wrong|normal|common|necessary|important|better|worth|bad|good|healthy|dangerous|hard|easy|"
    r"raining|snowing|rain|snow|take|took|mean|matter|like|that|to)\b",
    re.I,
)


def standalone(question: str, nouns: Iterable[str]) -> str:
    """`question` with its first pronoun replaced by the first of `nouns`, nearest first, that can stand for it."""
    found = _PRONOUN.search(question)
    if found is None or _EMPTY_IT.search(question):
        return question
    word = found.group().lower()
    pronoun = _SUBJECT_OF.get(word, word)
    noun = next((noun for noun in nouns if noun and agrees(pronoun, noun)), None)
    if noun is None:
        return question
    return question[: found.start()] + (possessive(noun) if found["owner"] else noun) + question[found.end() :]
