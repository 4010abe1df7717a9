"""Bespoke-MiniCheck-7B, by Bespoke Labs: judges whether a document bears out a claim. Says Yes or No.

Its smaller relatives (RoBERTa, DeBERTa) are classifiers: see `classifier.py`.
"""

import re

from inference.engine.language_model import Ask, ModelAnswer, Turn
from inference.judges.profiles.names import MINICHECK
from inference.judges.profiles.probability import probability_of
from inference.judges.profiles.profile import Case, Finding, PromptProfile, filled
from inference.prompts.data import as_plain_data
from inference.prompts.prompt import load_prompt

ANSWER_TOKENS_MAX = 16
"""It takes one; where the answer is bound by a schema, as engines other than vLLM do it, the JSON around it as well."""

ALTERNATIVES = 20
"""Likely tokens asked for: what vLLM gives at most."""

DELIMITERS = ("Document:", "Claim:")

_ANSWER = re.compile(r'\A[\s"]*(yes|no)["\s.]*\Z', re.IGNORECASE)


def _turns(case: Case) -> tuple[Turn, ...]:
    prompt = load_prompt("minicheck")
    plain = Case("", as_plain_data(case.claim, DELIMITERS), as_plain_data(case.document, DELIMITERS))
    return (Turn("system", prompt["system"]), Turn("user", filled(prompt["user"], plain)))


def _ask(case: Case, bound: bool) -> Ask:
    return Ask(_turns(case), ANSWER_TOKENS_MAX, choices=("Yes", "No") if bound else (), alternatives=ALTERNATIVES)


def _read(answer: ModelAnswer) -> Finding | None:
    """None if the answer is neither word."""
    found = _ANSWER.match(answer.text)
    if found is None:
        return None
    probability = probability_of(answer, found.start(1), "yes", "no")
    return Finding(found[1].lower() == "yes" if probability is None else probability >= 0.5, probability)


def minicheck() -> PromptProfile:
    """The profile of the 7B model."""
    return PromptProfile(MINICHECK, "Bespoke-MiniCheck", load_prompt("minicheck"), _ask, _read, _turns)
