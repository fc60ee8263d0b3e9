"""The account's own calls-per-second queue.

Twilio accepts calls above the account's pace with 201 and lets them wait in `queued`
(https://support.twilio.com/hc/en-us/articles/223180028); nothing is rejected.
"""

from __future__ import annotations

import asyncio
from collections import deque


class DialQueue:
    """Lets calls go one by one, evenly spaced, in the order they came."""

    def __init__(self, calls_per_second: float) -> None:
        self._gap_seconds = 1 / calls_per_second
        self._next_free = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def estimated_wait_seconds(self) -> float:
        """How long a call that came now would wait."""
        until_free = max(0.0, self._next_free - asyncio.get_running_loop().time())
        return until_free + len(self._waiting) * self._gap_seconds

    async def turn(self) -> None:
        """Wait for this call's turn; a call that gives up waiting costs the others nothing."""
        loop = asyncio.get_running_loop()
        if not self._waiting and loop.time() >= self._next_free:
            self._next_free = loop.time() + self._gap_seconds
            return
        place: asyncio.Future[None] = loop.create_future()
        self._waiting.append(place)
        self._arm()
        await place

    def clear(self) -> None:
        """Forget who waits; their tasks are ended by whoever clears."""
        self._waiting.clear()
        self._next_free = 0.0

    def _arm(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._next_free, loop.time()), self._release)

    def _release(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        # A loop that ran late owes several turns; paying them back keeps the average pace.
        while self._waiting and self._next_free <= now:
            place = self._waiting.popleft()
            if place.done():
                continue
            place.set_result(None)
            self._next_free += self._gap_seconds
        if self._waiting:
            self._arm()
