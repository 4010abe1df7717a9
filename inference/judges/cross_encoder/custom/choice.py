"""From the setting `cpu_judge` to a model: empty for the one that ships, a folder, or `hub:ORG/NAME[@REVISION]`."""

import os
from functools import partial
from pathlib import Path

from inference.errors import SettingsError
from inference.judges.cross_encoder.custom.hub import Download, download_from_hub, fetch, local_folder
from inference.judges.cross_encoder.custom.hub_id import HUB_PREFIX, HubId
from inference.judges.cross_encoder.custom.model import CustomModel
from inference.judges.cross_encoder.model import SHIPPED, PairModel, ShippedModel


def chosen_model(setting: str, models_dir: Path, download: Download = download_from_hub) -> PairModel:
    """The model that `setting` names. Reads nothing yet."""
    if not setting:
        return ShippedModel()
    hub_id = HubId.parse(setting)
    folder = chosen_folder(setting, models_dir)
    if hub_id is None:
        return CustomModel(folder.name, lambda: folder)
    return CustomModel(hub_id.name, partial(fetch, hub_id, models_dir, download))


def chosen_folder(setting: str, models_dir: Path) -> Path:
    """Where the files of the model lie, or will lie once they are downloaded."""
    if not setting:
        return SHIPPED
    hub_id = HubId.parse(setting)
    return local_folder(hub_id, models_dir) if hub_id else Path(os.path.abspath(Path(setting).expanduser()))


def prepare(setting: str, models_dir: Path, download: Download = download_from_hub) -> None:
    """Sees that the files are on this machine, before a server starts: downloads what was asked for.

    Raises SettingsError if the folder does not exist, JudgeUnavailable if the download fails.
    """
    if not setting:
        return
    hub_id = HubId.parse(setting)
    if hub_id is not None:
        fetch(hub_id, models_dir, download)
    elif not chosen_folder(setting, models_dir).is_dir():
        raise SettingsError(
            f"cpu_judge names the folder {setting!r}, which does not exist. Name one that does, write "
            f"{HUB_PREFIX}{setting} if a model of the Hugging Face hub is meant, or leave it empty."
        )
