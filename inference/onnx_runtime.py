"""ONNX Runtime, imported so that it tells nobody of its use. No other module of the server imports it.

The builds on the package registry send events of their sessions to their makers over HTTPS, and keep a number of the
machine and a queue below the user's cache folder, unless they are told not to before they are loaded (Privacy.md in the
package, "Disabling Telemetry").
"""

import functools
import os
from typing import Any

TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"
"""Read once, by the library itself, when it is loaded."""


def keep_it_silent() -> None:
    """For whoever imports the library by another way than `onnx_runtime`, before that."""
    os.environ[TELEMETRY_OFF] = "1"  # whatever it was: what leaves the machine is not for a library to decide


@functools.cache
def onnx_runtime() -> Any:
    """The module `onnxruntime`. Its import takes 0.2 s and 40 MB, so it is left to those who run a model."""
    keep_it_silent()
    import onnxruntime  # noqa: PLC0415

    return onnxruntime
