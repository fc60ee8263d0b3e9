"""Loaded by every Python that has this folder on its path: its host's clock is off by CLOCK_AHEAD_SECONDS."""

import datetime
import os
import time

_right = time.time
_ahead = float(os.environ.get("CLOCK_AHEAD_SECONDS", "0"))
time.time = lambda: _right() + _ahead


class _Datetime(datetime.datetime):
    """Which asks the system itself."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_Datetime":
        return super().now(tz) + datetime.timedelta(seconds=_ahead)

    @classmethod
    def utcnow(cls) -> "_Datetime":
        return super().utcnow() + datetime.timedelta(seconds=_ahead)


datetime.datetime = _Datetime  # type: ignore[misc]
