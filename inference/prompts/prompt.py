"""Prompts as data: one TOML file each, versioned by the hash of its bytes.

A prompt is words of ours alone. What a caller, a document or a page says never gets into it: that goes into a message
of its own, as JSON (`data.py`). So the hash in a verdict's provenance says exactly what the judge was told.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. `sections` are its keys and texts; `sha256` is of the whole file, as hexadecimal digits."""

    name: str
    sections: dict[str, str]
    sha256: str

    def __getitem__(self, section: str) -> str:
        return self.sections[section]


@lru_cache
def load_prompt(name: str) -> Prompt:
    """The prompt in `NAME.toml` of this package. Every key holds a text."""
    content = resources.files("inference.prompts").joinpath(f"{name}.toml").read_bytes()
    return Prompt(name, tomllib.loads(content.decode()), hashlib.sha256(content).hexdigest())
