"""How much a request sends to an engine, as far as it is text: its bytes, and about how many tokens that is. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from inference.errors import BadInput
from server.accounts.asked_fields import CHAT, COMPLETIONS, EMBEDDINGS, READ_WITH_MESSAGES

BYTES_PER_TOKEN = 4
"""On average, for the estimate: somewhat less in code and tables, somewhat more in English, three in Chinese."""

_OF_MEDIA = re.compile("image|audio|video|file")
"""In the type of a part of a message that is no text, or in its names."""


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
    if not isinstance(given, list) or not given or is_one_text(given):
        return given
    return max(given, key=lambda item: _one(item).size)


def is_one_text(given: list[Any]) -> bool:
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
    texts = [Text(_bytes_of_json(asked[name])) for name in READ_WITH_MESSAGES if asked.get(name)]
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
