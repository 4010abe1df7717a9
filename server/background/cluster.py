"""`executor ray`: which settings travel to the cluster, and how the driver there is started."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from inference.batches.ray.executor import DriverCommand, RayExecutor
from inference.errors import SettingsError
from inference.store.database import Database
from server.observe.logs import log_action
from server.setting_groups import LISTENING_SETTINGS
from server.settings import ENV_PREFIX, Settings

DRIVER_VARIABLE = f"{ENV_PREFIX}_DRIVER"
"""Holds what the driver needs, in the environment of its process, where no list of processes shows it."""

STAY_HERE = LISTENING_SETTINGS | {"webhook_url", "webhook_secret", "model", "vllm", "vllm_args", "lora"}
"""Settings that actors have no use for: what callers send, what webhooks are signed with, models on this machine."""

_ROOT = Path(__file__).resolve().parents[2]

_GOOD_NEWS = frozenset({"ray_back", "ray_actors", "leases_released"})


def build_ray_executor(settings: Settings, actors: int | None = None) -> RayExecutor:
    """The executor on the cluster that `settings` name. Does no I/O.

    Raises SettingsError for settings that mean something on this machine alone.
    """
    if settings.model:
        raise SettingsError(
            "setting executor: actors on a Ray cluster cannot ask the models that this process would start: start vLLM "
            "by itself where all of the cluster reaches it, and give its address as engine_url instead of model"
        )
    if settings.ray_address.startswith("ray://"):
        raise SettingsError(
            f"setting ray_address = {settings.ray_address!r}: this is an address for Ray's client; start the server on "
            "a machine of the cluster and give HOST:PORT of its head, or auto"
        )
    told = {
        "address": settings.ray_address,
        "actors": settings.ray_actors if actors is None else actors,
        "local": is_local(settings),
        "settings": settings_of_actors(settings),
    }
    environment = os.environ | {
        DRIVER_VARIABLE: json.dumps(told),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", "")))),
    }
    # -P: what happens to lie in the working folder is no part of us.
    return RayExecutor(
        DriverCommand((sys.executable, "-P", "-m", "server.background.ray_driver"), environment), _report
    )


def is_local(settings: Settings) -> bool:
    """Whether database or blobs are files in this machine's own folder."""
    return Database(settings.store_url).is_sqlite or not settings.blobs_url


def settings_of_actors(settings: Settings) -> Mapping[str, Any]:
    """What an actor builds its house from, as JSON has it. Paths are whole: an actor begins in another folder."""
    values = {name: _plain(getattr(settings, name)) for name in Settings.model_fields if name not in STAY_HERE}
    values["database_url"] = _with_whole_path(settings)
    values["data_dir"] = str(settings.data_dir.absolute())
    if settings.plans_file is not None:
        values["plans_file"] = str(settings.plans_file.absolute())
    if settings.cpu_judge and Path(settings.cpu_judge).exists():
        values["cpu_judge"] = str(Path(settings.cpu_judge).absolute())
    return values


def _with_whole_path(settings: Settings) -> str:
    database = Database(settings.store_url)
    if not database.is_sqlite or not database.url.database:
        return settings.store_url
    whole = database.url.set(database=str(Path(database.url.database).absolute()))
    return whole.render_as_string(hide_password=False)


def _plain(value: Any) -> Any:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case tuple():
            return [_plain(part) for part in value]
        case Path():
            return str(value)
    return value


def _report(action: str, about: dict[str, Any]) -> None:
    log_action(action, logging.INFO if action in _GOOD_NEWS else logging.WARNING, **about)
