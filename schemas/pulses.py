"""Pulses: how workers and beats say that they work, and for how long that counts."""

import os
import platform
from typing import Final

#: Workers say so every two seconds, beats every second.
WORKER_FRESH_MS: Final = 10_000
BEAT_FRESH_MS: Final = 5_000


def own_name() -> str:
    """Under which this process says so: its host and its process id."""
    return f"{platform.node()}/{os.getpid()}"
