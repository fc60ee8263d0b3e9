"""How many deliveries may be under way at once: in all, of one client, and to one of its hosts."""

from collections import Counter
from typing import Final

from schemas.scripts.relay import Parcel, Rooms

MOST_DELIVERIES: Final = 200
MOST_DELIVERIES_TO_ONE_HOST: Final = 20
#: So many are taken in one run of the script: each takes Redis a tenth of a millisecond.
MOST_TAKEN_AT_ONCE: Final = 100


class Shares:
    """
    What is under way, by client and host.

    A client may have as many deliveries under way as would stay free besides: one alone gets half of all, two get a
    third each, and there is always room for the next one.
    """

    def __init__(self) -> None:
        self._clients: Counter[str] = Counter()
        self._lanes: Counter[str] = Counter()

    def begin(self, parcel: Parcel) -> None:
        """A delivery begins."""
        self._clients[parcel.client] += 1
        self._lanes[parcel.lane] += 1

    def end(self, parcel: Parcel) -> None:
        """It is over."""
        for counter, key in ((self._clients, parcel.client), (self._lanes, parcel.lane)):
            counter[key] -= 1
            if not counter[key]:
                del counter[key]

    def rooms(self) -> Rooms:
        """How many more may begin."""
        free = MOST_DELIVERIES - self._clients.total()
        return Rooms(
            min(free, MOST_TAKEN_AT_ONCE),
            client=(free + 1) // 2,
            host=MOST_DELIVERIES_TO_ONE_HOST,
            clients={client: max(0, (free - busy + 1) // 2) for client, busy in self._clients.items()},
            lanes={lane: max(0, MOST_DELIVERIES_TO_ONE_HOST - busy) for lane, busy in self._lanes.items()},
        )
