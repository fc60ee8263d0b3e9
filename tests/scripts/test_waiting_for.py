"""schemas/explanation.py: of all that a call waits for, the first word in the contract's order is told."""

from typing import Any

import pytest

from schemas.explanation import WaitsFor
from schemas.limits import Limits
from schemas.listing import numbers
from schemas.scripts.cancel import pause
from schemas.scripts.explain import Facts
from schemas.scripts.holds import drain
from schemas.scripts.outcome import refused
from tests.scripts.conftest import Store
from tests.scripts.explaining import alive, facts, waits_for, why

LIMITS, FULL = Limits(1, 30, 10), Limits(1000, 60_000, 0)
FREE = Facts(now_us=1_000_000_000, state="waiting", due_ms=1, workers=1, beats=1)
#: What each word comes from, in the order in which they are told.
CAUSES: dict[WaitsFor, dict[str, Any]] = {
    WaitsFor.PAUSED: {"campaign": "x", "campaign_max_live": 5, "paused": "why"},
    WaitsFor.DRAINED: {"drained_ms": 1},
    WaitsFor.ACCOUNT: {"hold_reason": "Account is not active"},
    WaitsFor.SCHEDULE: {"due_ms": 2_000_000},
    WaitsFor.RETRY: {"again_ms": 2_000_000},
    WaitsFor.CAP: {"talked_ms": 60_000},
    WaitsFor.CONCURRENCY: {"live": 10},
    WaitsFor.WORKER: {"workers": 0},
    WaitsFor.PACE: {"account_free_us": 2_000_000_000},
}


def told(store: Store, task_id: str) -> WaitsFor | None:
    return waits_for(facts(store, task_id), store.limits)


def waiting_numbers(store: Store, task_id: str, limits: Limits) -> dict[WaitsFor, int]:
    return numbers.waiting_numbers(facts(store, task_id), limits)


@pytest.mark.parametrize("word", CAUSES)
def test_one_cause_gives_its_word_and_all_that_come_after_it_change_nothing(word: WaitsFor) -> None:
    later = list(CAUSES)[list(CAUSES).index(word) :]
    together = FREE
    for cause in reversed(later):
        together = together._replace(**CAUSES[cause])
    assert waits_for(FREE._replace(**CAUSES[word]), LIMITS) == word
    assert waits_for(together, LIMITS) == word


@pytest.mark.parametrize("state", ["dialling", "placed", "ended", "cancelled", "finished"])
def test_what_does_not_wait_waits_for_nothing(state: str) -> None:
    assert waits_for(FREE._replace(state=state), LIMITS) is None


def test_a_call_on_its_way_waits_for_its_turn_or_for_a_worker(store: Store) -> None:
    call = alive(store).call()
    store.ledger.admit(50)
    assert told(store, call) == "pace"
    store.ledger.pulse("worker", leaving=True)
    assert told(store, call) == "worker"


def test_a_refused_number_that_is_tried_again_waits_for_its_next_attempt(store: Store) -> None:
    call = alive(store).dialling()
    store.outcome(call, refused("ambiguous", "no", by_twilio=True))
    assert told(store, call) == "retry"
    assert why(store, call).startswith("it is tried again at 2")


def test_a_campaign_whose_last_number_is_tried_again_says_so_in_its_word_and_its_sentence(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100")
    (call,) = store.ledger.admit(1)
    store.ledger.begin(call, "attempt")
    store.outcome(call, refused("ambiguous", "no", by_twilio=True))
    assert waiting_numbers(store, campaign, store.limits) == {"retry": 1}
    assert why(store, campaign).startswith("the next is tried again at 2")


def test_a_drain_comes_before_a_schedule(store: Store) -> None:
    call = alive(store).call(delay_ms=60_000)
    assert told(store, call) == "schedule"
    store.scripts.run(drain())
    assert told(store, call) == "drained"


def test_a_campaigns_numbers_are_counted_by_what_they_wait_for(store: Store) -> None:
    numbers = [f"+1202555010{index}" for index in range(5)]
    campaign = alive(store).campaign(*numbers, client="shop")
    (call,) = store.ledger.admit(50)
    assert waiting_numbers(store, campaign, store.limits) == {"pace": 5}
    store.ledger.begin(call, "attempt")
    store.outcome(call, refused("ambiguous", "no", by_twilio=True))
    assert waiting_numbers(store, campaign, store.limits) == {"retry": 1, "pace": 4}
    assert waiting_numbers(store, campaign, FULL) == {"retry": 1, "concurrency": 4}
    store.scripts.run(pause(campaign, "somebody wanted it"))
    assert waiting_numbers(store, campaign, store.limits) == {"paused": 5}
    store.cancel(campaign)
    assert waiting_numbers(store, campaign, store.limits) == {}
