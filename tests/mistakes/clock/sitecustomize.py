"""Loaded by every Python that has this folder on its path: its host's clock is off by CLOCK_AHEAD_SECONDS."""

import os
import time

_right = time.time
_ahead = float(os.environ.get("CLOCK_AHEAD_SECONDS", "0"))
time.time = lambda: _right() + _ahead
