"""What one check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """`OFF` and `SKIPPED` are nobody's fault: a setting or a flag wants it so."""

    FINE = "fine"
    WRONG = "wrong"
    OFF = "off"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`detail` is for a person, `facts` for a program; `remedy` says what to do where something is wrong."""

    name: str
    status: Status
    detail: str
    remedy: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def fine(name: str, detail: str, /, **facts: object) -> Finding:
    return Finding(name, Status.FINE, detail, facts=facts)


def wrong(name: str, detail: str, remedy: str, /, **facts: object) -> Finding:
    return Finding(name, Status.WRONG, detail, remedy, facts)
