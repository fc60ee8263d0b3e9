"""Rows and marks of a campaign: what each number came to, in the order given."""

import json

import pytest

from schemas import keys
from schemas.campaigns.marks import Mark
from schemas.campaigns.rows import Row
from schemas.scripts.begin import Go
from schemas.scripts.outcome import in_doubt, later, placed, refused
from tests.scripts.conftest import Store
from tests.scripts.explaining import explained
from tests.scripts.zones import sweep

NUMBERS = [f"+120255501{index:02d}" for index in range(10)]


def marks(store: Store, campaign: str) -> str:
    return str(store.redis.get(keys.marks(campaign)))


def begin(store: Store, call: str) -> None:
    assert isinstance(store.ledger.begin(call, f"claim of {call}"), Go)


def test_a_row_is_marked_at_each_step_of_its_call(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2], max_live=1)
    seen = [marks(store, campaign)]
    (call,) = store.ledger.admit(50)
    seen.append(marks(store, campaign))
    begin(store, call)
    seen.append(marks(store, campaign))
    store.outcome(call, later(0))
    seen.append(marks(store, campaign))
    assert seen == ["ww", "dw", "lw", "rw"]


@pytest.mark.parametrize(
    ("status", "fields", "mark"),
    [
        ("completed", {"answered_by": "human"}, Mark.ANSWERED),
        ("completed", {}, Mark.ANSWERED),
        ("completed", {"answered_by": "machine_end_beep"}, Mark.MACHINE),
        ("completed", {"answered_by": "fax"}, Mark.MACHINE),
        ("busy", {}, Mark.BUSY),
        ("no-answer", {}, Mark.NO_ANSWER),
        ("failed", {}, Mark.FAILED),
        ("canceled", {}, Mark.FAILED),
        ("unknown", {}, Mark.UNKNOWN),
    ],
)
def test_a_row_ends_with_what_its_call_came_to(store: Store, status: str, fields: dict[str, str], mark: Mark) -> None:
    campaign = store.campaign(*NUMBERS[:2], max_live=1)
    (call,) = store.ledger.admit(50)
    begin(store, call)
    store.outcome(call, placed("CA1", "queued", 60))
    store.callback(call, status, fields=fields)
    assert marks(store, campaign) == f"{mark}w"


def test_a_verdict_that_comes_after_the_end_and_a_correction_are_marked_too(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2], delay_seconds=1)
    (first,) = store.ledger.admit(50)
    begin(store, first)
    store.outcome(first, placed("CA1", "queued", 60))
    store.callback(first, "completed")
    store.callback(first, fields={"answered_by": "machine_start"})
    store.pass_time(2)
    (second,) = store.ledger.admit(50)
    begin(store, second)
    store.outcome(second, refused("number", "no", by_twilio=True))
    assert marks(store, campaign) == "mf"
    store.callback(second, "ringing", sid="CA2")
    assert marks(store, campaign) == "ml"


def test_what_a_cancel_hung_up_and_what_never_began_are_told_apart(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:3], max_live=1)
    (call,) = store.ledger.admit(50)
    begin(store, call)
    store.outcome(call, placed("CA1", "in-progress", 60))
    store.cancel(campaign)
    store.callback(call, "completed")
    assert marks(store, campaign) == "hcc"


def test_an_outcome_that_nobody_learns_is_marked(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:1])
    (call,) = store.ledger.admit(50)
    begin(store, call)
    store.outcome(call, in_doubt("502"))
    assert marks(store, campaign) == "l"
    store.give_up(call)
    assert marks(store, campaign) == "u"


def test_a_row_that_never_began_can_be_cancelled_and_the_others_are_dialled_in_order(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:5], max_live=5)
    for place in (1, 2, 4):
        assert store.cancel(f"{campaign}-{place}").done
        assert store.cancel(f"{campaign}-{place}").done
    called = []
    for _ in range(4):
        called += store.ledger.admit(50)
        store.pass_time(1.1)
    assert called == [f"{campaign}-3", f"{campaign}-5"]
    task = store.task(campaign)
    assert (marks(store, campaign), task["canceled"], task["live"]) == ("ccdcd", "3", "2")


def test_a_campaign_whose_last_waiting_row_is_cancelled_is_finished(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2])
    for place in (2, 1):
        store.cancel(f"{campaign}-{place}")
    assert store.state(campaign) == "finished"
    assert 0 < store.redis.pttl(keys.rows(campaign)) <= 30 * 86_400_000
    assert 0 < store.redis.pttl(keys.marks(campaign)) <= 30 * 86_400_000
    assert not store.redis.exists(keys.PREFIX + "in_campaigns")


@pytest.mark.parametrize("place", ["0", "3", "01", "x", "-1", "99999999999999999999"])
def test_what_names_no_row_is_no_task(store: Store, place: str) -> None:
    campaign = store.campaign(*NUMBERS[:2])
    before = store.task(campaign)
    assert not store.cancel(f"{campaign}-{place}").done
    assert store.task(campaign) == before


def test_a_row_that_never_began_is_told_as_it_will_be(store: Store) -> None:
    campaign = store.accept(*NUMBERS[:2], max_live=1, client="alice").task_id
    store.cancel(f"{campaign}-1")
    cancelled, waiting = (explained(store, f"{campaign}-{place}").fields for place in (1, 2))
    assert (cancelled["state"], waiting["state"]) == ("cancelled", "waiting")
    assert (waiting["to"], waiting["bulk"], waiting["from"]) == (NUMBERS[1], campaign, "+15005550006")
    assert not store.redis.exists(keys.task(f"{campaign}-2"))


def test_what_was_given_of_a_recipient_stands_in_the_record_of_its_call(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:1])
    row = Row(NUMBERS[0], 'crm "1" ü', ["Zoë/{{x}}", None, "b"], "Asia/Kolkata", 1_900_000_000_000)
    store.redis.lset(keys.rows(campaign), 0, row.pack())
    assert explained(store, f"{campaign}-1").fields["external_id"] == 'crm "1" ü'
    (call,) = store.ledger.admit(50)
    task = store.task(call)
    assert (task["to"], task["external_id"], task["timezone"]) == (NUMBERS[0], 'crm "1" ü', "Asia/Kolkata")
    assert json.loads(task["variables"]) == ["Zoë/{{x}}", None, "b"]
    assert task["expires_ms"] == "1900000000000"


def test_a_cancel_of_very_many_stops_them_at_once_and_steps_do_the_rest(store: Store) -> None:
    campaign = store.campaign(*(f"+1303{index:07d}" for index in range(1000)), max_live=2)
    more = [f"1404{index:07d}" for index in range(1500)]
    store.redis.rpush(keys.rows(campaign), *more)
    store.redis.append(keys.marks(campaign), Mark.WAITING * len(more))
    store.redis.hincrby(keys.task(campaign), "total", len(more))
    store.redis.hincrby(keys.task(campaign), "counted", len(more))
    store.redis.hincrby(keys.PREFIX + "in_campaigns", "", len(more))
    store.ledger.admit(50)

    assert store.cancel(campaign).done
    store.pass_time(5)
    assert store.ledger.admit(50) == []
    assert marks(store, campaign).count(Mark.WAITING) == 1500 - 1
    assert store.ledger.clock("beat").sweep
    steps = 1
    while store.ledger.step():
        steps += 1
    task = store.task(campaign)
    assert (steps, marks(store, campaign), task["canceled"], task["live"]) == (2, Mark.CANCELLED * 2500, "2500", "0")
    assert not store.redis.exists(keys.PREFIX + "steps", keys.PREFIX + "in_campaigns")


def test_a_number_takes_seventeen_bytes_at_most_until_it_is_attempted(store: Store) -> None:
    count = 100_000
    campaign = store.campaign(*(f"+49151{index:08d}" for index in range(1000)))
    digits = [f"49151{index:08d}" for index in range(1000, count)]
    for first in range(0, len(digits), 1000):
        page = digits[first : first + 1000]
        store.redis.rpush(keys.rows(campaign), *page)
        store.redis.append(keys.marks(campaign), Mark.WAITING * len(page))
    size = sum(store.redis.memory_usage(name, samples=0) or 0 for name in (keys.rows(campaign), keys.marks(campaign)))
    assert size / count <= 17


@pytest.mark.parametrize(
    "row",
    [
        Row(NUMBERS[0], "crm-1", ["Ada", "", None, '["/ü"]'], "Europe/London", 1_900_000_000_000),
        Row(NUMBERS[0], None, ["\x1f", "\x1e", "\x1d", None, "a\0b"]),
        Row(NUMBERS[0], None, [""], "America/New_York"),
        Row(NUMBERS[0], None, None, None, 1_900_000_000_000),
        Row(NUMBERS[0], "[", ["[", "]"]),
        Row(NUMBERS[0], "crm-1"),
    ],
    ids=str,
)
def test_a_calls_record_begins_with_what_was_given_of_its_row(store: Store, row: Row) -> None:
    call = f"{store.campaign(row)}-1"
    sweep(store)  # looks at those that have an end
    assert store.ledger.admit(50) == [call]
    record = store.task(call)
    assert json.loads(record.get("variables", "null")) == row.variables
    assert (record["to"], record.get("external_id"), record.get("timezone")) == (
        row.number,
        row.external_id,
        row.timezone,
    )
    assert record.get("expires_ms") == (str(row.expires_ms) if row.expires_ms else None)
