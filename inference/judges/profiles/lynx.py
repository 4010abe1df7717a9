"""Lynx, by Patronus AI: judges whether an answer to a question is faithful to a document. Says why, then PASS or FAIL.

The claim stands in the place of the answer. What Lynx gives as its reasoning is not passed on: it is free text in which
a quote need not be one.
"""

import re

import orjson

from inference.engine.language_model import Ask, ModelAnswer, Turn
from inference.judges.profiles.names import LYNX
from inference.judges.profiles.probability import probability_of
from inference.judges.profiles.profile import Case, Finding, PromptProfile, filled
from inference.prompts.data import as_plain_data
from inference.prompts.prompt import load_prompt
from inference.text.shorten import ends_of

ANSWER_TOKENS_MAX = 1024
"""Its reasoning is some sentences long; the examples of its authors allow 600."""

ALTERNATIVES = 10
"""Likely tokens asked for at each place of the answer: the spellings of two words. vLLM gives 20 at most."""

QUESTION_CHARS_MAX = 2_000
"""Characters of the question that are shown: of a longer one, such as a whole conversation, its beginning and its end.
It is only the setting; what it says counts for nothing."""

DELIMITERS = ("--", "BACKGROUND INFORMATION):", "QUESTION:", "DOCUMENT:", "ANSWER:", '"SCORE"', '"REASONING"')

SCHEMA = {
    "type": "object",
    "properties": {
        "REASONING": {"type": "array", "items": {"type": "string"}},
        "SCORE": {"type": "string", "enum": ["PASS", "FAIL"]},
    },
    "required": ["REASONING", "SCORE"],
    "additionalProperties": False,
}
"""Its answer as its authors describe it, for the second time of asking; the first is left free, as it was trained."""

_KEY = re.compile(r"""["']SCORE["']\s*:""")
_SCORE = re.compile(r"""[,{]\s*["']SCORE["']\s*:\s*["']?(PASS|FAIL)["']?\s*\}?\s*(?:```)?\s*\Z""")
"""At the end, as a field of its own. The models at times leave out a quotation mark or the last brace."""


def _plain(case: Case) -> Case:
    question = ends_of(case.question, QUESTION_CHARS_MAX)
    return Case(*(as_plain_data(text, DELIMITERS) for text in (question, case.claim, case.document)))


def _turns(case: Case) -> tuple[Turn, ...]:
    return (Turn("user", filled(load_prompt("lynx")["user"], _plain(case))),)


def _ask(case: Case, bound: bool) -> Ask:
    return Ask(_turns(case), ANSWER_TOKENS_MAX, schema=SCHEMA if bound else None, alternatives=ALTERNATIVES)


def _read(answer: ModelAnswer) -> Finding | None:
    """None if there is no score at the end, or more than one, or the JSON says something else."""
    found = _SCORE.search(answer.text)
    if (
        not answer.complete
        or found is None
        or len(_KEY.findall(answer.text)) != 1
        or not _agrees(answer.text, found[1])
    ):
        return None
    probability = probability_of(answer, found.start(1), "pass", "fail")
    return Finding(found[1] == "PASS" if probability is None else probability >= 0.5, probability)


def _agrees(text: str, score: str) -> bool:
    """Whether the answer, if it is JSON, says `score` where it should."""
    try:
        answered = orjson.loads(text)
    except orjson.JSONDecodeError:
        return True
    return isinstance(answered, dict) and answered.get("SCORE") == score


def lynx() -> PromptProfile:
    """The profile, for versions 1.0 and 1.1 of either size."""
    return PromptProfile(LYNX, "Lynx", load_prompt("lynx"), _ask, _read, _turns)
