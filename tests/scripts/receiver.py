"""What is told of a task: its log, and a receiver that takes everything."""

from typing import Any

from schemas import keys
from schemas.listing.events import Happening, read_happening
from schemas.scripts.relay import Attempt, Parcel, Patience, Rooms, relay_turn
from tests.scripts.conftest import Store

URL = "https://client.example/news"
PATIENCE = Patience(lease=20, order=3, hold=60, give_up=86_400)
ROOMS = Rooms(50, client=50, host=50)
LIFE = ("initiated", "ringing", "in-progress", "completed")


def happened(store: Store, task: str) -> list[Happening]:
    return [read_happening(n, text) for n, text in enumerate(store.redis.lrange(keys.log(task), 0, -1), start=1)]


def said(store: Store, task: str) -> list[tuple[str, ...]]:
    """Of each event of a call: attempt, status, who answered, flags."""
    return [tuple(one.fields.values())[:4] for one in happened(store, task) if one.kind == "call"]


def post(store: Store, call: str, sequence: int, status: str, more: str = "") -> None:
    store.callback(call, status, "CA1", sequence=str(sequence), body=f"CallStatus={status}{more}")


class Receiver:
    """Takes everything as soon as it is handed out."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.taken: list[Parcel] = []
        self._attempts: list[Attempt] = []

    def look(self) -> None:
        while True:
            turn = self.store.scripts.run(relay_turn(ROOMS, PATIENCE, self._attempts))
            self._attempts = [Attempt(parcel, "delivered", 1) for parcel in turn.parcels]
            self.taken += turn.parcels
            if not turn.parcels:
                return

    def told(self) -> list[tuple[str, ...]]:
        return [self._told(parcel.event) for parcel in self.taken]

    def _told(self, event: Any) -> tuple[str, ...]:
        form = dict(pair.split("=") for pair in event.get("body", "").split("&") if pair)
        flags = [flag for flag, name in (("f", "final"), ("c", "correction"), ("u", "outcome")) if event.get(name)]
        status = event.get("status") or form.get("CallStatus", "")
        return (event["attempt"], status, form.get("AnsweredBy", ""), "".join(flags))
