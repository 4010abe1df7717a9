"""What a judge profile is: how a model that was trained to judge is asked, and what its answer means. Values only.

Such a model judges one claim against one document and says faithful or not. The text of its prompt is part of what it
was trained on, so a profile changes nothing in it, and holds no prompt of ours.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from inference.engine.language_model import Ask, ModelAnswer, Turn
from inference.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Case:
    """One claim against one document. `question` is what was asked; it may be empty. Texts as they came."""

    question: str
    claim: str
    document: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the model answered: whether the claim is faithful to the document, and with which probability, 0 to 1.

    `probability` is None if the engine tells none.
    """

    faithful: bool
    probability: float | None


@dataclass(frozen=True, slots=True)
class PromptProfile:
    """A model that is asked in a conversation. All functions are pure.

    `ask` makes what is asked; the second argument is whether the answer is bound to the readable ones, as it is when
    the first could not be read. `read` is None for an answer that says neither. `counted` are turns that hold all that
    the ask holds, for counting tokens; `template_tokens` what the model's own template adds beyond them. With `tried` a
    model is first asked about two claims whose answers are known: for models whose template has to be told what to look
    for, which an engine may ignore without a word.
    """

    name: str
    title: str
    prompt: Prompt
    ask: Callable[[Case, bool], Ask]
    read: Callable[[ModelAnswer], Finding | None]
    counted: Callable[[Case], tuple[Turn, ...]]
    template_tokens: int = 0
    tried: bool = False


@dataclass(frozen=True, slots=True)
class ClassifierProfile:
    """A classifier of pairs of texts behind vLLM's pooling API. `separator` is what stands between the two texts where
    they go as one; empty leaves it to the model's tokenizer. `english` is whether it reads English alone."""

    name: str
    title: str
    separator: str = ""
    english: bool = True


JudgeProfile = PromptProfile | ClassifierProfile

_PLACEHOLDER = re.compile(r"\{(question|claim|document)\}")


def filled(template: str, case: Case) -> str:
    """`template` with the parts of `case` in their places. Braces inside a part are text like any other."""
    parts = {"question": case.question, "claim": case.claim, "document": case.document}
    return _PLACEHOLDER.sub(lambda found: parts[found[1]], template)
