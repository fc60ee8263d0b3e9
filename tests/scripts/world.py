"""A state of Redis that was drawn: calls and campaigns, some of them further than others."""

from collections.abc import Callable
from random import Random
from typing import Any

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from schemas.limits import Limits
from schemas.lua.script import Script
from schemas.operation.part import Part, leave, report
from schemas.scripts.cancel import ALL, forget_number, forget_on, pause, step
from schemas.scripts.holds import probed
from schemas.scripts.news import Report, Source, give_up, record_news
from schemas.scripts.outcome import Request, Result, in_doubt, later, placed, record_outcome, refused
from schemas.scripts.relay import Attempt, Delivery, Parcel, Patience, Rooms, relay_turn
from tests.scripts.conftest import Store

DAYS = 30
ROOMS, NO_ROOM = Rooms(1, client=1, host=1), Rooms(0, client=0, host=0)
PATIENCE = Patience(lease=20, order=0, hold=60, give_up=86_400)
DELIVERIES: tuple[Delivery, ...] = ("delivered", "refused", "declined", "failed")
ACCOUNTS = ["AC1", "AC2"]
NUMBERS = [f"+1202555010{index}" for index in range(4)]

RESULTS: list[Result] = [
    placed("CA1", "queued", 60),
    placed("CA2", "queued", 60),
    later(),
    later(3),
    *(
        refused(about, "No.", by_twilio=own)
        for about in ("number", "caller_id", "account", "ambiguous")
        for own in (False, True)
    ),
    in_doubt("502"),
]


class World:
    """A state that was drawn, and the arguments of scripts that fit it more or less."""

    def __init__(self, redis: Any, random: Random) -> None:
        redis.flushall()
        self.store, self.random = Store(redis, 1000, 60_000, 6), random
        self.singles = [self.store.call(random.choice(NUMBERS), key=f"key{index}") for index in range(3)]
        closes_ms = self.store.now_ms() + random.choice([100, 10_000])
        more = [{"closes_ms": closes_ms, "opens_ms": 1}, {"expires_ms": closes_ms}]
        self.singles += [self.store.call(random.choice(NUMBERS), **options) for options in more]
        if random.random() < 0.3:
            redis.hset(keys.COPY, mapping={"at_ms": self.store.now_ms() + 1000, "id": "a copy"})
        self.campaigns = [self.store.campaign(*NUMBERS, max_live=2, delay_seconds=1) for _ in range(2)]
        redis.hset(keys.task(self.campaigns[0]), "stop_if", '{"of_last":2,"failed_share":0.5}')
        for name in (*self.singles, *self.campaigns):
            redis.hset(
                keys.task(name),
                mapping={"status_callback_url": "https://client.example", "from_given": random.randint(0, 1)},
            )

    @property
    def calls(self) -> list[str]:
        return [*self.singles, *(f"{campaign}-{number}" for campaign in self.campaigns for number in (1, 2))]

    def begin_some(self) -> None:
        for call in self.store.ledger.admit(self.random.randint(1, 4)):
            if self.random.random() < 0.8:
                self.store.pass_time(0.1)
                self.store.ledger.begin(call, f"claim of {call}")

    def step(self, name: str) -> None:
        steps: dict[str, Callable[[], object]] = {
            "begin": self.begin_some,
            "wait": lambda: self.store.pass_time(self.random.choice([0.2, 1.1, 12, 61])),
            "outcome": lambda: self.store.scripts.run(self.outcome()),
            "news": lambda: self.store.scripts.run(self.news()),
            "clock": lambda: self.store.ledger.clock("beat"),
            "checks": lambda: self.store.ledger.due_check(60),
            "give up": lambda: self.store.scripts.run(self.give_up()),
            "cancel": lambda: self.store.cancel(self.random.choice([*self.calls, *self.campaigns])),
            "opt out": lambda: self.store.scripts.run(opt_out(OptOut(SERVICE, [self.random.choice(NUMBERS)]))),
            "pause": lambda: self.store.scripts.run(pause(self.random.choice(self.campaigns))),
        }
        steps[name]()

    def any_call(self) -> str:
        known = [call for call in self.calls if self.store.state(call)]
        moving = [call for call in known if self.store.state(call) not in {"waiting", "cancelled"}]
        return self.random.choice(moving or known)

    def outcome(self) -> Script[Any]:
        call = self.any_call()
        tries = int(self.store.task(call).get("tries", 0))
        return record_outcome(Request(call, tries, self.random.choice([None, 0.02])), self.random.choice(RESULTS), DAYS)

    def news(self) -> Script[Any]:
        call, random = self.any_call(), self.random
        task = self.store.task(call)
        status = random.choice(["queued", "ringing", "in-progress", "completed", "busy", "unknown"])
        report = Report(
            random.choice(list(Source)),
            random.choice([task.get("sid") or "CA3", "CA1", "CA4"]),
            {"call_status": status, "answered_by": "human"} if random.random() < 0.8 else {"digits": "1"},
            to=task.get("to", ""),
            from_number="+15005550006",
            check_seconds=60,
            sequence=str(random.randint(0, 3)),
            body="CallStatus=x",
            span_seconds=70,
        )
        return record_news(call, report, DAYS)

    def give_up(self) -> Script[Any]:
        call = self.any_call()
        return give_up(call, int(self.store.task(call).get("tries", 0)), "Outcome unknown", DAYS)

    def report(self) -> Script[Any]:
        name, random = f"host/{self.random.randint(1, 2)}", self.random
        limits = Limits(random.choice([2, 20]), 30, random.choice([1, 50]))
        part = Part(name, random.choice(["web", "worker"]), 0, {})
        return random.choice([leave(name), report(part, limits, random.choice(ACCOUNTS))])

    def probe(self) -> Script[Any]:
        self.store.pass_time(0.6)
        return probed(self.store.ledger.due_check(60).probe, passed=self.random.random() < 0.5)

    def parcel(self) -> Script[Any]:
        self.store.pass_time(5)
        taken = self.store.scripts.run(relay_turn(ROOMS, PATIENCE)).parcels
        parcel = taken[0] if taken else Parcel(self.singles[0], "", "", "", "", "1:1", {}, 0)
        return relay_turn(NO_ROOM, PATIENCE, [Attempt(parcel, self.random.choice(DELIVERIES), 1)])

    def forget_to_the_last_step(self) -> Script[Any]:
        """What is left of a round of so few records is one step."""
        self.store.scripts.run(forget_number("job", self.random.choice(NUMBERS), ALL, DAYS))
        self.store.scripts.run(forget_on(DAYS))
        self.store.scripts.run(forget_on(DAYS))
        return forget_on(DAYS)

    def step_of_a_cancel(self) -> Script[Any]:
        campaign = self.random.choice(self.campaigns)
        self.store.redis.hset(keys.task(campaign), "state", "cancelled")
        self.store.redis.zadd(keys.PREFIX + "steps", {campaign: 0})
        return step(DAYS)
