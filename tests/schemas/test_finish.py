"""When a campaign will be done is told as far as it can be known."""

from typing import Any

import pytest

from schemas.limits import Limits
from schemas.listing.finish import finish_of
from schemas.records import CampaignRecord
from schemas.scripts.explain import Facts

#: Millisecond 1,000,000, of a campaign with ten calls at once and a delay of five seconds.
NOW = Facts(now_us=1_000_000_000, workers=1, beats=1, delay_us=5_000_000, campaign_max_live=10)
LIMITS = Limits(1000, 60, 50)


def campaign(**fields: object) -> CampaignRecord:
    given = {"state": "active", "total": 100, "created_ms": 1, "updated_ms": 1}
    return CampaignRecord.read("x", {name: str(value) for name, value in (given | fields).items()})


def lasted(count: int, seconds: int) -> str:
    return " ".join([str(seconds * 1000)] * count)


def seconds(record: CampaignRecord, facts: Facts = NOW) -> float | None:
    """From now."""
    finish_ms = finish_of(record, facts, LIMITS)
    return None if finish_ms is None else finish_ms / 1000 - 1000


def test_delay_decides_while_calls_are_short_and_the_last_one_takes_as_long_as_others() -> None:
    assert seconds(campaign()) == 99 * 5 + 60
    assert seconds(campaign(lasted=lasted(50, 30))) == 99 * 5 + 30


def test_the_accounts_pace_decides_if_it_is_slower() -> None:
    slow = Limits(0.1, 60, 50)
    finish_ms = finish_of(campaign(), NOW, slow)
    assert finish_ms == pytest.approx(1_000_000 + 99 * slow.account.interval_us / 1000 + 60_000, abs=1)


def test_where_concurrency_binds_the_mean_of_the_last_calls_decides() -> None:
    assert seconds(campaign(lasted=lasted(50, 100))) == 99 * 10 + 100


@pytest.mark.parametrize(("over", "known"), [(19, False), (20, True)])
def test_while_concurrency_binds_and_few_calls_are_over_nobody_knows(over: int, known: bool) -> None:
    full = NOW._replace(campaign_live=10)
    assert (seconds(campaign(live=10, lasted=lasted(over, 100)), full) is not None) is known


def test_what_begins_later_ends_later() -> None:
    assert seconds(campaign(), NOW._replace(due_ms=2_000_000)) == 1000 + 99 * 5 + 60


def test_it_ends_after_its_windows_open_though_another_attempt_comes_before() -> None:
    closed = NOW._replace(later_ms=1_500_000, opens_ms=2_000_000)
    assert seconds(campaign(), closed) == 1000 + 99 * 5 + 60


def test_calls_that_are_live_end_when_calls_do() -> None:
    assert seconds(campaign(completed=90, live=10, lasted=lasted(50, 100)), NOW) == 100


@pytest.mark.parametrize("facts", [{"paused": ""}, {"drained_ms": 1}, {"hold_reason": "no"}])
def test_what_stands_has_no_end(facts: dict[str, Any]) -> None:
    assert seconds(campaign(), NOW._replace(**facts)) is None


@pytest.mark.parametrize("fields", [{"state": "finished", "completed": 100}, {"state": "cancelled"}])
def test_what_is_over_has_no_estimate(fields: dict[str, object]) -> None:
    assert seconds(campaign(**fields)) is None


@pytest.mark.parametrize("opens_ms", [0, 2_000_000])
def test_nothing_begins_behind_its_end(opens_ms: int) -> None:
    assert seconds(campaign(), NOW._replace(expires_ms=1_100_000, opens_ms=opens_ms)) == 100 + 60
    assert seconds(campaign(total=3), NOW._replace(expires_ms=1_100_000)) == 2 * 5 + 60
