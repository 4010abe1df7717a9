"""Checks of the engines that run already, and of the model that judges: whether they answer, and know each other."""

from urllib.parse import urlsplit

from inference.engine.address import is_elsewhere
from inference.engine.child.spec import read_adapters, read_models
from inference.engine.engines import Engines, listed
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.errors import EngineError, EngineUnavailable, SettingsError
from server.doctor.finding import Finding, Status, fine, wrong
from server.http.listening import is_own
from server.judging import CPU, chosen_judging, judging_model
from server.observe.metrics import Metrics
from server.settings import Settings, is_loopback

NAME = "engine"
JUDGE = "judge model"

Served = tuple[str, ...]


async def engines(settings: Settings, offline: bool) -> tuple[list[Finding], Served]:
    """One finding for each --engine-url, one that says "off" if there is none; and the models that they serve."""
    if not settings.engine_url:
        return [Finding(NAME, Status.OFF, "none named (--engine-url)")], ()
    found, served = [], []
    for url, key in settings.engines_that_run:
        if is_own(url, settings.host, settings.port):
            found.append(wrong(f"{NAME} {url}", "is the address of this server itself", "give that of another one"))
            continue
        if offline and not is_loopback(urlsplit(url).hostname or ""):
            found.append(Finding(f"{NAME} {url}", Status.SKIPPED, f"not tried (--offline){_place(url)}"))
            continue
        finding, models = await _engine(url, key)
        found.append(finding)
        served += models
    return found, tuple(served)


async def _engine(url: str, key: str) -> tuple[Finding, list[str]]:
    engine = HttpEngine(url, key, timeout_s=10.0, places=Places(1))
    name = f"{NAME} {engine.name}"
    try:
        models = [str(model["id"]) for model in await engine.models()]
    except EngineError as error:
        if "TOUCHSTONE_ENGINE_KEY" in error.message:
            return wrong(name, error.message, "set TOUCHSTONE_ENGINE_KEY to a key that it takes"), []
        if isinstance(error, EngineUnavailable):
            return wrong(name, error.message, "start it, or mend --engine-url"), []
        return wrong(name, error.message, "give the URL of its OpenAI-compatible API, such as http://HOST:PORT/v1"), []
    finally:
        await engine.aclose()
    if not models:
        return wrong(name, "answers, and serves no model", "load a model into it"), []
    shown = ", ".join(models[:5]) + (f" and {len(models) - 5} more" if len(models) > 5 else "")
    return fine(name, f"answers; serves {shown}{_place(url)}", models=models, remote=is_elsewhere(url)), models


def _place(url: str) -> str:
    return "; outside this network: what is sent to its models leaves it" if is_elsewhere(url) else ""


def judge_model(settings: Settings, served: Served, all_asked: bool) -> Finding:
    """Whether the model that is to judge is among those that there will be. `all_asked` is false if an engine could
    not be asked, and so may have it."""
    try:
        started = [spec.name for spec in read_models(settings.model)]
        started += [adapter.name for adapter in read_adapters(settings.lora)]
        chosen_judging(settings, Engines(), Metrics())
    except SettingsError as error:
        return wrong(JUDGE, error.message, "mend the setting")
    named = judging_model(settings)
    if named == CPU:
        return fine(JUDGE, "the small model that ships", model=CPU)
    if named in started or named in served:
        return fine(JUDGE, named, model=named)
    if not all_asked:
        return Finding(JUDGE, Status.SKIPPED, f"{named}: not known, since not every engine could be asked")
    known = listed((*started, *served)) or "none"
    return wrong(JUDGE, f"no engine serves {named!r}; models are {known}", "mend --judge-model, or start that model")
