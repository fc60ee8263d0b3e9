"""Who is connected: a newcomer gets in though somebody keeps all the room."""

import time
from collections import defaultdict
from typing import Protocol

from app.security.addresses import home_of


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
    """At most so many connections; when it is full, the longest idle makes room: of the home with most that has one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_home: dict[str, set[Guest]] = defaultdict(set)
        self._count = 0

    @property
    def has_newcomers(self) -> bool:
        """Whether one has just come and not said anything yet."""
        return any(guest.is_new for guests in self._by_home.values() for guest in guests)

    def enter(self, guest: Guest) -> bool:
        """Whether there is room."""
        if self._count >= self._most and not self._make_room():
            return False
        self._by_home[_home(guest)].add(guest)
        self._count += 1
        return True

    def leave(self, guest: Guest) -> None:
        """One has gone, or is about to."""
        others = self._by_home[_home(guest)]
        if guest in others:
            others.remove(guest)
            self._count -= 1
        if not others:
            del self._by_home[_home(guest)]

    def _make_room(self) -> bool:
        now = time.monotonic()
        for guests in sorted(self._by_home.values(), key=len, reverse=True):
            idle = [(since, guest) for guest in guests if (since := guest.idle_since) is not None and since < now]
            if idle:
                _, longest = min(idle, key=lambda pair: pair[0])
                self.leave(longest)
                longest.turn_out()
                return True
        return False


def _home(guest: Guest) -> str:
    return home_of(guest.address, (), ())
