"""Workers, sweeps and Twilio's posts: messages that come twice or never, answers that come late, workers that die."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from schemas.do_not_call.lists import bar, cap
from schemas.lua.facts import MOST_LATE_US
from schemas.records import CallRecord
from schemas.scripts.begin import Barred, Capped, Go, Wait, begin
from schemas.scripts.checks import put_back
from schemas.scripts.news import give_up
from schemas.scripts.outcome import Request, Result, in_doubt, later, placed, record_outcome, refused
from tests.walks.gate import Fault
from tests.walks.moves.line import Post
from tests.walks.moves.room import Room
from worker.calls.following import check, probe_account
from worker.calls.planning import plan_closed
from worker.twilio.telephone import Telephone

DAYS = 30
_SETTINGS = cast(
    Any, SimpleNamespace(timeout_seconds=30, reconcile_after_seconds=60, public_base_url="https://our.example")
)


@dataclass
class Hands:
    """All that is done but by clients and relays."""

    room: Room
    policy: Any
    messages: list[tuple[str, str]] = field(default_factory=list)  #: call, and a claim once a worker has it
    granted: list[Post] = field(default_factory=list)
    done: list[Post] = field(default_factory=list)
    looked_up: list[CallRecord] = field(default_factory=list)  #: by sweeps that are held up

    def admit(self) -> None:
        self.messages += [(call, "") for call in self.room.ledger.admit(self.room.random.choice([1, 2, 20]))]

    def message(self) -> None:
        """One arrives; some come again later, or get lost."""
        if not self.messages:
            return
        random = self.room.random
        call, claim = self.messages.pop(random.randrange(len(self.messages)))
        if random.random() < 0.05:
            return
        if random.random() < 0.1:
            self.messages.append((call, ""))
        self.ask(call, claim or UUID(int=random.getrandbits(128)).hex)

    def ask(self, call: str, claim: str) -> None:
        room = self.room
        permission = room.run(begin(call, claim, room.limits, 35))
        match permission:
            case Go(record):
                leaves_us = room.now_us + round(permission.leaves_in_seconds * 1e6)
                room.check_leaving(record, leaves_us)
                numbers = record.to, record.from_number
                spacing_us = int(room.store.task(record.campaign_id or "").get("delay_us", 0))
                self.granted.append(Post(call, record.attempt_number, record.tries, *numbers, leaves_us, spacing_us))
            case Wait(seconds) if seconds <= 2.5:
                self.messages.append((call, claim))
            case Wait():
                room.run(put_back(call, DAYS))
            case Barred():
                room.run(bar(call, DAYS))
            case Capped():
                room.run(cap(call, room.limits, DAYS))

    def leave(self) -> None:
        """A request leaves, or its worker was held up, or ends."""
        if not self.granted:
            return
        room = self.room
        post = self.granted.pop(room.random.randrange(len(self.granted)))
        if room.random.random() < 0.04:
            return
        if room.now_us - post.leaves_us > MOST_LATE_US:
            post.result = later(0)
        else:
            at_us = max(room.now_us, post.leaves_us)
            self._check_spacing(post, at_us)
            room.line.arrivals.append((at_us, post.call_id))
            post.late_seconds = (at_us - post.leaves_us) / 1e6
            post.result = self._fate(post)
        self.done.append(post)

    def _check_spacing(self, post: Post, at_us: int) -> None:
        campaign = post.call_id.rpartition("-")[0] + "-"
        before = [came_us for came_us, call in self.room.line.arrivals if call.startswith(campaign)]
        if post.spacing_us and before and at_us - max(before) < post.spacing_us / 1.02:
            raise Fault(f"{post} comes {at_us - max(before)} microseconds after the one before it")

    def _fate(self, post: Post) -> Result:
        random, line = self.room.random, self.room.line
        if line.refuses_account:
            return refused("account", "No account", by_twilio=True)
        chance = random.random()
        if chance < 0.6:
            return placed(line.create(post).sid, "queued", 60)
        if chance < 0.7:
            line.create(post)
            return in_doubt("The answer got lost")
        if chance < 0.75:
            line.to_come.append((self.room.now_ms + random.choice([1000, 20_000, 55_000]), post))
            return in_doubt("Time-out")
        if chance < 0.8:
            return in_doubt("502")
        about = random.choice(["number", "number", "caller_id", "ambiguous", "later", "later"])
        own = random.random() < 0.7
        return (
            later(random.choice([None, 0.5]), by_twilio=own)
            if about == "later"
            else refused(about, "No", by_twilio=own)
        )

    def settle(self) -> None:
        """A worker tells what came of its request, maybe long after."""
        if not self.done:
            return
        post = self.done.pop(self.room.random.randrange(len(self.done)))
        if self.room.random.random() < 0.05:
            return
        assert post.result is not None
        self.room.run(record_outcome(Request(post.call_id, post.tries, post.late_seconds), post.result, DAYS))

    def account(self) -> None:
        self.room.line.refuses_account = not self.room.line.refuses_account and self.room.random.random() < 0.4

    def sweep(self) -> None:
        """As calls.sweep does; now and then it is held up, or ends, with what it was given."""
        room, telephone = self.room, cast(Telephone, self.room.line)
        steps: list[Callable[[], bool]] = [
            lambda: plan_closed(room.ledger, self.policy),
            room.ledger.step,
            room.ledger.forget_on,
        ]
        for step in steps:
            for _ in range(20):
                if not step():
                    break
        for _ in range(5):
            due = room.ledger.due_check(35)
            if due.probe and room.random.random() < 0.9:
                probe_account(room.ledger, telephone, due.probe)
            if due.call is None:
                return
            if room.random.random() < 0.1:
                self.looked_up.append(due.call)
            else:
                check(room.ledger, telephone, _SETTINGS, due.call, due.now_ms)

    def late_check(self) -> None:
        """A sweep that was held up goes on."""
        if self.looked_up:
            call = self.looked_up.pop()
            check(self.room.ledger, cast(Telephone, self.room.line), _SETTINGS, call, self.room.ledger.now_ms())

    def old_give_up(self) -> None:
        """As of an older request."""
        if call := self.room.a_call():
            tries = int(self.room.store.task(call).get("tries", 0))
            if tries > 1:
                self.room.run(give_up(call, self.room.random.randrange(tries), "Outcome unknown", DAYS))

    def set_back(self) -> None:
        """Redis's clock; beats live, and what workers have in hand goes on in its own time."""
        seconds = self.room.random.choice([5, 90, 3600])
        self.clock()
        self.room.set_back(seconds)
        for post in (*self.granted, *self.done):
            post.leaves_us -= seconds * 1_000_000

    def clock(self) -> None:
        self.room.ledger.pulse("worker")
        self.room.ledger.clock(self.room.random.choice(["beat", "other beat"]))
