"""Why a key that an operator chose is too weak to stand between a server and a network. Pure.

It finds what people and examples write, not what an attacker could work out: a key of random characters passes, and
nothing else is promised to. What it says never holds the key.
"""

import itertools
import re

KEY_CHARS_MIN = 16
"""Of a key: 16 random hex digits have 64 bits, which nobody tries out over a network."""

DIFFERENT_CHARS_MIN = 5
"""In a key: 16 random hex digits have fewer than that once in two million times."""

SEQUENCE_SHARE_MAX = 3 / 4
"""Of the steps from one character to the next, those that count up, down or stay: random hex digits have a fifth."""

_PLACEHOLDERS = frozenset(
    """
    a abc abcd abcdef access admin and anonymous any api apikey apitoken auth authorization bar baz bearer
    change changeit changeme default demo dev development dummy empty enter example fake fill foo goes hello
    here hunter id in insert is it key keys kluster klusterai letmein litellm lm local localhost loopback
    master me my mykey needed new no none not null ollama on openai or p pass passwd password passwort paste
    placeholder please proj put qwerty qwertyuiop rd real replace root sample secret secretkey secrets server
    service sk some ssw string studio super supersecret test testing testkey the this todo token touchstone
    tsk tsm undefined unused use user value very vllm w welcome with world x xx xxx xxxx you your
    """.split()  # noqa: SIM905  as a list it fills two pages
)
"""Words that a key made of nothing else was never meant to be one, such as YOUR_API_KEY or not-needed-on-loopback."""

_WORD = re.compile(r"[a-z]+|[0-9]+")
_PREFIX = re.compile(r"^(?:sk|pk|tsk|tsm|key|api|token)(?:[-_](?:proj|test|live))?[-_]", re.IGNORECASE)
_REPEATED = re.compile(r"(.+?)\1+", re.DOTALL)
_SHORT_NUMBER_DIGITS = 4
_WORD_CHARS_MIN = 3  # random digits have an "a" between numbers now and then


def why_weak(key: str) -> str | None:
    """What is wrong with `key`, to be read after "it"; None if nothing is."""
    if not (key.isascii() and key.isprintable()) or " " in key:
        return "holds blanks or characters that no header carries"
    if _is_placeholder(key):
        return "is a placeholder or a default that others know too"
    if len(key) < KEY_CHARS_MIN:
        return f"is too short: fewer than {KEY_CHARS_MIN} characters"
    rest = _PREFIX.sub("", key)
    if len(set(rest)) < DIFFERENT_CHARS_MIN:
        return f"has too few different characters: fewer than {DIFFERENT_CHARS_MIN}"
    if _is_sequence(rest):
        return "is mostly a sequence, such as 1234"
    if _REPEATED.fullmatch(rest):
        return "is one text over and over"
    return None


def _is_placeholder(key: str) -> bool:
    words = _WORD.findall(key.lower())
    says_something = any(word.isalpha() and len(word) >= _WORD_CHARS_MIN for word in words)
    return says_something and all(word in _PLACEHOLDERS or _is_plain_number(word) for word in words)


def _is_plain_number(word: str) -> bool:
    return word.isdigit() and (len(word) <= _SHORT_NUMBER_DIGITS or _is_sequence(word))


def _is_sequence(text: str) -> bool:
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(text)]
    even = sum(abs(step) <= 1 or step == ord("0") - ord("9") for step in steps)
    return bool(steps) and even / len(steps) > SEQUENCE_SHARE_MAX
