"""A port for a server that must be told its port before it starts, and has the same one when it is started again."""

import random
import socket

_RANGE = (20_000, 32_000)
"""Below what systems give to whoever asks for any port or only connects somewhere: of those there are thousands in a
run of the tests, and one of them could have the port before our server does, or while it is halted."""

_TRIES_MAX = 100

_chance = random.SystemRandom()  # processes of the same run must not draw the same


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    for _ in range(_TRIES_MAX):
        port = _chance.randrange(*_RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"{_TRIES_MAX} ports of {_RANGE} are taken")
