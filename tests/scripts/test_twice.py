"""Every script may run twice with the same arguments: the second run changes nothing, whatever went before."""

from collections.abc import Callable
from importlib.resources import files
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from schemas import keys
from schemas.campaigns.editing import edit
from schemas.campaigns.filling import Repetition, append
from schemas.campaigns.page import page_rows
from schemas.campaigns.retrying import Retry, retry
from schemas.campaigns.rows import Row
from schemas.do_not_call.lists import SERVICE, OptOut, bar, cap, entries, merge, opt_in, opt_out, opted_out
from schemas.hours.closing import ClosedSome, Planned, closed, plan, unzoned, zone
from schemas.limits import Limits
from schemas.listing.calls import list_calls
from schemas.listing.events import redeliver
from schemas.listing.now import hours, now
from schemas.listing.tasks import Span, list_tasks
from schemas.lua.script import Script
from schemas.operation.copy import accept_copy, put_in_doubt, requeue, set_apart
from schemas.operation.part import Part, leave, mark_of_broker, report, take_account
from schemas.records import RANKS
from schemas.scripts.accept import NewTask, accept, take_back
from schemas.scripts.admit import admit
from schemas.scripts.begin import begin
from schemas.scripts.cancel import ALL, cancel, forget, forget_number, forget_on, pause, step
from schemas.scripts.cancel import resume as resume_task
from schemas.scripts.checks import due_check, postpone, put_back
from schemas.scripts.clock import clock, pulse
from schemas.scripts.explain import explain
from schemas.scripts.gauges import figures, health, overview
from schemas.scripts.holds import drain, probed, resume
from schemas.scripts.news import Report, Source, give_up, record_news
from schemas.scripts.outcome import Request, Result, in_doubt, later, placed, record_outcome, refused
from schemas.scripts.relay import Attempt, Delivery, Parcel, Patience, Rooms, relay_turn
from tests.scripts.conftest import Store

DAYS = 30
ROOMS, NO_ROOM = Rooms(1, client=1, host=1), Rooms(0, client=0, host=0)
PATIENCE = Patience(lease=20, order=0, hold=60, give_up=86_400)
DELIVERIES: tuple[Delivery, ...] = ("delivered", "refused", "declined", "failed")
ACCOUNTS = ["AC1", "AC2"]
ENTRY = {"id": "1-1", "list": "service", "number": "+12025550103", "act": "added", "at_ms": "1"}
NUMBERS = [f"+1202555010{index}" for index in range(4)]
#: Each run of these hands out something else, and a lost answer is made up for by its lease.
HAND_OUT = {"admit", "checks", "closed"}

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

    def script(self, name: str) -> Script[Any]:
        store, random = self.store, self.random
        call, campaign = self.any_call(), random.choice(self.campaigns)
        task = random.choice([call, campaign])
        fields = {"kind": "single", "state": "waiting", "to": NUMBERS[0], "rank": "2"}
        scripts: dict[str, Callable[[], Script[Any]]] = {
            "account": lambda: take_account(random.choice(ACCOUNTS)),
            "accept": lambda: accept(NewTask("new", fields, key_digest="key0", fingerprint="b"), most_a_day=99),
            "admit": lambda: admit(store.limits, 2),
            "append": lambda: append(campaign, [Row(NUMBERS[0])], Repetition("new", "b")),
            "apart": lambda: set_apart(call),
            "bar": lambda: bar(call, DAYS),
            "begin": lambda: begin(call, f"claim of {call}", store.limits, 35),
            "broker": lambda: mark_of_broker(random.choice(["mark", "other"])),
            "cap": lambda: cap(call, store.limits, DAYS),
            "cancel": lambda: cancel(task, DAYS),
            "checks": lambda: due_check(60, DAYS),
            "clock": lambda: clock("beat", store.limits, DAYS),
            "closed": lambda: closed(DAYS),
            "drain": random.choice([drain, resume, accept_copy]),
            "edit": lambda: edit(task, {"name": "x", "rank": "3", "external_id": None}, "an edit"),
            "explain": lambda: explain(task),
            "figures": figures,
            "forget": lambda: forget(task, 120, random.choice(["", "claim"])),
            "forget_number": lambda: forget_number("job", random.choice(NUMBERS), ALL, DAYS),
            "forget_on": self.forget_to_the_last_step,
            "give_up": self.give_up,
            "health": health,
            "hold": self.probe,
            "hours": lambda: hours(None, 60, 48),
            "list_calls": lambda: list_calls([*self.singles, *self.campaigns], 10, ALL),
            "list_tasks": lambda: list_tasks(Span(), None, 10),
            "merge_opt_outs": lambda: merge("salt", [ENTRY]),
            "news": self.news,
            "now": lambda: now(None, 20),
            "opt_in": lambda: opt_in(SERVICE, random.choice(NUMBERS), "", "asked to be"),
            "opt_out": lambda: opt_out(OptOut(SERVICE, NUMBERS[:2], call_id=call, key_digest="key9", fingerprint="b")),
            "opt_outs": lambda: entries(SERVICE, "", 9),
            "opted_out": lambda: opted_out("", NUMBERS),
            "outcome": self.outcome,
            "page_rows": lambda: page_rows(task, 0, 10),
            "overview": lambda: overview(list(RANKS.values()), 20),
            "pause": lambda: random.choice([pause(campaign), resume_task(campaign), pause(self.singles[0])]),
            "plan": lambda: plan("policy", [Planned(call, (1, 2**43)), Planned(self.singles[3], None)]),
            "postpone": lambda: postpone(call, 5),
            "pulse": lambda: pulse("worker", leaving=random.random() < 0.5),
            "put_back": lambda: put_back(call, DAYS),
            "relay": self.parcel,
            "retry": lambda: retry(task, Retry("bnfm", delay_ms=5000), Repetition("retry", "b"), DAYS),
            "report": self.report,
            "redeliver": lambda: redeliver(task),
            "requeue": lambda: requeue(call, DAYS, ask_only=False),
            "restore": lambda: put_in_doubt(task, DAYS),
            "step": self.step_of_a_cancel,
            "take_back": lambda: take_back(random.choice([*self.singles, *self.campaigns])),
            "unzoned": lambda: unzoned(campaign),
            "zone": lambda: zone(campaign, 0, "0" * len(NUMBERS), {"0": "America/New_York"}, {1: 2**43}),
        }
        return scripts[name]()


def keyspace(redis: Any) -> dict[str, Any]:
    """All that Redis holds, but for instants."""
    found: dict[str, Any] = {}
    for name in redis.scan_iter("*"):
        kind = redis.type(name)
        if kind == "hash":
            fields = redis.hgetall(name).items()
            found[name] = {field: "" if field.endswith(("_ms", "_us")) else value for field, value in fields}
        elif kind == "zset":
            found[name] = sorted(member.partition("|")[2] or member for member in redis.zrange(name, 0, -1))
        elif kind == "set":
            found[name] = redis.smembers(name)
        elif kind == "stream":
            found[name] = redis.xrange(name)
        else:
            found[name] = redis.lrange(name, 0, -1) if kind == "list" else redis.get(name)
    # Others ended while they were read.
    return {name: value for name, value in found.items() if value or value == ""}


SCRIPTS = sorted(
    file.name.removesuffix(".lua") for file in files("schemas.scripts").iterdir() if file.name.endswith(".lua")
)
STEPS = st.sampled_from(
    ["begin", "begin", "wait", "wait", "outcome", "outcome", "news", "clock", "checks", "give up", "cancel", "pause"]
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_second_run_of_a_script_changes_nothing(redis: "Redis", name: str) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(steps=st.lists(STEPS, min_size=2, max_size=10), seed=st.integers(0, 2**16))
    def run_twice(steps: list[str], seed: int) -> None:
        world = World(redis, Random(seed))
        for name_of_step in ("begin", *steps):
            world.step(name_of_step)
        script = world.script(name)
        first = world.store.scripts.run(script)
        once = keyspace(redis)
        lasting = {key for key in once if redis.ttl(key) == -1}  # others may end by themselves, on a slow machine
        second = world.store.scripts.run(script)
        if name in HAND_OUT:
            assert handed_out(first).isdisjoint(handed_out(second))
        else:
            twice = keyspace(redis)
            assert twice == {key: value for key, value in once.items() if key in lasting or key in twice}

    run_twice()


def handed_out(answer: Any) -> set[str]:
    """What a script gave to whoever ran it."""
    if isinstance(answer, ClosedSome):
        answer = answer.found
    if isinstance(answer, list):
        return {str(getattr(one, "call_id", getattr(one, "id", one))) for one in answer}
    return {answer.call.id} if answer.call else set()
