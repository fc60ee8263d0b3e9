"""Under which name a process says that it lives."""

import os
import platform


def own_name() -> str:
    """This process: its host and its process id."""
    return f"{platform.node()}/{os.getpid()}"
