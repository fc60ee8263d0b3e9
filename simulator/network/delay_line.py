"""What happens later, in order: the one way of a connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

#: uvloop's timers count whole milliseconds.
_TIMER_GRAIN_SECONDS = 0.0006

Step = Callable[[], None]


class DelayLine:
    """Takes steps, each at its instant of the loop's clock but none before one that was put earlier."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, Step]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._held = True

    def put(self, due: float, step: Step) -> None:
        """Take this step then, or when the line is opened if that is later."""
        self._waiting.append((due, step))
        if self._timer is None and not self._held:
            self._flush()

    def open(self) -> None:
        """There is somewhere to go now."""
        self._held = False
        self._flush()

    def close(self) -> None:
        """Take no more steps."""
        self._waiting.clear()
        self._held = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        self._timer = None
        while self._waiting and not self._held:
            due, step = self._waiting[0]
            if due > self._loop.time() + _TIMER_GRAIN_SECONDS:
                self._timer = self._loop.call_at(due, self._flush)
                return
            self._waiting.popleft()
            step()
