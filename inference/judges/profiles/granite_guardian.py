"""Granite Guardian, by IBM: judges whether a text holds a risk. The risk asked for is that it is not grounded in its
document, so its Yes is our No.

Three forms, by version. To 3.2 the model's chat template takes the name of the risk and a message of the role
"context"; 3.3 takes the name of a criterion and a list of documents; 4.1 takes the criterion as a last message. 3.3 and
4.1 can think first, at hundreds of tokens a claim; they are asked for the score alone.

An engine whose template is not the model's own (Ollama) or that drops `chat_template_kwargs` would have it look for
harm, of which a plain claim holds none: everything would be found grounded. Therefore the model is tried first.
"""

import re
from collections.abc import Callable
from typing import Any

from inference.engine.language_model import Ask, ModelAnswer, Turn
from inference.judges.profiles.names import GRANITE_GUARDIAN_3_2, GRANITE_GUARDIAN_3_3, GRANITE_GUARDIAN_4_1
from inference.judges.profiles.probability import probability_of
from inference.judges.profiles.profile import Case, Finding, PromptProfile
from inference.prompts.data import as_plain_data
from inference.prompts.prompt import load_prompt

ANSWER_TOKENS_MAX = 48
"""A word, and the tags or the word on its confidence that some versions put around it."""

ALTERNATIVES = 20
"""Likely tokens asked for: what vLLM gives at most."""

TEMPLATE_TOKENS = 512
"""For the instruction and the definition of the risk in the model's own template: some 250 tokens."""

DELIMITERS = ("Context:", "Assistant Message:", "User Message:", "###")

_TITLE = "Granite Guardian"
_PROMPT = "granite_guardian"
_WORD = re.compile(r"\A\s*(yes|no)[\s.]*(?:<confidence>\s*\w+\s*</confidence>)?\s*\Z", re.IGNORECASE)
_SCORE = re.compile(r"\A\s*(?:<think>.*?</think>)?\s*<score>\s*(yes|no)\s*</score>\s*\Z", re.IGNORECASE | re.DOTALL)

_WORDS = ("Yes", "No")
_SCORES = ("<score> yes </score>", "<score> no </score>")
_THOUGHT_SCORES = ("<think>\n</think><score> yes </score>", "<think>\n</think><score> no </score>")


def _claim(case: Case) -> Turn:
    return Turn("assistant", as_plain_data(case.claim, DELIMITERS))


def _document(case: Case) -> str:
    return as_plain_data(case.document, DELIMITERS)


def _documents(case: Case) -> list[dict[str, str]]:
    return [{"doc_id": "0", "text": _document(case)}]


def _turns_3_2(case: Case) -> tuple[Turn, ...]:
    return (Turn("context", _document(case)), _claim(case))


def _ask_3_2(case: Case, bound: bool) -> Ask:
    risk = load_prompt(_PROMPT)["risk"]
    return _asking(_turns_3_2(case), _WORDS if bound else (), {"guardian_config": {"risk_name": risk}})


def _ask_3_3(case: Case, bound: bool) -> Ask:
    config = {"criteria_id": load_prompt(_PROMPT)["criterion"]}
    arguments = {"guardian_config": config, "documents": _documents(case), "think": False}
    return _asking((_claim(case),), _SCORES if bound else (), arguments)


def _turns_4_1(case: Case) -> tuple[Turn, ...]:
    return (_claim(case), Turn("user", load_prompt(_PROMPT)["judge"]))


def _ask_4_1(case: Case, bound: bool) -> Ask:
    return _asking(_turns_4_1(case), _THOUGHT_SCORES if bound else (), {"documents": _documents(case)})


def _asking(turns: tuple[Turn, ...], choices: tuple[str, ...], arguments: dict[str, Any]) -> Ask:
    return Ask(turns, ANSWER_TOKENS_MAX, choices=choices, alternatives=ALTERNATIVES, template_arguments=arguments)


def _counted_3_3(case: Case) -> tuple[Turn, ...]:
    return (Turn("user", _document(case)), _claim(case))


def _counted_4_1(case: Case) -> tuple[Turn, ...]:
    return (Turn("user", _document(case)), *_turns_4_1(case))


def _reading(form: re.Pattern[str]) -> Callable[[ModelAnswer], Finding | None]:
    def read(answer: ModelAnswer) -> Finding | None:
        """None if the answer has another form, or was cut off."""
        found = form.match(answer.text) if answer.complete else None
        if found is None:
            return None
        probability = probability_of(answer, found.start(1), "no", "yes")
        return Finding(found[1].lower() == "no" if probability is None else probability >= 0.5, probability)

    return read


def _profile(
    name: str, ask: Callable[[Case, bool], Ask], form: re.Pattern[str], counted: Callable[[Case], tuple[Turn, ...]]
) -> PromptProfile:
    prompt = load_prompt(_PROMPT)
    return PromptProfile(name, _TITLE, prompt, ask, _reading(form), counted, TEMPLATE_TOKENS, tried=True)


def granite_guardian_3_2() -> PromptProfile:
    """Versions 3.0, 3.1 and 3.2."""
    return _profile(GRANITE_GUARDIAN_3_2, _ask_3_2, _WORD, _turns_3_2)


def granite_guardian_3_3() -> PromptProfile:
    """Version 3.3."""
    return _profile(GRANITE_GUARDIAN_3_3, _ask_3_3, _SCORE, _counted_3_3)


def granite_guardian_4_1() -> PromptProfile:
    """Version 4.1."""
    return _profile(GRANITE_GUARDIAN_4_1, _ask_4_1, _SCORE, _counted_4_1)
