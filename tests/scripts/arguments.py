"""The arguments with which each script may be run in a drawn world."""

from collections.abc import Callable
from typing import Any

from schemas.campaigns.editing import edit
from schemas.campaigns.filling import Repetition, append, take_back_rows
from schemas.campaigns.page import page_rows
from schemas.campaigns.retrying import Retry, retry
from schemas.campaigns.rows import Row
from schemas.do_not_call.lists import SERVICE, OptOut, bar, cap, entries, merge, opt_in, opt_out, opted_out
from schemas.hours.closing import Planned, closed, plan, unzoned, zone
from schemas.listing.calls import list_calls
from schemas.listing.events import redeliver
from schemas.listing.now import hours, now
from schemas.listing.tasks import Span, list_tasks
from schemas.lua.script import Script
from schemas.operation.copy import accept_copy, put_in_doubt, requeue, set_apart
from schemas.operation.part import mark_of_broker, take_account
from schemas.records import RANKS
from schemas.scripts.accept import NewTask, accept, take_back
from schemas.scripts.admit import admit
from schemas.scripts.begin import begin
from schemas.scripts.cancel import ALL, cancel, forget, forget_number, pause
from schemas.scripts.cancel import resume as resume_task
from schemas.scripts.checks import due_check, postpone, put_back
from schemas.scripts.clock import clock, pulse
from schemas.scripts.explain import explain
from schemas.scripts.gauges import figures, health, overview
from schemas.scripts.holds import drain, resume
from tests.scripts.world import ACCOUNTS, DAYS, NUMBERS, World

ENTRY = {"id": "1-1", "list": "service", "number": "+12025550103", "act": "added", "at_ms": "1"}


def script(world: World, name: str) -> Script[Any]:
    """A script by its name, with arguments that fit the world more or less."""
    store, random = world.store, world.random
    call, campaign = world.any_call(), random.choice(world.campaigns)
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
        "forget_on": world.forget_to_the_last_step,
        "give_up": world.give_up,
        "health": health,
        "hold": world.probe,
        "hours": lambda: hours(None, 60, 48),
        "list_calls": lambda: list_calls([*world.singles, *world.campaigns], 10, ALL),
        "list_tasks": lambda: list_tasks(Span(), None, 10),
        "merge_opt_outs": lambda: merge("salt", [ENTRY]),
        "news": world.news,
        "now": lambda: now(None, 20),
        "opt_in": lambda: opt_in(SERVICE, random.choice(NUMBERS), "", "asked to be"),
        "opt_out": lambda: opt_out(OptOut(SERVICE, NUMBERS[:2], call_id=call, key_digest="key9", fingerprint="b")),
        "opt_outs": lambda: entries(SERVICE, "", 9),
        "opted_out": lambda: opted_out("", NUMBERS),
        "outcome": world.outcome,
        "page_rows": lambda: page_rows(task, 0, 10),
        "overview": lambda: overview(list(RANKS.values()), 20),
        "pause": lambda: random.choice([pause(campaign), resume_task(campaign), pause(world.singles[0])]),
        "plan": lambda: plan("policy", [Planned(call, (1, 2**43)), Planned(world.singles[3], None)]),
        "postpone": lambda: postpone(call, 5),
        "pulse": lambda: pulse("worker", leaving=random.random() < 0.5),
        "put_back": lambda: put_back(call, DAYS),
        "relay": world.parcel,
        "retry": lambda: retry(task, Retry("bnfm", delay_ms=5000), Repetition("retry", "b"), DAYS),
        "report": world.report,
        "redeliver": lambda: redeliver(task),
        "requeue": lambda: requeue(call, DAYS, ask_only=False),
        "restore": lambda: put_in_doubt(task, DAYS),
        "step": world.step_of_a_cancel,
        "take_back_rows": lambda: _taken_back(world, campaign),
        "take_back": lambda: take_back(random.choice([*world.singles, *world.campaigns])),
        "unzoned": lambda: unzoned(campaign),
        "zone": lambda: zone(campaign, 0, "0" * len(NUMBERS), {"0": "America/New_York"}, {1: 2**43}),
    }
    return scripts[name]()


def _taken_back(world: World, campaign: str) -> Script[bool]:
    """Of further rows that the campaign got just now."""
    world.store.scripts.run(append(campaign, [Row(NUMBERS[0])], Repetition("taken back", "b")))
    return take_back_rows(campaign, "taken back", DAYS)
