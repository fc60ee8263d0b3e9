"""The calls' own clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Runs `speed` times as fast as the wall clock."""

    speed: float

    async def sleep(self, own_seconds: float) -> None:
        """Wait for so many seconds of the calls' own clock."""
        await asyncio.sleep(own_seconds / self.speed)

    def own_seconds(self, wall_seconds: float) -> float:
        """How many seconds of a call's life pass in so many real ones."""
        return wall_seconds * self.speed

    def wall_seconds(self, own_seconds: float) -> float:
        """How many real seconds so much of a call's life takes."""
        return own_seconds / self.speed
