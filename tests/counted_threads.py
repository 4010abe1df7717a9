"""The threads of an event loop, for tests of how many of them one thing takes up."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class CountedThreads(ThreadPoolExecutor):
    """Threads that know how much was given to them at once, at the most."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._count = 0
        self.most = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._lock:
            self._count += 1
            self.most = max(self.most, self._count)
        given = super().submit(fn, *args, **kwargs)
        given.add_done_callback(self._ended)
        return given

    def _ended(self, _: Future[Any]) -> None:
        with self._lock:
            self._count -= 1
