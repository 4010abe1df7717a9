"""All checks, in the order in which they are shown."""

import asyncio

from server.doctor import accounts, batches, engines, evidence, gpu, judge, machine, models, ray, storage, vllm
from server.doctor.finding import Finding, Status
from server.settings import Settings


async def examine(settings: Settings, offline: bool = False) -> list[Finding]:
    """What every check found. Downloads nothing, and asks the web only if `offline` and the settings let it."""
    of_engines, served = await engines.engines(settings, offline)
    all_asked = all(finding.status in (Status.FINE, Status.OFF) for finding in of_engines)
    return [
        machine.python(),
        machine.processor(),
        machine.data_folder(settings.data_dir),
        await asyncio.to_thread(machine.port, settings),
        await asyncio.to_thread(judge.model, settings),
        await judge.trial(settings),
        await asyncio.to_thread(gpu.gpu, settings),
        await asyncio.to_thread(vllm.vllm, settings),
        *await models.models(settings, offline),
        *of_engines,
        engines.judge_model(settings, served, all_asked),
        await asyncio.to_thread(evidence.language),
        await asyncio.to_thread(evidence.starter, settings),
        await evidence.own_corpus(settings),
        await evidence.web(settings, offline),
        await storage.store(settings),
        await storage.blobs(settings),
        *await accounts.accounts(settings),
        batches.batches(settings),
        await ray.ray(settings),
    ]
