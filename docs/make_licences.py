"""Writes docs/licences.md: under what licence each thing comes that ships with Touchstone. Run by `make licences`.

What is installed says so itself, in its metadata; NOTICE says it of weights and prompts that others made. What says
nothing that is understood here, or a licence that is not in ALLOWED, is an error that names it. What an operator adds
as an extra (PostgreSQL's driver, Ray, vLLM...) does not ship and is not listed.
"""

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).with_name("licences.md")

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "CNRI-Python",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-1.1",  # of files, like 2.0: nothing is asked of who uses them unchanged
        "MPL-2.0",
        "PSF-2.0",
        "Zlib",
    }
)
"""SPDX ids of licences that let anybody use, change and sell what Touchstone is part of."""

IN_OTHER_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "MIT, BSD": "MIT AND BSD-3-Clause",
    "The BSD 2-Clause License": "BSD-2-Clause",
}
"""What older metadata says in place of SPDX ids."""

ELSEWHERE = {
    "colorama": "BSD-3-Clause",
    "fasttext-predict-v2": "MIT",
    "httpx2-jsfetch": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
}
"""Packages of other systems and Pythons, which are not installed where the list is made. As the registry has it."""

HEAD = """# Licences of what ships

Made by `make licences`; a test holds it against `requirements.lock` and `NOTICE`. Touchstone itself, with the text of
the starter corpus, is licensed under Apache-2.0 (see `LICENSE`). Every licence below lets anybody use, change and sell
what comes under it.

## Packages

What `make install` installs, by `requirements.lock`. Extras are not listed: they do not ship.

| package | version | licence |
|---|---|---|
"""

MADE_BY_OTHERS = """
## Weights, and prompts that others wrote

As `NOTICE` has it, which also says what was changed, and on what data the weights were trained.

| what | where | licence |
|---|---|---|
"""


class Pin(NamedTuple):
    """A line of a lock file."""

    name: str
    version: str


def pins(lock: str) -> list[Pin]:
    """The packages that the text of a lock file pins, each as often as it does for different systems."""
    return [Pin(*found) for found in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", lock, re.MULTILINE)]


def licence_of(name: str) -> str:
    """The SPDX expression of a package. Raises ValueError for one that says nothing that is understood."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        if name in ELSEWHERE:
            return ELSEWHERE[name]
        raise ValueError(f"{name} is not installed: run `make install`, or say its licence in ELSEWHERE") from None
    for said in _said(about):
        expression = IN_OTHER_WORDS.get(said, said)
        if re.fullmatch(r"[\w.()+ -]+", expression) and set(_ids(expression)) <= _KNOWN:
            return expression
    raise ValueError(f"{name} comes under {list(_said(about))}, which is not understood: see IN_OTHER_WORDS")


_KNOWN = ALLOWED | {"GPL-2.0-only", "LGPL-2.1-or-later"}
"""Those that are understood; a package that offers one of these leaves another to choose."""


def _said(about: metadata.PackageMetadata) -> Iterator[str]:
    """What the metadata says, the clearest first."""
    for field in ("License-Expression", "License"):
        if field in about and about[field].strip():
            yield about[field].strip()
    for classifier in about.get_all("Classifier") or ():
        if classifier.startswith("License ::"):
            yield classifier.rpartition("::")[2].strip()


def _ids(expression: str) -> list[str]:
    return [word for word in re.findall(r"[\w.+-]+", expression) if word not in ("AND", "OR", "WITH")]


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression allows what ALLOWED does: all parts of an AND, or one of an OR."""
    while "(" in expression:
        expression = re.sub(r"\(([^()]*)\)", lambda group: _yes_or_no(is_allowed(group[1])), expression)
    return any(all(_is_one(part) for part in choice.split(" AND ")) for choice in expression.split(" OR "))


def _yes_or_no(allowed: bool) -> str:
    return "MIT" if allowed else "none"


def _is_one(part: str) -> bool:
    return part.strip() in ALLOWED


def made_by_others(notice: str) -> list[tuple[str, str, str]]:
    """Name, place and licence of each part in NOTICE."""
    found = []
    for part in re.split(r"\n(?=\S)", notice):
        fields = dict(re.findall(r"^ {4}(\w+): +(.+(?:\n {15}.+)*)", part, re.MULTILINE))
        if "Licence" in fields:
            where = " ".join(fields["Where"].split())
            found.append((part.splitlines()[0], where, re.split(r"[ ,.](?![0-9])", fields["Licence"])[0]))
    return found


def document() -> str:
    """The list. Raises ValueError for what may not ship, or is not understood."""
    rows = [(pin, licence_of(pin.name)) for pin in pins((ROOT / "requirements.lock").read_text())]
    others = made_by_others((ROOT / "NOTICE").read_text())
    named = [*((pin.name, licence) for pin, licence in rows), *((name, licence) for name, _, licence in others)]
    refused = [f"{name} ({licence})" for name, licence in named if not is_allowed(licence)]
    if refused:
        raise ValueError(f"these may not ship under their licences, or ALLOWED lacks one: {', '.join(refused)}")
    packages = "".join(f"| {pin.name} | {pin.version} | {licence} |\n" for pin, licence in rows)
    return HEAD + packages + MADE_BY_OTHERS + "".join(f"| {' | '.join(other)} |\n" for other in others)


if __name__ == "__main__":
    try:
        LIST.write_text(document(), encoding="utf-8")
    except ValueError as error:
        sys.exit(f"docs/licences.md was not written: {error}")
