"""Open files for as many connections as the settings allow. Systems start processes with a limit that is far lower.

Where the limit cannot be raised far enough, the log says so: connections over it would wait in line unseen.
"""

import contextlib
import logging
import sys

from server.observe.logs import log_action
from server.settings import Settings

if sys.platform != "win32":  # which has no such limit
    import resource

FOR_THE_REST = 256
"""Files, databases, pipes to children, pages of the web: what is open beside connections of callers and to engines."""


def needed(settings: Settings) -> int:
    """Files that may be open at once. Each connection may be that of a download, whose file is open too."""
    return 2 * settings.connections_max + settings.engine_running_max + FOR_THE_REST


def raise_limit(settings: Settings) -> None:
    """Raises this process's own limit as far as it needs to be, and as it may be. Logs where that is too little."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed(settings):
        return
    wanted = needed(settings) if hard == resource.RLIM_INFINITY else min(needed(settings), hard)
    with contextlib.suppress(ValueError, OSError):  # some systems have a lower limit than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit < needed(settings):
        log_action(
            "open_files_few",
            logging.WARNING,
            limit=limit,
            needed=needed(settings),
            note="raise the limit of open files (ulimit -n, LimitNOFILE), or lower connections_max",
        )
