"""What Twilio posts of the calls that it has: in any order, late, twice, or never."""

from dataclasses import dataclass

from schemas.scripts.news import Report, Source, record_news
from tests.walks.gate import Fault
from tests.walks.moves.line import OVER, Creation
from tests.walks.moves.room import Room

DAYS = 30


@dataclass
class Posts:
    """Twilio's end."""

    room: Room

    def go_on(self) -> None:
        self.room.line.go_on()

    def callback(self) -> None:
        """Twilio posts an event: the next one, any, or one that it posted before."""
        told = [one for one in self.room.line.created if one.events]
        if told:
            one = self.room.random.choice(told[-12:])
            waiting = [number for number, _ in one.events if number not in one.told]
            number = (
                waiting[0]
                if waiting and self.room.random.random() < 0.8
                else self.room.random.randrange(len(one.events))
            )
            self.post(one, number)

    def post(self, one: Creation, number: int) -> None:
        room, status = self.room, one.events[number][1]
        one.told.add(number)
        fields = {"call_status": status} | ({"duration_seconds": "3"} if status == "completed" else {})
        if status == "in-progress" and room.random.random() < 0.3:
            fields["answered_by"] = room.random.choice(["human", "machine_start"])
        report = self._report(one, fields, str(number), f"CallStatus={status}")
        before = room.store.state(one.call_id)
        told = room.run(record_news(one.call_id, report, DAYS))
        if before in {"unknown", "rejected"} and told.state == "placed":
            room.revived.add(one.call_id)
        record = room.store.task(one.call_id)
        moved_on = not record or int(record.get("attempt_number", 1)) > one.attempt or not record["to"]
        if told.verdict not in {"done", "late"} and not moved_on:
            raise Fault(f"{one} {status}: {told} {record}")
        if status in OVER and not moved_on and record["state"] not in {"ended", "waiting"}:
            raise Fault(f"{one} {status}: {told} {record}")

    def verdict(self) -> None:
        """Who answered is posted by itself."""
        answered = [one for one in self.room.line.created if any(status == "in-progress" for _, status in one.events)]
        if answered:
            one = self.room.random.choice(answered[-6:])
            by = self.room.random.choice(["human", "machine_end_beep"])
            report = self._report(one, {"answered_by": by}, "", f"AnsweredBy={by}")
            self.room.run(record_news(one.call_id, report, DAYS))

    def _report(self, one: Creation, fields: dict[str, str], sequence: str, body: str) -> Report:
        return Report(
            Source.CALLBACK,
            one.sid,
            fields,
            one.to,
            one.from_number,
            attempt_number=one.attempt,
            check_seconds=60,
            sequence=sequence,
            body=body,
        )
