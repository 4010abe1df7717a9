"""The name of a model on the Hugging Face hub, as a setting gives it: `hub:ORG/NAME` or `hub:ORG/NAME@REVISION`.

The prefix is asked for so that nothing is ever downloaded because a folder was misspelt. Pure.
"""

import re
from dataclasses import dataclass
from typing import Self

HUB_PREFIX = "hub:"

_PART = r"[A-Za-z0-9](?:[\w.-]*\w)?"
_FORM = re.compile(rf"({_PART}/{_PART})(?:@({_PART}(?:/{_PART})*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class HubId:
    """A model on the hub. `revision` is a branch, a tag or a commit; empty for the newest."""

    repository: str
    revision: str = ""

    @classmethod
    def parse(cls, setting: str) -> Self | None:
        """None if `setting` does not begin with the prefix. Raises ValueError if what follows it is no name."""
        if not setting.startswith(HUB_PREFIX):
            return None
        found = _FORM.fullmatch(setting.removeprefix(HUB_PREFIX))
        if found is None or ".." in setting:
            raise ValueError(
                f"{setting!r} names no model of the hub; write {HUB_PREFIX}ORG/NAME or {HUB_PREFIX}ORG/NAME@REVISION"
            )
        return cls(found[1], found[2] or "")

    @property
    def name(self) -> str:
        """How it is named to people, and as the judge."""
        return f"{self.repository}@{self.revision}" if self.revision else self.repository

    @property
    def folder_name(self) -> str:
        """The name of the folder that holds the local copy."""
        return self.name.replace("/", "--")
