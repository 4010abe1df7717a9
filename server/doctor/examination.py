"""All checks, in the order in which they are shown."""

import asyncio

from server.doctor import evidence, judge, machine
from server.doctor.finding import Finding
from server.settings import Settings


async def examine(settings: Settings, offline: bool = False) -> list[Finding]:
    """What every check found. Downloads nothing, and asks the web only if `offline` and the settings let it."""
    return [
        machine.python(),
        machine.processor(),
        machine.data_folder(settings.data_dir),
        await asyncio.to_thread(machine.port, settings),
        await asyncio.to_thread(judge.model, settings),
        await judge.trial(settings),
        await asyncio.to_thread(evidence.language),
        await asyncio.to_thread(evidence.starter, settings),
        await evidence.own_corpus(settings),
        await evidence.web(settings, offline),
    ]
