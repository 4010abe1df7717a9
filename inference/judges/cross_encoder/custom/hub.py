"""Models of the Hugging Face hub: fetched once, when a person named one with `hub:`, and used from disk from then on.

Only the files that are read are fetched, none of them code. What is fetched and from where is logged before it begins.
A copy is complete when its folder has its final name; an interrupted download goes on where it was.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path

from inference.action_log import tell
from inference.errors import JudgeUnavailable, TouchstoneError
from inference.judges.cross_encoder.custom.folder import CONFIG, ONNX, SAFETENSORS, SMALL_FILES, refuse_unfit
from inference.judges.cross_encoder.custom.hub_id import HUB_PREFIX, HubId

LOGGER = logging.getLogger("touchstone.models")

ANSWER_S = 10.0
"""Seconds for the hub to answer that it has the model."""

Download = Callable[[HubId, Path], None]
"""Brings the files of a model into a folder. Raises JudgeUnavailable."""


def local_folder(hub_id: HubId, models_dir: Path) -> Path:
    """Where the copy of a model lies, or would lie."""
    return models_dir / hub_id.folder_name


def fetch(hub_id: HubId, models_dir: Path, download: Download) -> Path:
    """The folder with the model, downloaded if it is not there yet. Raises JudgeUnavailable."""
    folder = local_folder(hub_id, models_dir)
    if folder.is_dir():
        return folder
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        download(hub_id, unfinished)
        unfinished.rename(folder)
    except OSError as error:
        if not folder.is_dir():  # another process was faster
            raise JudgeUnavailable(f"The model {hub_id.name} cannot be kept in {models_dir} ({error}).") from error
    return folder


def download_from_hub(hub_id: HubId, folder: Path) -> None:
    """Asks the hub what it has, refuses what cannot be the judge, and fetches the rest."""
    try:
        _download(hub_id, folder)
    except TouchstoneError:
        raise
    except Exception as error:  # the library's and those of its HTTP client, which have no common root
        raise _not_fetched(hub_id, error) from error


def _download(hub_id: HubId, folder: Path) -> None:
    from huggingface_hub import HfApi, constants, snapshot_download  # noqa: PLC0415  only for who asks for a download

    revision = hub_id.revision or None
    found = HfApi().model_info(hub_id.repository, revision=revision, files_metadata=True, timeout=ANSWER_S)
    sizes = {file.rfilename: file.size or 0 for file in found.siblings or []}
    wanted = wanted_files(sizes)
    if CONFIG in sizes:  # small, and tells whether the rest is worth fetching
        snapshot_download(hub_id.repository, revision=found.sha, local_dir=folder, allow_patterns=[CONFIG])
        config = json.loads((folder / CONFIG).read_bytes())
        refuse_unfit(config, hub_id.name, has_onnx=any(name in ONNX for name in wanted))
    about = {"model": hub_id.repository, "from": constants.ENDPOINT, "revision": found.sha}
    megabytes = round(sum(sizes[name] for name in wanted) / 1e6, 1)
    tell(LOGGER, logging.WARNING, "download", **about, files=",".join(wanted), megabytes=megabytes, to=folder)
    snapshot_download(hub_id.repository, revision=found.sha, local_dir=folder, allow_patterns=wanted)


def wanted_files(there: dict[str, int]) -> list[str]:
    """Of the files that a model has, those to fetch: one file of weights, and what is read beside it."""
    weights = next((name for name in (*ONNX, SAFETENSORS) if name in there), None)
    return [name for name in (*SMALL_FILES, weights) if name is not None and name in there]


def _not_fetched(hub_id: HubId, error: Exception) -> JudgeUnavailable:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError  # noqa: PLC0415

    if isinstance(error, GatedRepoError):
        why, do = "its authors ask for an agreement first", "agree to it on its page and log in with `hf auth login`"
    elif isinstance(error, RepositoryNotFoundError | RevisionNotFoundError):
        why, do = "the hub has no such model or revision", f"check the name: {HUB_PREFIX}ORG/NAME[@REVISION]"
    else:
        why = f"the hub cannot be reached or broke off ({type(error).__name__}: {str(error).splitlines()[0][:200]})"
        do = (
            "check the network; or fetch the folder on another machine with "
            f"`hf download {hub_id.repository} --local-dir FOLDER`, copy it here, and set cpu_judge to its path"
        )
    return JudgeUnavailable(f"The judge's model {hub_id.name} is not downloaded: {why}. What to do: {do}.")
