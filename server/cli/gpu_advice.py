"""What `touchstone serve` says on a machine with a GPU where nobody has named a language model: which one would fit."""

import logging
import sys
from collections.abc import Mapping

from inference.engine.advice import advice
from inference.engine.child.program import vllm_program
from inference.engine.gpu import GpuUnknown, gpus
from inference.errors import SettingsError
from server.observe.logs import log_action
from server.settings import Settings


def advise(settings: Settings, environment: Mapping[str, str]) -> None:
    """Logs the advice, if there is any. Asks the driver alone, downloads nothing; blocks for seconds at the most."""
    if settings.model or settings.engine_url or settings.judge_model:
        return
    try:
        said = advice(gpus(), _has_vllm(settings, environment))
    except GpuUnknown as error:
        log_action("gpu_unknown", logging.WARNING, reason=error)
        return
    if said:
        log_action("advice", advice=said)


def _has_vllm(settings: Settings, environment: Mapping[str, str]) -> bool:
    try:
        vllm_program(settings.vllm, sys.executable, environment)
    except SettingsError:
        return False
    return True
