"""Reads a Dockerfile into its instructions, as far as ours needs it."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name in capitals, its flags, the rest."""

    name: str
    flags: tuple[str, ...]
    rest: str

    def words(self) -> list[str]:
        """The rest as words, from either form: a JSON array, or as a shell would cut it."""
        words: list[str] = json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)
        return words


def instructions(text: str) -> list[Instruction]:
    """The instructions in their order. Comments go first: they may stand between continued lines."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    logical = re.sub(r"\\\n", " ", "\n".join(lines)).splitlines()
    return [_instruction(line) for line in logical if line.strip()]


def stages(all_instructions: list[Instruction]) -> list[list[Instruction]]:
    """The instructions of each stage, from its FROM on."""
    starts = [i for i, item in enumerate(all_instructions) if item.name == "FROM"]
    return [all_instructions[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


def pairs(stage: list[Instruction], name: str) -> dict[str, str]:
    """The `KEY=value` pairs of a stage's ENV or LABEL."""
    return dict(word.split("=", 1) for item in stage if item.name == name for word in item.words())


def _instruction(line: str) -> Instruction:
    name, _, rest = line.strip().partition(" ")
    flags = []
    while (rest := rest.lstrip()).startswith("--"):
        flag, _, rest = rest.partition(" ")
        flags.append(flag)
    return Instruction(name.upper(), tuple(flags), rest.rstrip())
