"""Who is connected: a newcomer gets in though somebody keeps all the room."""

import time
from collections import defaultdict
from collections.abc import Collection
from typing import Protocol


class Guest(Protocol):
    """A connection, as the crowd sees it."""

    @property
    def address(self) -> str:
        """Where it comes from."""

    @property
    def idle_since(self) -> float | None:
        """Monotonic seconds since when it lets us wait; None while it waits for us."""

    @property
    def is_new(self) -> bool:
        """Whether it just came and has not said anything yet."""

    def turn_out(self) -> None:
        """Closes it."""


class Crowd:
    """At most so many connections; when it is full, the longest idle of the address with most makes room."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_address: dict[str, set[Guest]] = defaultdict(set)
        self._count = 0

    @property
    def has_newcomers(self) -> bool:
        """Whether one has just come and not said anything yet."""
        return any(guest.is_new for guests in self._by_address.values() for guest in guests)

    def enter(self, guest: Guest) -> bool:
        """Whether there is room."""
        if self._count >= self._most and not self._make_room():
            return False
        self._by_address[guest.address].add(guest)
        self._count += 1
        return True

    def leave(self, guest: Guest) -> None:
        """One has gone, or is about to."""
        others = self._by_address[guest.address]
        if guest in others:
            others.remove(guest)
            self._count -= 1
        if not others:
            del self._by_address[guest.address]

    def _make_room(self) -> bool:
        largest: Collection[Guest] = max(self._by_address.values(), key=len, default=())
        now = time.monotonic()
        idle = [(now if guest.idle_since is None else guest.idle_since, guest) for guest in largest]
        since, longest = min(idle, key=lambda pair: pair[0], default=(now, None))
        if longest is None or since >= now:
            return False
        self.leave(longest)
        longest.turn_out()
        return True
