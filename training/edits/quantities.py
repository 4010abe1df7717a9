"""Edits of how many and how often: stronger ones break a claim, weaker ones keep it."""

import random
import re

from training.edits.edit import Edited, asserts, put_word, says
from training.pairs import SUPPORTED, UNSUPPORTED

_AMOUNT = (
    r"(?<!how )(?<!as )(?<!so )(?<!too )(?<!a )(?<!the )(?<!very )(?<!not )(?<!at )(?<!after )(?<!above )(?<!\bof )"
)
_NO_NOUN = (
    "of the an? and or over but way time day night other about around along as at by for from in on to with who that"
    " which is was are were ha[sd] have will would can could may more two three four five six hundred thousand"
    " years months weeks days hours minutes times"
).replace(" ", "|")
_PLURAL = rf"(?= (?!(?:{_NO_NOUN})\b)[a-z]{{3,}})(?!-)"
_NUMBER = r"(?= (?:\d|two|three|four|five|six|seven|eight|nine|ten|twenty|half|a (?:hundred|thousand|million)))"
_FREQUENCY = r"(?<!more )(?<!most )(?<!not )(?!-)"
_STRONGER: list[tuple[str, list[str]]] = [
    (rf"{_AMOUNT}some{_PLURAL}", ["all", "no", "most"]),
    (rf"{_AMOUNT}many{_PLURAL}", ["few", "no", "all"]),
    (rf"{_AMOUNT}several{_PLURAL}", ["no", "all"]),
    (rf"{_AMOUNT}few{_PLURAL}", ["many", "all"]),
    (rf"{_AMOUNT}all{_PLURAL}", ["no", "few"]),
    (r"(?<!the )most(?= of )", ["all", "few"]),
    (r"(?:some|many|several)(?= of )", ["all", "none", "most"]),
    (r"all(?= of )", ["none", "few"]),
    (rf"often{_FREQUENCY}", ["never", "always", "rarely"]),
    (rf"sometimes{_FREQUENCY}", ["always", "never"]),
    (rf"usually{_FREQUENCY}", ["always", "never", "rarely"]),
    (rf"always{_FREQUENCY}", ["never"]),
    (rf"never{_FREQUENCY}(?! before\b)", ["always"]),
    (rf"rarely{_FREQUENCY}", ["often"]),
    (r"may(?= [a-z])(?! (?:not|have|also)\b)", ["must", "cannot"]),
    (r"might(?= [a-z])(?! (?:not|have|also)\b)", ["will"]),
    (rf"at least{_NUMBER}", ["at most"]),
    (rf"more than{_NUMBER}", ["less than"]),
    (rf"less than{_NUMBER}", ["more than"]),
    (rf"up to{_NUMBER}", ["at least"]),
    (rf"about{_NUMBER}", ["exactly"]),
    (r"partly", ["fully"]),
    (r"partially", ["completely"]),
]
_WEAKER: list[tuple[str, list[str]]] = [
    (rf"{_AMOUNT}all{_PLURAL}", ["some", "many", "most"]),
    (r"(?<!at )all(?= of )", ["some", "most"]),
    (rf"{_AMOUNT}many{_PLURAL}", ["some", "several"]),
    (rf"{_AMOUNT}several{_PLURAL}", ["some"]),
    (r"(?<!the )most(?= of )", ["some"]),
    (rf"always{_FREQUENCY}", ["sometimes", "often"]),
]


def _found(claim: str, table: list[tuple[str, list[str]]]) -> list[tuple[re.Match[str], list[str]]]:
    """Where the table applies: in lower case, or at the start, since elsewhere a capital begins a name or a month."""
    return [
        (match, news)
        for pattern, news in table
        for match in re.finditer(rf"\b{pattern}\b" if pattern[-1].isalpha() else rf"\b{pattern}", claim, re.I)
        if match.group().islower() or (not match.start() and match.group()[1:].islower())
    ]


def stronger(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "some" becomes "all", "may" becomes "must". Only of a word of the evidence: else that may say as much."""
    found = [
        (match, news)
        for match, news in _found(claim, _STRONGER)
        if says(evidence.lower(), match.group().lower()) and asserts(claim[: match.start()] + claim[match.end() :])
    ]
    if not found:
        return None
    match, news = rng.choice(found)
    return Edited(put_word(claim, match, rng.choice(news)), UNSUPPORTED, "quantity")


def weaker(rng: random.Random, claim: str, evidence: str) -> Edited | None:
    """ "all" becomes "some": what follows from the claim is supported too."""
    found = _found(claim, _WEAKER) if asserts(claim) else []
    if not found:
        return None
    match, news = rng.choice(found)
    return Edited(put_word(claim, match, rng.choice(news)), SUPPORTED, "weaker")
