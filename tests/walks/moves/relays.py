"""Two relays that deliver events to clients' servers, which take them, fail, or want none; and what was received."""

from collections import defaultdict
from dataclasses import dataclass, field

from schemas.listing.events import redeliver
from schemas.scripts.relay import Attempt, Delivery, Parcel, Patience, Rooms, relay_turn
from tests.walks.gate import Fault
from tests.walks.moves.room import Room

_PATIENCE = Patience(lease=20, order=3, hold=60, give_up=86_400)
_ROOMS = Rooms(5, client=3, host=2)


@dataclass
class Relays:
    """What is under way, and what came."""

    room: Room
    under_way: list[Attempt] = field(default_factory=list)  #: deliveries whose end is not told yet
    first: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))  #: when each was handed out
    over: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  #: numbers that need no delivery
    anew: set[str] = field(default_factory=set)  #: tasks whose events were to be tried again
    received: dict[str, dict[int, Parcel]] = field(default_factory=lambda: defaultdict(dict))

    def turn(self) -> None:
        """Tells of some deliveries, and takes what is due."""
        random = self.room.random
        told = [one for one in self.under_way if random.random() < 0.7]
        self.under_way = [one for one in self.under_way if one not in told]
        turn = self.room.store.scripts.run(relay_turn(_ROOMS, _PATIENCE, told))
        if told and random.random() < 0.2:  # its answer was lost
            self.room.store.scripts.run(relay_turn(Rooms(0, 0, 0), _PATIENCE, told))
        for one in told:
            if one.delivery == "refused":
                self.over[one.parcel.call_id].add(one.parcel.number)
        for parcel in turn.parcels:
            self._check_order(parcel)
            self._deliver(parcel)

    def redeliver(self) -> None:
        """Somebody wants what was not delivered tried again: its order is another then."""
        if task := self.room.choose():
            self.room.run(redeliver(task.id))
            self.anew.add(task.id)

    def _check_order(self, parcel: Parcel) -> None:
        """Raises Fault if one before it was neither delivered nor given up, nor held it back for long."""
        first, now_ms = self.first[parcel.call_id], self.room.now_ms
        first.setdefault(parcel.number, now_ms)
        for number in range(parcel.number):
            late = now_ms - first.get(number, now_ms) >= 1000 * _PATIENCE.hold
            if (
                not late
                and number not in self.over[parcel.call_id]
                and self.room.task_of(parcel.call_id).id not in self.anew
            ):
                raise Fault(f"{parcel} goes before number {number}: {first} {self.over[parcel.call_id]}")

    def _deliver(self, parcel: Parcel) -> None:
        """The end of a delivery is told later, or never."""
        chance = self.room.random.random()
        delivery: Delivery = "failed" if chance < 0.15 else "declined" if chance < 0.2 else "delivered"
        if delivery == "declined" and parcel.declines >= 2:
            delivery = "refused"
        if delivery == "delivered":
            self.receive(parcel)
        if self.room.random.random() < 0.9:
            self.under_way.append(Attempt(parcel, delivery, 1.0))

    def receive(self, parcel: Parcel) -> None:
        """An event comes to a client; raises Fault if another one had its number."""
        self.over[parcel.call_id].add(parcel.number)
        known = self.received[parcel.call_id].setdefault(parcel.number, parcel)
        if known.name != parcel.name or known.event.get("body") != parcel.event.get("body"):
            raise Fault(f"Two events have the number {parcel.number}: {known} {parcel}")
