"""The operator: all is drained, restored and put back, a worker is told other limits."""

from dataclasses import dataclass
from typing import Any

from schemas import keys
from schemas.limits import Limits
from schemas.operation.copy import accept_copy, put_in_doubt, requeue
from schemas.operation.part import Part, leave, report
from schemas.scripts.holds import drain, resume
from schemas.scripts.news import Report, Source, give_up, record_news
from tests.walks.moves.room import MOST_LIVE, Room

DAYS = 30


@dataclass
class Operator:
    """What is done by hand to everybody's."""

    room: Room

    def drain(self) -> None:
        self.room.drained = self.room.random.random() < 0.4
        self.room.run(drain() if self.room.drained else resume())

    def restore(self) -> None:
        """As if all were a copy from just now: what may have been dialled since is in doubt, and all is drained."""
        room = self.room
        room.redis.hset(keys.COPY, mapping={"from_ms": room.now_ms, "at_ms": room.now_ms, "id": "copy"})
        for task in room.tasks.values():
            ids = [task.id, *(f"{task.id}-{place}" for place in range(1, len(task.numbers) + 1) if task.bulk)]
            for one in ids:
                room.run(put_in_doubt(one, DAYS))
        for name in room.redis.keys(keys.task("*")):
            call = name.removeprefix(keys.task(""))
            its = room.store.task(call)
            if its["state"] == "confirming" and its.get("restored") == "1":
                self._decide(call, its)
        room.run(accept_copy())
        room.drained = True

    def _decide(self, call: str, its: dict[str, str]) -> None:
        """Twilio's whole list was held against what is in doubt."""
        attempt = int(its.get("attempt_number", 1))
        for one in self.room.line.created:
            if (one.call_id, one.attempt) == (call, attempt):
                report = Report(Source.LIST, one.sid, {"call_status": one.status}, one.to, one.from_number, attempt, 60)
                self.room.run(record_news(call, report, DAYS))
        self.room.run(give_up(call, int(its.get("tries", 0)), "Outcome unknown", DAYS))

    def requeue(self) -> None:
        """The operator puts back what is in doubt since a restore, and what Twilio has nothing of."""
        for task in self.room.tasks.values():
            for call in [task.id, *(f"{task.id}-{place}" for place in range(1, len(task.numbers) + 1))]:
                if not any(one.call_id == call and not one.over for one in self.room.line.created):
                    self.room.run(requeue(call, DAYS, ask_only=False))

    def limits(self) -> None:
        """A worker reports other limits, or leaves."""
        random, room = self.room.random, self.room
        told = Limits(random.choice([2, 5]), 120, random.choice([2, MOST_LIVE]))
        part: Any = leave("host/1") if random.random() < 0.7 else report(Part("host/1", "worker", 0, {}), told, "AC1")
        room.run(part)
