"""Which models to start, and with which arguments of the user's: read out of the settings' texts. Pure.

Raises SettingsError, naming the setting, for what cannot be meant.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.errors import SettingsError

_NAMED = re.compile(r"([^=/\\]+)=(.+)", re.DOTALL)
OURS_ALONE = frozenset({"--host", "--port", "--uds", "--api-key", "--ssl-keyfile", "--ssl-certfile", "--headless"})
"""Arguments of vLLM that say how it is reached. With one of the user's it would start, and never be found."""

_SECTION = re.compile(r"\[(.+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model to start: `source` is a folder or a Hugging Face id, `name` what callers ask for."""

    name: str
    source: str

    @property
    def is_folder(self) -> bool:
        """Whether the model lies in a folder here. Looks at the disk."""
        return Path(self.source).expanduser().is_dir()


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter to load, and the name under which callers ask for it."""

    name: str
    folder: Path


def read_models(texts: Sequence[str]) -> tuple[ModelSpec, ...]:
    """Each text is NAME=FOLDER_OR_ID, an id, or a folder, whose last part becomes the name."""
    specs = tuple(map(_read_model, texts))
    names = [spec.name for spec in specs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SettingsError(f"setting model: two models are called {twice!r}; name one of them with NAME={twice}")
    return specs


def _read_model(text: str) -> ModelSpec:
    named = _NAMED.fullmatch(text)
    if named:
        return ModelSpec(named[1].strip(), _source(named[2].strip()))
    source = _source(text)
    name = Path(source).resolve().name if _is_path(text) else text
    if not name:
        raise SettingsError(f"setting model = {text!r}: this folder has no name; give one with NAME=FOLDER")
    return ModelSpec(name, source)


def missing_folder(spec: ModelSpec) -> bool:
    """Whether the model is meant to lie in a folder, and there is none."""
    return spec.source.startswith(("/", ".")) and not spec.is_folder


def _source(text: str) -> str:
    return str(Path(text).expanduser()) if _is_path(text) else text


def _is_path(text: str) -> bool:
    """An id looks like ORG/NAME or NAME; what is there as a folder, or begins like a path, is one."""
    return text.startswith(("/", "~", ".")) or Path(text).is_dir()


def read_adapters(texts: Sequence[str]) -> tuple[Adapter, ...]:
    """Each text is NAME=FOLDER."""
    found = []
    for text in texts:
        named = _NAMED.fullmatch(text)
        if not named:
            raise SettingsError(f"setting lora = {text!r}: give each adapter as NAME=FOLDER")
        found.append(Adapter(named[1].strip(), Path(named[2].strip()).expanduser().resolve()))
    return tuple(found)


def read_arguments(text: str, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The user's arguments for each of the models `names`.

    They are split as a shell splits them. Those after a word `[NAME]` are for that model alone, those before the first
    such word for all. None of them may be one of OURS_ALONE.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise SettingsError(f"setting vllm_args = {text!r}: {error}") from None
    found: dict[str, list[str]] = {name: [] for name in names}
    meant = list(names)
    for word in words:
        flag = word.partition("=")[0].replace("_", "-")  # vLLM takes --api_key too
        if flag in OURS_ALONE:
            raise SettingsError(f"setting vllm_args: {flag} is for the server alone to set; leave it out")
        section = _SECTION.fullmatch(word)
        if not section:
            for name in meant:
                found[name].append(word)
        elif section[1] in found:
            meant = [section[1]]
        elif not word.startswith(("[{", '["')):  # a list in JSON is an argument like any other
            raise SettingsError(
                f"setting vllm_args: there is no model {section[1]!r} to give arguments to; "
                f"models are {', '.join(names) or 'none'}"
            )
        else:
            for name in meant:
                found[name].append(word)
    return {name: tuple(arguments) for name, arguments in found.items()}
