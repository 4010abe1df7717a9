"""What the Hugging Face hub, or its cache on this disk, knows of a model. Downloads no weights."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

HUB_S = 5.0
"""Seconds for the hub to answer."""

WEIGHTS = (".safetensors", ".bin")


@dataclass(frozen=True, slots=True)
class HubModel:
    """`size` of its weights in bytes, None if not known; `problem` and `remedy` if it cannot be had."""

    cache: Path
    cached: bool = False
    size: int | None = None
    problem: str = ""
    remedy: str = ""


Look = Callable[[str, bool], HubModel]


def look_up(model: str, offline: bool) -> HubModel:
    """The model `model`. Asks the hub only if it is not in the cache, and not if `offline`."""
    # Takes a third of a second to import, and is of no use to a server without models of the hub.
    from huggingface_hub import constants, get_token, try_to_load_from_cache  # noqa: PLC0415

    cache = Path(constants.HF_HUB_CACHE)
    try:
        config = try_to_load_from_cache(model, "config.json")
    except ValueError:  # huggingface_hub's own error for what is no id
        return HubModel(cache, problem=f"{model!r} is no id of a model", remedy="give ORG/NAME or a folder")
    if isinstance(config, str):
        return HubModel(cache, cached=True, size=_size_of(Path(config).parent))
    if constants.HF_HUB_OFFLINE:
        return HubModel(
            cache,
            problem="not downloaded, and HF_HUB_OFFLINE forbids it",
            remedy="unset HF_HUB_OFFLINE, or copy the model here and give its folder",
        )
    return HubModel(cache) if offline else _ask(model, cache, constants.ENDPOINT, get_token())


def _size_of(snapshot: Path) -> int | None:
    sizes = {end: sum(f.stat().st_size for f in snapshot.glob(f"*{end}")) for end in WEIGHTS}
    return next((size for size in sizes.values() if size), None)


def _ask(model: str, cache: Path, hub: str, token: str | None) -> HubModel:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(
            f"{hub}/api/models/{model}",
            params={"blobs": "true"},
            headers=headers,
            timeout=HUB_S,
            follow_redirects=True,  # of a model that was renamed
        )
        body = answer.json() if answer.is_success else {}
    except (httpx.HTTPError, ValueError) as error:
        return HubModel(
            cache,
            problem=f"not downloaded, and {hub} cannot be reached ({type(error).__name__})",
            remedy="check the network, or copy the model here and give its folder",
        )
    if answer.status_code in (401, 403, 404):
        return HubModel(
            cache,
            problem=f"{hub} has no model {model!r} that it shows to {'this HF_TOKEN' if token else 'everybody'}",
            remedy="check its name; for a private or gated one set HF_TOKEN and accept its licence",
        )
    if not answer.is_success:
        return HubModel(cache, problem=f"not downloaded, and {hub} answers {answer.status_code}", remedy="try later")
    files = body.get("siblings", []) if isinstance(body, dict) else []
    sizes = {
        end: sum(file.get("size") or 0 for file in files if str(file.get("rfilename", "")).endswith(end))
        for end in WEIGHTS
    }
    return HubModel(cache, size=next((size for size in sizes.values() if size), None))
