"""Puts the parts together: from settings to a verifier, opened and closed with the server."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from inference.admission import Admission
from inference.blobs.room import Room
from inference.encoder.embedder import Embedder
from inference.engine.address import is_elsewhere
from inference.engine.child.child_engine import ChildEngine
from inference.engine.engine import Engine
from inference.engine.engines import Engines
from inference.engine.places import Places
from inference.engine.tokenizers import Tokenizers
from inference.errors import EngineUnavailable, TouchstoneError
from inference.evidence.corpus import Corpus
from inference.evidence.queries import QueryWriter
from inference.evidence.retriever import Retriever
from inference.evidence.starter import StarterRetriever
from inference.judges.judge import Judge
from inference.live_work import LiveWork
from server.accounts.accounts import Accounts, build_accounts
from server.accounts.usage_figures import UsageFigures
from server.judging import ON_THE_CPU_MAX, Judging, advice, chosen_judging
from server.observe.logs import log_action
from server.observe.metrics import Metrics
from server.observe.tracing import Tracing
from server.observe.watching import Watching
from server.settings import Settings
from server.storage import Storage, build_storage, open_storage
from tools.batches import Batches
from tools.embed import TextEmbedding
from tools.files import Files
from tools.uploads import Uploads
from tools.verify import Verifier

_REMOTE = "what is sent to its models leaves this network, and what they judge too: prompts, responses, documents"

JUDGE_ASKED_S = 2.0
"""Seconds between two looks at whether the engine of the judge is up."""


@dataclass(frozen=True, slots=True)
class House:
    """What the endpoints share. Building it does no I/O; `open_house` does."""

    settings: Settings
    metrics: Metrics
    live: LiveWork
    watching: Watching
    verifier: Verifier
    embedding: TextEmbedding
    corpus: Corpus
    engines: Engines
    tokenizers: Tokenizers
    storage: Storage
    accounts: Accounts
    batches: Batches
    files: Files
    uploads: Uploads


def build_house(
    settings: Settings,
    judge: Judge | None = None,
    retrievers: tuple[Retriever, ...] | None = None,
    embedder: Embedder | None = None,
    engines: Engines | None = None,
    queries: QueryWriter | None = None,
) -> House:
    """The house that `settings` describe. The other arguments replace the parts that the settings name."""
    corpus = Corpus(settings.corpus_file)
    embedder = embedder or Embedder()
    metrics = Metrics()
    engines = engines or Engines(_engines(settings, metrics))
    storage = build_storage(settings)
    room = None if settings.blobs_url else Room(settings.blobs_dir, settings.disk_free_bytes_min)
    files = Files(storage.files, storage.blobs, settings.file_bytes_max, room=room)
    judging = Judging(judge) if judge else chosen_judging(settings, engines, metrics)
    accounts = build_accounts(settings, storage.database)
    metrics.registry.register(UsageFigures(accounts.meter))
    # A line of its own: a long list of texts must not make verifications wait.
    for_embeddings = Admission(settings.running_max or ON_THE_CPU_MAX, settings.waiting_max, "requests for embeddings")
    for_verifications = Admission(settings.running_max or judging.running_max, settings.waiting_max)
    for kind, line in (("embeddings", for_embeddings), ("verifications", for_verifications)):
        metrics.watch_line(kind, partial(getattr, line, "running"), partial(getattr, line, "waiting"))
    return House(
        settings=settings,
        metrics=metrics,
        live=LiveWork(),
        watching=Watching(metrics, Tracing(settings)),
        corpus=corpus,
        engines=engines,
        tokenizers=Tokenizers(),
        storage=storage,
        accounts=accounts,
        batches=Batches(storage.batches, storage.files, settings.batches_max),
        files=files,
        uploads=Uploads(storage.uploads, files, settings.upload_part_bytes_max),
        embedding=TextEmbedding(
            embedder,
            for_embeddings,
            settings.verify_timeout_s,
        ),
        verifier=Verifier(
            judge=judging.judge,
            retrievers=_retrievers(settings, corpus, embedder) if retrievers is None else retrievers,
            limits=settings.limits,
            admission=for_verifications,
            queries=queries or judging.queries,
            rewriter=judging.rewriter,
            runs_abreast=judging.runs_abreast,
        ),
    )


def _engines(settings: Settings, metrics: Metrics) -> tuple[Engine, ...]:
    places = Places(settings.engine_running_max)
    metrics.watch_line("engine_requests", lambda: places.taken, lambda: places.waiting)
    if not (settings.engine_url or settings.model or settings.lora):
        return ()
    from server.engines import engines_of  # noqa: PLC0415  0.3 s and 15 MB that a server without engines does without

    return engines_of(settings, places)


def _retrievers(settings: Settings, corpus: Corpus, embedder: Embedder) -> tuple[Retriever, ...]:
    retrievers: list[Retriever] = [corpus]
    if settings.starter_corpus:
        retrievers.append(StarterRetriever(embedder))
    if settings.web_search:
        # 0.1 s and 6 MB that a server without the web does without.
        from inference.evidence.polite_search import PoliteSearch  # noqa: PLC0415
        from inference.evidence.web import WebSearch  # noqa: PLC0415

        retrievers.append(WebSearch(PoliteSearch(deadline_s=settings.web_timeout_s)))
    return tuple(retrievers)


@contextlib.asynccontextmanager
async def open_house(house: House) -> AsyncIterator[None]:
    """Opens what needs opening, and closes it at the end. Logs to which engines texts leave this network."""
    for url in house.settings.engine_url:
        if is_elsewhere(url):
            log_action("engine_remote", url=url, note=_REMOTE)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(house.engines.aclose)
        for retriever in house.verifier.retrievers:
            close = getattr(retriever, "aclose", None)
            if close is not None:
                stack.push_async_callback(close)
        yield


@contextlib.asynccontextmanager
async def keeping(house: House, *, patiently: bool = False) -> AsyncIterator[None]:
    """Opens the storage of files and batches, `patiently` or not, and closes it at the end (`open_storage`).

    Raises StoreUnavailable and SettingsError.
    """
    async with open_storage(house.settings, house.storage, patiently=patiently):
        yield


@contextlib.asynccontextmanager
async def running_models(house: House) -> AsyncIterator[None]:
    """Starts the models of the settings beside what is inside, and ends them with it. Whoever asks one that is not up
    yet is told so at once. Raises SettingsError if they cannot be started at all."""
    children = [engine for engine in house.engines.all if isinstance(engine, ChildEngine)]
    try:
        for child in children:
            child.start()
        yield
    finally:
        # At once: each may take seconds to end.
        await asyncio.gather(*(child.aclose() for child in children))


@contextlib.asynccontextmanager
async def loading_judge(house: House) -> AsyncIterator[None]:
    """Loads the judge beside what is inside, so that the first request need not wait for it. A judge that cannot be
    loaded is logged; `/ready` and every verification say so."""
    if said := advice(house.settings):
        log_action("judge_advice", advice=said)
    loading = asyncio.create_task(_load(house.verifier.judge))
    try:
        yield
    finally:
        loading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loading


async def _load(judge: Judge) -> None:
    waits = False
    while True:
        try:
            await judge.check()
        except TouchstoneError as error:
            if not isinstance(error.__cause__, EngineUnavailable):
                log_action("judge_unavailable", logging.ERROR, judge=judge.name, reason=error.message)
                return
            if not waits:  # an engine that starts is no error; while it does, it says so itself
                log_action("judge_waits", judge=judge.name, reason=error.message)
            waits = True
            await asyncio.sleep(JUDGE_ASKED_S)
        else:
            log_action("judge_loaded", judge=judge.name)
            return
