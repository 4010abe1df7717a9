"""How large a request may be under a plan: what it sends, and what it may have written. Pure decisions for all doors.

What is sent is held to `context_tokens`. No token is shorter than a byte, so a text with no more bytes than that fits
without being counted; only what has more need be. What may be written is held to `output_tokens`: all answers of a
request together, so that asking for several (`n`, a list of prompts) is no way around it.

Numbers of tokens are whoever's calls this: an engine's own count, that of words and marks for a verification, or the
`estimate`, of which the messages say "about".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from inference.errors import BadInput, ContextTooLong

BYTES_PER_TOKEN = 4
"""On average, for the estimate: somewhat less in code and tables, somewhat more in English, three in Chinese."""

BYTES_PER_TOKEN_MAX = 32
"""On average, of any text that people write. One that would need more to fit is refused without being counted: else
megabytes of spaces cost an engine seconds."""

CHAT, COMPLETIONS, EMBEDDINGS = "chat/completions", "completions", "embeddings"
"""The paths of requests to engines."""

_OF_OUTPUT = ("max_completion_tokens", "max_tokens", "n_predict")
"""Every name under which an engine takes how much it may write. The last is llama.cpp's own."""

_READ_BY_ALL = "max_tokens"
_READ_IN_CHAT = "max_completion_tokens"

_KNOW_MAX_TOKENS_ALONE = frozenset({"library", "llamacpp"})
"""What Ollama and llama.cpp call the owner of their models. The newer name they pass over, or did so until lately."""

_ANSWERS = ("n", "best_of")
"""Names under which a request says how many answers it wants to a prompt."""

_READ_WITH_MESSAGES = ("tools", "functions", "documents", "chat_template", "chat_template_kwargs")
"""What else of a chat completion may be put before a model, such as by vLLM."""

GUARDED = frozenset(
    {*_OF_OUTPUT, *_ANSWERS, *_READ_WITH_MESSAGES, "messages", "prompt", "prompt_embeds", "suffix", "input", "model"}
    | {"stream", "stream_options"}
)
"""Names of what limits and usage go by."""

_OF_MEDIA = re.compile("image|audio|video|file")
"""In the type of a part of a message that is no text, or in its names."""

_WRITE_LITTLE = frozenset({"vllm", "sglang"})
"""Engines that keep OpenAI's default for completions, which is DEFAULT_OF_COMPLETIONS."""

DEFAULT_OF_COMPLETIONS = 16
"""Tokens, where a request does not say."""


NEARLY_ALL = 0.95
"""Of a model's context. A plan counts in thousands what a model has in 1,024s, or in 1,048,576s."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that a plan allows to requests for one model. None: any."""

    plan: str
    model: str
    context_tokens: int | None
    output_tokens: int | None

    def fits(self, size: int) -> bool:
        """Whether a text of this many bytes, characters or tokens fits, however it is cut into tokens."""
        return self.context_tokens is None or size <= self.context_tokens

    def is_hopeless(self, size: int) -> bool:
        """Whether a text of this many bytes is too long, however it is cut into tokens."""
        return self.context_tokens is not None and size > self.context_tokens * BYTES_PER_TOKEN_MAX

    def check_context(self, tokens: int, param: str, *, about: bool = False) -> None:
        """Raises ContextTooLong if `tokens`, counted or `about` so many, are too many."""
        if self.context_tokens is None or tokens <= self.context_tokens:
            return
        raise ContextTooLong(
            f"The request sends {'about ' if about else ''}{tokens:,} tokens of text; the plan {self.plan!r} of this "
            f"key allows {self.context_tokens:,} in a request to {self.model!r} (context_tokens). Send less, or ask "
            "whoever runs this server for another plan.",
            param,
        )

    def check_estimate(self, path: str, asked: Mapping[str, Any]) -> None:
        """Raises ContextTooLong if the text of `asked` is too long by the estimate, where nobody counts."""
        text = text_of(path, asked)
        if not self.fits(text.size):
            self.check_context(text.estimate, field_of(path), about=not text.is_tokens)

    def output_of(self, path: str, asked: Mapping[str, Any]) -> "Output | None":
        """What the request `asked` may write; None if that is left to the engine.

        Raises BadInput if it asks for more than the plan allows.
        """
        if self.output_tokens is None or path == EMBEDDINGS:
            return None
        self._check_answers(asked)
        answers = _answers(path, asked)
        least, most = 0 if path == COMPLETIONS else 1, self.output_tokens // answers
        told = {name: asked[name] for name in _OF_OUTPUT if asked.get(name) is not None}
        for name, value in told.items():
            if type(value) is not int or not least <= value <= most:  # what is none may be without a limit to an engine
                self._refuse_output(name, value, answers, most)
        if most < least or (most < 1 and not told):
            self._refuse_output(_name_for(path, ""), None, answers, most)
        return Output(most, told)

    def _check_answers(self, asked: Mapping[str, Any]) -> None:
        """Engines take "3" and 3.0 for numbers too."""
        for name in _ANSWERS:
            if (value := asked.get(name)) is not None and type(value) is not int:
                raise BadInput(
                    f"{name}: {value!r:.40} is no whole number, so it cannot be held to what the plan {self.plan!r} of "
                    "this key allows (output_tokens).",
                    name,
                )

    def _refuse_output(self, name: str, value: object, answers: int, most: int) -> None:
        each = f", {most:,} for each of {answers:,} answers" if answers > 1 else ""
        shown = "not given" if value is None else f"{value!r:.40}"
        raise BadInput(
            f"{name}: {shown}; the plan {self.plan!r} of this key allows {self.output_tokens:,} tokens of output in a "
            f"request to {self.model!r}{each} (output_tokens). Send a whole number within that, or ask whoever runs "
            "this server for another plan.",
            name,
        )


@dataclass(frozen=True, slots=True)
class Output:
    """What each answer of a request may have: `most` tokens, all told; `told` is what the request says itself."""

    most: int
    told: Mapping[str, int]

    def to_tell(self, path: str, owner: str) -> str | None:
        """The name under which the engine of models that are `owner`'s has to be told; None if it has been, or writes
        less by itself."""
        name = _name_for(path, owner)
        if name in self.told or _READ_BY_ALL in self.told:
            return None
        if path == COMPLETIONS and owner in _WRITE_LITTLE and self.most >= DEFAULT_OF_COMPLETIONS:
            return None
        return name

    @property
    def value(self) -> int:
        """What to tell: what the request says under a name that the engine passes over, or all that is allowed."""
        return self.told.get(_READ_IN_CHAT, self.most)

    def is_more_than(self, context_tokens: int) -> bool:
        """Whether a model that reads and writes no more than so many tokens cannot write much more than that anyway."""
        return self.value >= context_tokens * NEARLY_ALL


def _name_for(path: str, owner: str) -> str:
    return _READ_BY_ALL if path == COMPLETIONS or owner in _KNOW_MAX_TOKENS_ALONE else _READ_IN_CHAT


def check_names(asked: Mapping[str, Any]) -> None:
    """Raises BadInput for a field that some engines take for another, which is held to limits or counted: those that
    are written in Go, such as Ollama, read "Max_Tokens" as "max_tokens"."""
    for name in asked:
        if not (name.islower() and name.isascii()) and (meant := name.casefold()) in GUARDED:
            raise BadInput(f"{name!r:.40}: write this field as {meant!r}; engines read it in different ways.", meant)


def _answers(path: str, asked: Mapping[str, Any]) -> int:
    """How many answers are asked for."""
    many = max([1, *(value for name in _ANSWERS if type(value := asked.get(name)) is int)])
    if path != COMPLETIONS:
        return many
    prompts = (asked.get(name) for name in ("prompt", "prompt_embeds"))
    return many * max(1, sum(len(given) if isinstance(given, list) and not _is_one(given) else 0 for given in prompts))


@dataclass(frozen=True, slots=True)
class Text:
    """What a request sends, as far as it is text. `size` is its bytes, or its tokens where it is sent as tokens; with
    `more`, it also sends what is none, such as an image."""

    size: int
    is_tokens: bool = False
    more: bool = False

    @property
    def estimate(self) -> int:
        """Its tokens, about."""
        return self.size if self.is_tokens else -(-self.size // BYTES_PER_TOKEN)


def text_of(path: str, asked: Mapping[str, Any]) -> Text:
    """The text that `asked` sends to an engine: of a conversation all of it, else the longest. Raises BadInput for what
    is nested too deep to be measured."""
    if path == CHAT:
        return _conversation(asked)
    text = _one(longest_of(asked.get(field_of(path))))
    suffix = asked.get("suffix") if path == COMPLETIONS else None
    return Text(text.size + _one(suffix).size) if suffix else text


def field_of(path: str) -> str:
    """The field that holds what is sent."""
    return {CHAT: "messages", COMPLETIONS: "prompt", EMBEDDINGS: "input"}[path]


def longest_of(given: object) -> object:
    """Of a prompt or an input, which is one text or several, each a text or its tokens: what is longest of that which a
    model reads at once."""
    if not isinstance(given, list) or not given or _is_one(given):
        return given
    return max(given, key=lambda item: _one(item).size)


def _is_one(given: list[Any]) -> bool:
    """Whether a list is one text: its tokens. To llama.cpp there may be texts between them."""
    return any(isinstance(item, int) for item in given)


def _one(item: object) -> Text:
    if isinstance(item, str):
        return Text(_bytes(item))
    if isinstance(item, list):
        texts = [part for part in item if not isinstance(part, int)]
        return Text(len(item) - len(texts) + sum(map(_bytes_of_part, texts)), is_tokens=not texts)
    return Text(_bytes_of_json(item))


def _bytes_of_part(part: object) -> int:
    return _bytes(part) if isinstance(part, str) else _bytes_of_json(part)


def _conversation(asked: Mapping[str, Any]) -> Text:
    texts = [Text(_bytes_of_json(asked[name])) for name in _READ_WITH_MESSAGES if asked.get(name)]
    messages = asked.get("messages")
    for message in messages if isinstance(messages, list) else ():
        texts += _message(message) if isinstance(message, dict) else ()
    return Text(sum(text.size for text in texts), more=any(text.more for text in texts))


def _message(message: Mapping[str, Any]) -> Iterator[Text]:
    """Its role, its content, and whatever else it has, such as calls of tools."""
    content = message.get("content")
    yield from map(_part, content) if isinstance(content, list) else (_part(content),)
    role = message.get("role")
    yield Text(_bytes(role) if isinstance(role, str) else 0)
    rest = {name: value for name, value in message.items() if name not in ("role", "content")}
    yield Text(_bytes_of_json(rest) if rest else 0)


def _part(part: object) -> Text:
    """A piece of content. One of a kind that nobody here knows counts as what it is written with."""
    text = part.get("text") if isinstance(part, dict) else part
    if isinstance(text, str):
        return Text(_bytes(text))
    if isinstance(part, dict) and _OF_MEDIA.search(" ".join((str(part.get("type")), *part))):
        return Text(0, more=True)
    return Text(0 if part is None else _bytes_of_json(part))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def _bytes_of_json(value: object) -> int:
    try:
        return len(orjson.dumps(value))
    except TypeError as error:  # nested deeper than is written here, though it was read
        raise BadInput(f"the request cannot be measured: {error}; nest it less") from None
