"""What is told of a campaign, in the order in which one word comes before another, and its counts at every step."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas import keys
from schemas.scripts.outcome import Result, in_doubt, later, placed, refused
from tests.app.client import Client
from tests.scripts.conftest import Store

COUNTED = ("waiting", "live", "completed", "busy", "no_answer", "failed", "canceled", "unknown")
NUMBER_REFUSED = refused("number", "To is not valid", by_twilio=True)


class Campaign:
    """A campaign of some numbers, moved by hand and asked about over HTTP."""

    def __init__(self, client: Client, store: Store, task_id: str) -> None:
        self.client, self.store, self.id = client, store, task_id
        self.sids = 0

    def dispatch(self) -> str:
        """The next call is on its way to a worker."""
        (call,) = self.store.ledger.admit(1)
        return call

    def dial(self) -> str:
        """The next call's request leaves."""
        call = self.dispatch()
        self.store.ledger.begin(call, "attempt")
        self.store.pass_time(1.5)
        return call

    def settle(self, result: Result | None = None) -> str:
        """The next call comes to this, or Twilio takes it."""
        call = self.dial()
        self.sids += 1
        self.store.outcome(call, result or placed(f"CA{self.sids}", "queued", 60))
        return call

    def end(self, call_status: str = "completed", **fields: str) -> str:
        """The next call is placed, and ends so."""
        call = self.settle()
        self.store.callback(call, call_status, fields=fields)
        return call

    async def told(self) -> tuple[str, dict[str, int]]:
        """Status, and the counts that are not 0."""
        body = (await self.client.status(self.id)).body
        counts: dict[str, int] = body["result"]["counts"]
        assert sum(counts[name] for name in COUNTED) == counts["total"]
        return body["status"], {name: counts[name] for name in COUNTED if counts[name]}


@pytest.fixture
async def campaign(client: Client, store: Store) -> Campaign:
    """Of two numbers."""
    body = {"phone_numbers": ["+12025550100", "+12025550101"], "delay_between_calls": 1}
    return Campaign(client, store, await client.queue("queue-bulk-calls", body))


async def test_a_call_on_its_way_to_a_worker_waits_and_is_live_once_its_request_leaves(campaign: Campaign) -> None:
    assert await campaign.told() == ("PENDING", {"waiting": 2})
    call = campaign.dispatch()
    assert await campaign.told() == ("PENDING", {"waiting": 2})
    campaign.store.ledger.begin(call, "attempt")
    assert await campaign.told() == ("PROGRESS", {"waiting": 1, "live": 1})
    campaign.store.outcome(call, in_doubt("no answer"))
    assert await campaign.told() == ("PROGRESS", {"waiting": 1, "live": 1})
    campaign.store.callback(call, "ringing", sid="CA1")
    assert await campaign.told() == ("PROGRESS", {"waiting": 1, "live": 1})
    campaign.store.callback(call, "completed")
    assert await campaign.told() == ("PROGRESS", {"waiting": 1, "completed": 1})


async def test_a_call_of_another_campaign_or_of_none_on_its_way_is_not_counted(
    campaign: Campaign, client: Client
) -> None:
    campaign.settle()
    other = Campaign(
        client, campaign.store, await client.queue("queue-bulk-calls", {"phone_numbers": ["+12025550102"]})
    )
    campaign.store.call("+12025550103")
    campaign.store.ledger.admit(50)

    assert await campaign.told() == ("PROGRESS", {"waiting": 1, "live": 1})
    assert await other.told() == ("PENDING", {"waiting": 1})


async def test_a_place_is_taken_from_the_admission_on_whatever_is_told(client: Client, store: Store) -> None:
    body = {"phone_numbers": ["+12025550100", "+12025550101"], "max_concurrent_calls": 1, "delay_between_calls": 1}
    campaign = Campaign(client, store, await client.queue("queue-bulk-calls", body))
    campaign.dispatch()
    store.pass_time(5)

    assert store.ledger.admit(50) == []


async def test_what_waits_again_after_an_attempt_waits_and_the_campaign_goes_on(campaign: Campaign) -> None:
    campaign.settle(later(0))

    assert await campaign.told() == ("PROGRESS", {"waiting": 2})


async def test_what_a_worker_put_back_before_its_request_left_was_not_handed_over(campaign: Campaign) -> None:
    campaign.store.ledger.put_back(campaign.dispatch())

    assert await campaign.told() == ("PENDING", {"waiting": 2})


def _cancelled(campaign: Campaign) -> None:
    campaign.store.cancel(campaign.id)


def _each_cancelled(campaign: Campaign) -> None:
    for _ in range(2):
        campaign.store.cancel(campaign.dispatch())
        campaign.store.pass_time(1.5)


def _cancelled_while_live(campaign: Campaign) -> None:
    call = campaign.settle()
    campaign.store.cancel(campaign.id)
    campaign.store.callback(call, "completed")


def _in_doubt_for_good(campaign: Campaign) -> None:
    for _ in range(2):
        campaign.store.give_up(campaign.settle(in_doubt("no answer")))


def _corrected(campaign: Campaign) -> None:
    _in_doubt_for_good(campaign)
    campaign.store.callback(f"{campaign.id}-1", "ringing", sid="CA1")


def _corrected_to_its_end(campaign: Campaign) -> None:
    _corrected(campaign)
    campaign.store.callback(f"{campaign.id}-1", "no-answer")


def _ended_then_cancelled(campaign: Campaign) -> None:
    campaign.end()
    _cancelled(campaign)


def _ended_and_leaving_then_cancelled(campaign: Campaign) -> None:
    campaign.end()
    campaign.dial()
    _cancelled(campaign)


STEPS: list[tuple[Callable[[Campaign], Any], str, dict[str, int]]] = [
    (_cancelled, "REVOKED", {"canceled": 2}),
    (_cancelled_while_live, "REVOKED", {"canceled": 2}),
    (_each_cancelled, "FAILURE", {"canceled": 2}),
    (_ended_then_cancelled, "REVOKED", {"completed": 1, "canceled": 1}),
    (_ended_and_leaving_then_cancelled, "REVOKED", {"completed": 1, "live": 1}),
    (lambda one: (one.settle(NUMBER_REFUSED), one.settle(NUMBER_REFUSED)), "FAILURE", {"failed": 2}),
    (lambda one: one.settle(NUMBER_REFUSED), "PROGRESS", {"waiting": 1, "failed": 1}),
    (_in_doubt_for_good, "FAILURE", {"unknown": 2}),
    (_corrected, "PROGRESS", {"live": 1, "unknown": 1}),
    (_corrected_to_its_end, "SUCCESS", {"no_answer": 1, "unknown": 1}),
    (lambda one: (one.settle(NUMBER_REFUSED), one.end("busy")), "SUCCESS", {"busy": 1, "failed": 1}),
    (lambda one: (one.end("failed"), one.end("canceled")), "SUCCESS", {"failed": 2}),
    (lambda one: (one.end(answered_by="machine_start"), one.end()), "SUCCESS", {"completed": 2}),
    (lambda one: (one.end(), one.settle()), "PROGRESS", {"live": 1, "completed": 1}),
]


@pytest.mark.parametrize(("steps", "status", "counts"), STEPS, ids=[str(number) for number in range(len(STEPS))])
async def test_the_first_word_that_fits_is_told(
    campaign: Campaign, steps: Callable[[Campaign], Any], status: str, counts: dict[str, int]
) -> None:
    steps(campaign)

    assert await campaign.told() == (status, counts)


async def test_a_campaign_that_an_earlier_version_began_is_known_to_have_begun_by_its_counts(
    campaign: Campaign,
) -> None:
    campaign.settle(NUMBER_REFUSED)
    campaign.store.redis.hdel(keys.task(campaign.id), "first_dialled_ms")

    assert (await campaign.told())[0] == "PROGRESS"


async def test_what_its_client_does_not_have_of_its_own_events_is_told(campaign: Campaign) -> None:
    untold = {"undelivered": "1", "retrying": "2"}
    campaign.store.redis.hset(keys.task(campaign.id), mapping=untold)
    result = (await campaign.client.status(campaign.id)).body["result"]

    assert (result["undelivered_callbacks"], result["retrying_callbacks"]) == (1, 2)
