"""A campaign with `stop_if` pauses by itself once too many of its last numbers came to no good."""

import json
from typing import Any

import pytest

from schemas import keys
from schemas.campaigns.filling import Repetition
from schemas.campaigns.retrying import Retry, retry
from schemas.scripts.cancel import forget, pause, resume
from schemas.scripts.outcome import in_doubt, placed, refused
from tests.scripts.conftest import Store
from tests.scripts.test_telling import campaign_of, told

NUMBERS = [f"+120255501{index:02d}" for index in range(12)]
NUMBER = refused("number", "No such number", by_twilio=True)


def stopping(store: Store, **stop_if: Any) -> str:
    """A campaign that looks at its last four."""
    campaign = campaign_of(store, *NUMBERS)
    fields = {"stop_if": json.dumps({"of_last": 4, **stop_if}), "opt_out_digit": "9", "delay_us": "1000"}
    store.redis.hset(keys.task(campaign), mapping=fields)
    return campaign


def recent(store: Store, campaign: str) -> str | None:
    letters: str | None = store.redis.get(f"{keys.PREFIX}recent:{campaign}")
    return letters


def leave(store: Store) -> str:
    """The next call, whose request leaves."""
    store.pass_time(1)
    (call,) = store.ledger.admit(1)
    store.ledger.begin(call, "attempt")
    return call


def end(store: Store, *words: str) -> list[str]:
    """One call after the other comes to that."""
    return [end_of(store, leave(store), word) for word in words]


def end_of(store: Store, call: str, word: str) -> str:
    if word == "failed":
        store.outcome(call, NUMBER)
        return call
    attempt = store.task(call).get("attempt_number", "1")
    store.outcome(call, placed(f"CA{call}-{attempt}", "queued", 60))
    seconds, digit = {"short": ("3", ""), "out": ("20", "9"), "both": ("3", "9"), "long": ("6", "1")}.get(
        word, ("0", "")
    )
    fields = {"duration_seconds": seconds} | ({"digits": digit} if digit else {})
    store.callback(call, "busy" if word == "busy" else "completed", fields=fields, attempt_number=int(attempt))
    return call


def is_paused(store: Store, campaign: str) -> bool:
    return store.task(campaign).get("paused") == "1"


def test_it_pauses_and_tells_once_when_the_share_of_its_last_numbers_is_reached(store: Store) -> None:
    campaign = stopping(store, failed_share=0.5)
    end(store, "failed", "busy", "long", "busy", "busy", "failed", "long")
    assert not is_paused(store, campaign)
    on_its_way = leave(store)
    end(store, "failed")
    assert is_paused(store, campaign)
    reason = "2 of the last 4 numbers failed: stop_if.failed_share is 0.5."
    assert store.task(campaign)["paused_reason"] == reason
    end_of(store, on_its_way, "failed")
    (event,) = told(store, campaign).values()
    assert (event["campaign"]["state"], event["campaign"]["paused_reason"]) == ("active", reason)
    store.pass_time(60)
    assert store.ledger.admit(50) == []


@pytest.mark.parametrize("percent", [7, 14, 28, 29, 55, 57])
def test_a_share_that_no_fraction_of_two_is_exactly_is_reached_by_as_many_as_it_says(
    store: Store, percent: int
) -> None:
    campaign = stopping(store, failed_share=percent / 100, of_last=100)
    store.redis.set(f"{keys.PREFIX}recent:{campaign}", "-" * (101 - percent) + "f" * (percent - 2))
    end(store, "failed")
    assert not is_paused(store, campaign)
    end(store, "failed")
    assert is_paused(store, campaign)


def test_fewer_numbers_than_it_looks_at_say_nothing_yet(store: Store) -> None:
    campaign = stopping(store, failed_share=0.1)
    end(store, "failed", "failed", "failed")
    assert not is_paused(store, campaign)
    end(store, "busy")
    assert is_paused(store, campaign)


@pytest.mark.parametrize(
    ("stop_if", "words", "told_of"),
    [
        ({"short_call_share": 0.75, "short_call_seconds": 6}, ("short", "both", "long", "short"), "short_call_share"),
        (
            {"opt_out_share": 0.5, "short_call_share": 1, "short_call_seconds": 6},
            ("out", "both", "long", "busy"),
            "opt_out_share",
        ),
    ],
)
def test_short_calls_and_opt_outs_count_by_themselves(
    store: Store, stop_if: dict[str, float], words: tuple[str, ...], told_of: str
) -> None:
    campaign = stopping(store, **stop_if)
    end(store, *words)
    assert f"stop_if.{told_of} is" in store.task(campaign)["paused_reason"]


def test_once_resumed_it_counts_anew(store: Store) -> None:
    campaign = stopping(store, failed_share=0.5)
    end(store, *["failed"] * 4)
    store.scripts.run(resume(campaign))
    assert recent(store, campaign) is None
    end(store, *["failed"] * 3)
    assert not is_paused(store, campaign)
    store.scripts.run(pause(campaign))
    store.scripts.run(resume(campaign))
    end(store, *["failed"] * 4)
    assert is_paused(store, campaign)


def test_a_number_counts_when_no_further_attempt_follows_and_again_if_somebody_tries_it_again(store: Store) -> None:
    campaign = stopping(store, failed_share=1)
    retried = {"retry_most": "2", "retry_marks": "b", "retry_seconds": "60"}
    store.redis.hset(keys.task(campaign), mapping=retried)
    end(store, "busy")
    assert recent(store, campaign) is None
    store.pass_time(61)
    end(store, "busy")
    assert recent(store, campaign) == "-"
    store.scripts.run(retry(campaign, Retry("b"), Repetition("again", "b"), 30))
    end(store, "failed")
    assert recent(store, campaign) == "-f"


def test_an_end_that_is_known_later_counts_once_and_what_was_cancelled_not_at_all(store: Store) -> None:
    campaign = stopping(store, failed_share=1)
    unknown = leave(store)
    store.outcome(unknown, in_doubt("502"))
    store.give_up(unknown)
    assert recent(store, campaign) == "-"
    store.callback(unknown, "failed", sid="CA1")
    assert store.state(unknown) == "ended"
    store.cancel(f"{campaign}-9")
    assert recent(store, campaign) == "-"


def test_a_campaign_without_it_keeps_nothing(store: Store) -> None:
    campaign = campaign_of(store, *NUMBERS)
    store.redis.hset(keys.task(campaign), "delay_us", "1000")
    end(store, "failed", "failed")
    assert recent(store, campaign) is None
    assert "judged" not in store.task(f"{campaign}-1")


def test_what_is_kept_ends_with_the_campaign(store: Store) -> None:
    campaign = stopping(store, failed_share=1)
    end(store, "busy", "busy")
    store.cancel(campaign)
    left_ms = store.redis.pttl(keys.task(campaign))  # first: it is the less, the later it is asked for
    assert 0 < store.redis.pttl(f"{keys.PREFIX}recent:{campaign}") <= left_ms
    store.scripts.run(forget(campaign, 60))
    assert recent(store, campaign) is None
