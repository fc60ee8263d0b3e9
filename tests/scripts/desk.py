"""A relay's way to the events that clients are to be told."""

from schemas import keys
from schemas.scripts.relay import Attempt, Delivery, Parcel, Patience, Rooms, relay_turn
from tests.scripts.conftest import Store

URL = "https://Client.example/news"


PATIENCE = Patience(lease=20, order=3, hold=60, give_up=86_400)


ROOMS = Rooms(50, client=50, host=20)


NO_ROOM = Rooms(0, 0, 0)


class Desk:
    """What Twilio tells, and what is passed on."""

    def __init__(self, store: Store, sid: str = "CA1", **fields: str) -> None:
        self.store = store
        self.call = store.placed(sid=sid)
        store.redis.hset(keys.task(self.call), mapping={"status_callback_url": URL, **fields})

    def tell(self, sequence: int, status: str = "ringing") -> bool:
        """An event arrives; whether it is to be passed on."""
        body = f"CallStatus={status}&n={sequence}"
        return self.store.callback(self.call, status, sequence=str(sequence), body=body).relayed

    def take(self, rooms: Rooms = ROOMS) -> list[Parcel]:
        return list(self.store.scripts.run(relay_turn(rooms, PATIENCE)).parcels)

    def names(self) -> list[tuple[str, int]]:
        return [(parcel.name, parcel.number) for parcel in self.take()]

    def done(self, parcel: Parcel, delivery: Delivery, gap_seconds: float = 1) -> str:
        (kept,) = self.store.scripts.run(
            relay_turn(NO_ROOM, PATIENCE, [Attempt(parcel, delivery, gap_seconds)])
        ).recorded
        return kept
