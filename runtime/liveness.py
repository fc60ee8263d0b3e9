"""Under which name a process says that it lives."""

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Final

_IDS: Final = Path("/proc/self/ns/pid")
#: Of the ids that Linux itself gives out, and no container (PROC_PID_INIT_INO).
_MACHINES_OWN: Final = 0xEFFFFFFC


def own_place(ids: Path = _IDS) -> str:
    """
    Where the id of a process is that of one process: this host.

    In a container it has the number of the container's ids besides, as `lsns` shows it: others may have the same host's
    name, as in its network, and the same ids.
    """
    number = _MACHINES_OWN
    with suppress(OSError):  # no Linux
        number = ids.stat().st_ino
    return platform.node() + (f":{number}" if number != _MACHINES_OWN else "")


def own_name() -> str:
    """This process: its place and its process id."""
    return f"{own_place()}/{os.getpid()}"
