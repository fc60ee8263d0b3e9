"""explain.lua and schemas/explanation.py: where a task is, and at what cost that is told."""

import re

import pytest

from schemas.lua.source import source
from schemas.moment import utc_text
from schemas.records import CallRecord
from schemas.scripts.explain import explain
from schemas.scripts.outcome import Result, in_doubt, placed, refused
from tests.scripts.conftest import Store
from tests.scripts.explaining import alive, at, why


def test_a_task_that_is_not_there_has_no_explanation(store: Store) -> None:
    assert store.scripts.run(explain("x")) is None


def test_explaining_changes_nothing(store: Store) -> None:
    call = store.call()
    before = {key: store.redis.dump(key) for key in store.redis.scan_iter()}
    why(store, call)
    assert {key: store.redis.dump(key) for key in store.redis.scan_iter()} == before


def test_an_admitted_call_is_on_its_way_then_a_worker_has_it(store: Store) -> None:
    call = alive(store).call()
    store.ledger.admit(50)
    assert why(store, call) == f"on its way to a worker, leaves at {at(int(store.task(call)['slot_us']))}"
    store.ledger.begin(call, "attempt")
    assert why(store, call) == "a worker has it"


def test_a_call_in_doubt_is_being_looked_up(store: Store) -> None:
    call = alive(store).dialling()
    store.outcome(call, in_doubt("no answer"))
    record = CallRecord.read(call, store.task(call))
    store.ledger.look_again(record, 9)
    check = utc_text(store.score("checks", call) or 0)
    assert why(store, call) == f"being looked up at Twilio, next at {check}"


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (placed("CA1", "queued", 60), "Twilio has it, looked at again at "),
        (refused("number", "no", by_twilio=True), "it does not wait: it is rejected"),
    ],
    ids=["placed", "refused"],
)
def test_a_call_that_does_not_wait_says_where_it_is(store: Store, result: Result, sentence: str) -> None:
    call = alive(store).dialling()
    store.outcome(call, result)
    assert why(store, call).startswith(sentence)


def test_a_campaign_with_every_number_dialled_waits_for_nothing(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100")
    store.ledger.admit(50)
    assert why(store, campaign) == "every number was dialled or is on its way to a worker; calls still live: 0"


def test_the_explanation_costs_the_same_however_much_waits(store: Store) -> None:
    text = source("explain").partition("\n-- explain.lua")[2]
    commands = set(re.findall(r"redis\.call\('([A-Z]+)'", text))
    assert commands <= {"HGETALL", "HMGET", "HGET", "ZSCORE", "ZRANK", "ZCARD", "ZCOUNT", "SCARD", "LLEN"}
