"""Ports for the servers that tests start: no two owners on this machine get the same one."""

import secrets
import socket
from typing import Final

#: Below the ports that the system gives to whoever asks for any, which is a client's connection most of the time.
FIRST: Final = 20_000
LAST: Final = 29_999

#: Held until this process ends.
_locks: list[socket.socket] = []


def reserve_port() -> int:
    """
    A loopback port that this process owns from now on, and that nobody listens on.

    The UDP port of the same number is the lock: nothing else of ours uses it, every process of every checkout sees it,
    and the system opens it when its owner ends, however it ends. Where to begin is chosen at random, so that what is
    left of an earlier run does not find a server of this one where its own was.
    """
    count = LAST - FIRST + 1
    start = secrets.randbelow(count)
    for step in range(count):
        port = FIRST + (start + step) % count
        if (lock := _lock(port)) is not None:
            _locks.append(lock)
            if _is_free(port):
                return port
    raise RuntimeError(f"Every port from {FIRST} to {LAST} is in use.")


def _lock(port: int) -> socket.socket | None:
    lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        lock.bind(("127.0.0.1", port))
    except OSError:
        lock.close()
        return None
    return lock


def _is_free(port: int) -> bool:
    """Whether a server could bind it, on all addresses too."""
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True
