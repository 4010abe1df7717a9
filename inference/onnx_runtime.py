"""ONNX Runtime, imported so that it tells nobody of its use. No other module of the server imports it.

The builds on the package registry send events of their sessions to their makers over HTTPS, and keep a number of the
machine and a queue below the user's cache folder, unless they are told not to before they are loaded (Privacy.md in the
package, "Disabling Telemetry").
"""

import os
from pathlib import Path
from typing import Any

TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"
"""Read once, by the library itself, when it is loaded."""


def keep_it_silent() -> None:
    """For whoever imports the library by another way than `session_of`, before that."""
    os.environ[TELEMETRY_OFF] = "1"  # whatever it was: what leaves the machine is not for a library to decide


def session_of(graph: Path) -> Any:
    """An `onnxruntime.InferenceSession` of the file `graph`, on the CPU and on one thread: the caller decides how many
    runs go side by side, and the sums keep their order.

    Raises classes of the library's own, which have no root in common but Exception, for a file that is none.
    """
    keep_it_silent()
    import onnxruntime  # noqa: PLC0415  0.2 s and 40 MB, for those who run a model

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; they are raised anyway
    # By its path: weights of a large graph lie in a file beside it, and of bytes a session keeps a second copy.
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
