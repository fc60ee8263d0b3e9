"""What is asked for again writes again though nothing changes: WAIT then waits for it, on any connection."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from schemas.campaigns.editing import edit
from schemas.campaigns.filling import Repetition, append
from schemas.campaigns.retrying import Retry, retry
from schemas.campaigns.rows import Row
from schemas.do_not_call.lists import SERVICE, OptOut, opt_in, opt_out
from schemas.lua.script import Script
from schemas.scripts.accept import NewTask, accept
from schemas.scripts.cancel import ALL, cancel, forget, forget_number, pause, resume
from schemas.scripts.holds import drain
from schemas.scripts.holds import resume as undrain
from tests.scripts.conftest import Store

DAYS = 30
NUMBER, OTHER = "+12025550100", "+12025550101"
FIELDS = {"kind": "single", "state": "waiting", "to": NUMBER, "rank": "2"}

STEERING: dict[str, Callable[[str], Script[Any]]] = {
    "accept": lambda _: accept(NewTask("new", FIELDS)),
    "accept by key": lambda _: accept(NewTask(str(uuid4()), FIELDS, key_digest="key", fingerprint="b")),
    "cancel": lambda campaign: cancel(campaign, DAYS),
    "cancel of a row": lambda campaign: cancel(f"{campaign}-2", DAYS),
    "cancel of a live call": lambda campaign: cancel(f"{campaign}-1", DAYS),
    "cancel of a call": lambda _: cancel("single", DAYS),
    "pause": pause,
    "resume": resume,
    "append": lambda campaign: append(campaign, [Row(OTHER)], Repetition("append", "b")),
    "retry": lambda campaign: retry(campaign, Retry("b", delay_ms=5000), Repetition("retry", "b"), DAYS),
    "edit": lambda campaign: edit(campaign, {"name": "Spring"}, "an edit"),
    "drain": lambda _: drain(),
    "undrain": lambda _: undrain(),
    "opt out": lambda _: opt_out(OptOut(SERVICE, [NUMBER])),
    "opt out by key": lambda _: opt_out(OptOut(SERVICE, [NUMBER], key_digest="key", fingerprint="b")),
    "forget": lambda _: forget_number("job", OTHER, ALL, DAYS),
    "delete": lambda _: forget("finished", 60, "one"),
    "delete by another request": lambda _: forget("finished", 60, str(uuid4())),
}


@pytest.mark.parametrize("name", STEERING)
def test_what_is_asked_for_again_is_written_again(store: Store, name: str) -> None:
    campaign = store.campaign(NUMBER, OTHER)
    (first,) = store.ledger.admit(1)
    store.ledger.begin(first, "claim")
    for task_id in ("single", "finished"):
        store.scripts.run(accept(NewTask(task_id, FIELDS)))
    store.cancel("finished")
    store.scripts.run(STEERING[name](campaign))
    before = _changes(store)
    store.scripts.run(STEERING[name](campaign))

    assert _changes(store) > before


def test_an_opt_in_that_is_sent_twice_is_done_both_times_and_written_again(store: Store) -> None:
    store.scripts.run(opt_out(OptOut(SERVICE, [NUMBER])))
    script = opt_in(SERVICE, NUMBER, "root", "asked to be called")
    assert store.scripts.run(script)
    before = _changes(store)
    assert store.scripts.run(script)
    assert _changes(store) > before

    assert not store.scripts.run(opt_in(SERVICE, NUMBER, "root", "asked to be called"))


def _changes(store: Store) -> int:
    return int(store.redis.info("persistence")["rdb_changes_since_last_save"])
