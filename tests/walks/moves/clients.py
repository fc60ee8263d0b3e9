"""Clients of two names, and the operator: all that they may ask for, now and then twice."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from schemas.campaigns.editing import edit
from schemas.campaigns.filling import Repetition, append, take_back_rows
from schemas.campaigns.retrying import Retry, retry
from schemas.campaigns.rows import Row
from schemas.do_not_call.lists import OptOut, opt_in, opt_out
from schemas.limits import campaign_interval_us
from schemas.scripts.accept import NewTask, accept, take_back
from schemas.scripts.cancel import ALL, cancel, forget, forget_number, pause
from schemas.scripts.cancel import resume as resume_task
from tests.walks.gate import Fault
from tests.walks.moves.room import Room, Task

DAYS = 30
CLIENTS = ["alice", "bob"]
FROM = ["+15005550006", "+15005550007"]
NUMBERS = [f"+1202555{index:04d}" for index in range(100, 112)]
_RETRIES = {"retry_most": "3", "retry_marks": "bnf"}
_STOP = json.dumps({"of_last": 3, "failed_share": 0.7})


@dataclass
class Clients:
    """What they do, and remember in the room."""

    room: Room
    digests: list[tuple[str, str]] = field(default_factory=list)  #: of campaigns' further rows

    def _uuid(self) -> str:
        return str(UUID(int=self.room.random.getrandbits(128)))

    def _numbers(self, most: int) -> list[str]:
        random = self.room.random
        return random.sample(NUMBERS, random.randint(1, most))

    def _windows(self) -> str:
        """Open now or soon, for some minutes."""
        first = (self.room.now_ms // 60_000 + self.room.random.choice([-5, -1, 1, 3])) % 1440
        last = (first + self.room.random.choice([2, 8, 60])) % 1440
        text = [f"{at // 60:02d}:{at % 60:02d}" for at in (first, last)]
        days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        zone = self.room.random.choice(["UTC", "UTC", "recipient"])
        return json.dumps({"timezone": zone, "windows": [{"days": days, "start": text[0], "end": text[1]}]})

    def _fields(self, *, bulk: bool) -> dict[str, str]:
        random, now_ms = self.room.random, self.room.now_ms
        fields = {"from": random.choice(FROM), "rank": str(random.randint(1, 3)), "metadata": '{"a":1}'}
        fields |= {"client": random.choice(CLIENTS)}
        more: list[dict[str, str]] = [
            {"status_callback_url": f"https://{random.choice('ab')}.example/news", "tells": "1"},
            _RETRIES | {"retry_seconds": random.choice(["5", "60"])},
            {"expires_ms": str(now_ms + random.choice([2000, 30_000, 900_000]))},
            {"from_given": "1"},
        ]
        more += [{"stop_if": _STOP}, {"paused": "1", "paused_reason": ""}] if bulk else []
        for some in more:
            fields |= some if random.random() < 0.35 else {}
        if random.random() < 0.25:
            fields |= {"windows": self._windows()} | ({"unplanned": "1"} if bulk else {"closes_ms": "1"})
        return fields

    def accept(self, *, bulk: bool) -> None:
        random, room = self.room.random, self.room
        numbers = self._numbers(8 if bulk else 1)
        fields = self._fields(bulk=bulk)
        if bulk:
            delay_us = campaign_interval_us(random.choice([1, 2, 10]))
            fields |= {"kind": "bulk", "state": "active", "total": str(len(numbers)), "delay_us": str(delay_us)}
            fields |= {"max_live": str(random.randint(1, 4))}
        else:
            fields |= {"kind": "single", "state": "waiting", "to": numbers[0]}
        ends = [room.now_ms + 40_000 if random.random() < 0.1 else None for _ in numbers]
        task = NewTask(
            self._uuid(),
            fields,
            [Row(number, expires_ms=end) for number, end in zip(numbers, ends, strict=True)] if bulk else (),
            delay_ms=random.choice([0, 0, 0, 3000]),
            pace_interval_us=0 if bulk else room.limits.singles.interval_us,
            key_digest=self._uuid() if random.random() < 0.3 else "",
            fingerprint="b",
        )
        its = Task(task.id, fields["client"], numbers, bulk, room.now_ms, paused="paused" in fields)
        verdict = room.run(accept(task, most_a_day=10**9)).verdict
        if verdict not in {"accepted", "replayed", "barred"}:
            raise Fault(f"{task}: {verdict}")
        if verdict != "barred":
            room.tasks[task.id] = its
        if verdict == "accepted" and random.random() < 0.05:
            its.unheard, its.deleted = True, bool(room.run(take_back(task.id)))

    def single(self) -> None:
        self.accept(bulk=False)

    def campaign(self) -> None:
        self.accept(bulk=True)

    def take_back(self) -> None:
        """An acceptance of which nobody heard."""
        if task := self.room.choose():
            task.unheard, task.deleted = True, bool(self.room.run(take_back(task.id)))

    def further(self) -> None:
        if task := self.room.choose(bulk=True):
            numbers, digest = self._numbers(3), self._uuid()
            script = append(task.id, [Row(number) for number in numbers], Repetition(digest, "b"))
            before = int(self.room.store.task(task.id).get("total", 0))
            if self.room.run(script).verdict in {"done", "replayed"}:
                if int(self.room.store.task(task.id)["total"]) != before + len(numbers):
                    raise Fault(f"{task} has not got {numbers}")
                task.numbers += numbers
                self.digests.append((task.id, digest))

    def take_back_rows(self) -> None:
        if self.digests:
            task, digest = self.digests.pop()
            self.room.run(take_back_rows(task, digest, DAYS))

    def retry(self) -> None:
        if task := self.room.choose():
            random = self.room.random
            what = Retry(random.choice(["bnfm", "b", "fe", "a"]), None, random.choice([0, 0, 5000]))
            script, more = retry(task.id, what, Repetition(self._uuid(), "b"), DAYS), True
            while more and random.random() < 0.8:  # else its process ends, and a sweep goes on
                more = self.room.run(script).more

    def edit(self) -> None:
        task = self.room.choose()
        if task is None:
            return
        random, now_ms = self.room.random, self.room.now_ms
        edits: list[dict[str, str | None]] = [
            {"rank": str(random.randint(1, 3))},
            {"expires_ms": random.choice([None, str(now_ms + 3000), str(now_ms + 900_000)])},
            {"windows": random.choice([None, self._windows()])}
            | ({"unplanned": "1"} if task.bulk else {"closes_ms": "1"}),
            {"retry_most": "2", "retry_marks": "b", "retry_seconds": "5"},
            dict.fromkeys(("retry_most", "retry_marks", "retry_seconds")),
            {"due_ms": str(now_ms + 5000)},
        ]
        edits += (
            [{"max_live": str(random.randint(1, 4))}, {"delay_us": str(campaign_interval_us(2))}] if task.bulk else []
        )
        self.room.run(edit(task.id, random.choice(edits), self._uuid()))

    def pause(self) -> None:
        if (task := self.room.choose()) and self.room.run(pause(task.id)).verdict in {"done", "already"}:
            task.paused = True

    def resume(self) -> None:
        if (task := self.room.choose()) and self.room.run(resume_task(task.id)).verdict in {"done", "already"}:
            task.paused = False

    def cancel(self) -> None:
        if task := self.room.choose():
            one = self.room.random.choice([task.id, f"{task.id}-{self.room.random.randint(1, 6)}"])
            if self.room.run(cancel(one, DAYS)).done:
                task.cancelled.add(one)

    def delete(self) -> None:
        if (task := self.room.choose()) and self.room.random.random() < 0.5:
            told = "more"
            while told == "more":
                told = self.room.run(forget(task.id, 120, self._uuid()))
            if told == "forgotten" or (told == "gone" and not self.room.store.task(task.id)):
                task.deleted = True

    def opt_out(self) -> None:
        on_list = self.room.random.choice(["service", "of:alice", "of:bob"])
        number = self.room.random.choice(NUMBERS)
        self.room.run(opt_out(OptOut(on_list, [number])))
        self.room.opted_out.add((on_list, number))

    def opt_in(self) -> None:
        for on_list, number in sorted(self.room.opted_out)[:3]:
            self.room.run(opt_in(on_list, number, "", "asked"))
            self.room.opted_out.discard((on_list, number))

    def _calls(self) -> Iterator[str]:
        """Ids of all that were accepted."""
        for task in self.room.tasks.values():
            yield task.id
            yield from (f"{task.id}-{place}" for place in range(1, len(task.numbers) + 1))

    def forget_number(self) -> None:
        number = self.room.random.choice(NUMBERS)
        if self.room.run(forget_number(self._uuid(), number, ALL, DAYS)).begun:
            self.room.forgotten.setdefault(number, set()).update(self._calls())
