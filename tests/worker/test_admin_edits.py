"""`worker.admin edit` is held to what the web tier holds clients to, for each whom the task still may call."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas import keys
from schemas.campaigns.rows import Row
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.worker.operator import Operator
from tests.worker.test_admin_steering import NUMBERS, told_off

NARROW = '{"windows": [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "11:00"}]}'
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ANYWHERE, NEW_YORK = "+18005550100", "+12125550100"


def campaign(store: Store, *rows: Row) -> str:
    its = store.campaign(*rows)
    store.redis.hset(keys.task(its), "variable_names", '["a","b"]')
    return its


def test_hours_in_which_a_number_that_waits_could_never_be_called_are_refused(operator: Operator, store: Store) -> None:
    its = campaign(store, Row(NEW_YORK), Row(ANYWHERE, timezone="Europe/Berlin"), Row(ANYWHERE))
    sentence = told_off(operator, "edit", its, "--calling-windows", NARROW)
    assert sentence == f"calling_windows: no_common_hour: {its}-3 could never be called in its hours."
    store.redis.set(keys.marks(its), "wwb")
    assert operator.json("edit", its, "--calling-windows", NARROW)["edits"] == 1
    single = store.call(ANYWHERE)
    assert f"no_common_hour: {single}" in told_off(operator, "edit", single, "--calling-windows", NARROW)


def test_a_number_with_an_end_of_its_own_is_to_be_called_before_that(operator: Operator, store: Store) -> None:
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (1, 9))
    day = f"{datetime.now(UTC) + timedelta(days=4):%a}".lower()
    its = campaign(store, Row(NEW_YORK, expires_ms=round(later.timestamp() * 1000)))
    windows = NARROW.replace('"mon", "tue", "wed", "thu", "fri"', f'"{day}"')
    assert operator.json("edit", its, "--calling-windows", windows)["edits"] == 1
    its = campaign(store, Row(NEW_YORK, expires_ms=round(soon.timestamp() * 1000)))
    sentence = told_off(operator, "edit", its, "--calling-windows", windows)
    assert sentence == f"calling_windows: no_common_hour: {its}-1 could never be called in its hours."


def test_another_end_is_held_to_the_hours_that_the_task_keeps(operator: Operator, store: Store) -> None:
    day = f"{datetime.now(UTC) + timedelta(days=4):%a}".lower()
    windows = NARROW.replace('"mon", "tue", "wed", "thu", "fri"', f'"{day}"')
    soon, later = ((datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (1, 9))
    for its in (campaign(store, Row(NEW_YORK)), store.call(NEW_YORK)):
        assert operator.json("edit", its, "--calling-windows", windows)["edits"] == 1
        assert told_off(operator, "edit", its, "--expires-at", soon).startswith("expires_at: no_common_hour: ")
        assert operator.json("edit", its, "--expires-at", later)["edits"] == 2


def test_a_call_under_way_that_gets_other_hours_is_tried_again_when_they_open_next(
    operator: Operator, store: Store
) -> None:
    call = store.call(NEW_YORK, windows=NARROW, opens_ms=1, closes_ms=2**42, retry_most=2, retry_marks="b")
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "first")
    store.outcome(call, placed("CA1", "queued", 60))
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    hours = {"timezone": "UTC", "windows": [{"days": EVERY_DAY, "start": "00:00", "end": "23:00"}]}
    days_off = [f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (-1, 0)]
    operator.run("edit", call, "--calling-windows", json.dumps(hours | {"days_off": days_off}))
    store.callback(call, "busy")
    due = datetime.fromtimestamp(int(store.task(call)["due_ms"]) / 1000, UTC)
    assert (store.state(call), due.isoformat()) == ("waiting", f"{tomorrow}T00:00:00+00:00")


def test_a_message_that_names_what_somebody_lacks_or_that_is_too_long_is_refused(
    operator: Operator, store: Store
) -> None:
    its = campaign(store, Row(NEW_YORK, variables=["x" * 500, "y"]), Row(NUMBERS[0], variables=[None, "z"]))
    before = store.task(its)
    for message, told in (
        ("Hi {{a}}", f"message: Must name only variables that are given: variables of {its}-2 has no a."),
        ("Hi {{b", "message: Must have a variable's name or pause"),
        ("{{b}}" + "x" * 5000, f"message: What {its}-1 would hear is more than Twilio speaks."),
        ("x" * 17_000, "call_metadata: Must be at most 16384 bytes of JSON."),
    ):
        assert told in told_off(operator, "edit", its, "--message", message)
    assert store.task(its) == before
    assert operator.json("edit", its, "--message", "Hi {{b}}")["edits"] == 1
    store.redis.set(keys.marks(its), "wa")
    assert "would hear is more" in told_off(operator, "edit", its, "--message", "{{a}} " * 20)
    assert operator.json("edit", its, "--message", "Hi {{a}}")["edits"] == 2


def test_a_message_is_to_leave_room_for_the_prompt_that_follows_it(
    operator: Operator, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://calls.example.com")
    its = campaign(store, Row(NEW_YORK))
    message = "&" * 10_000  # each takes five characters
    assert operator.json("edit", its, "--message", message)["edits"] == 1
    store.redis.hset(keys.task(its), "gather", json.dumps({"prompt": "&" * 3000}))
    assert "would hear is more" in told_off(operator, "edit", its, "--message", message)


@pytest.mark.parametrize("of", ["call", "campaign"])
def test_who_is_told_by_a_page_of_the_client_hears_no_message(operator: Operator, store: Store, of: str) -> None:
    its = campaign(store, Row(NEW_YORK)) if of == "campaign" else store.call(NEW_YORK)
    store.redis.hset(keys.task(its), "webhook_url", "https://client.example/")
    assert operator.json("edit", its, "--message", "Hi {{a}}")["edits"] == 1


def test_a_file_that_is_added_later_is_held_to_the_new_hours(operator: Operator, store: Store, tmp_path: Path) -> None:
    its = campaign(store, Row(NEW_YORK))
    operator.run("edit", its, "--calling-windows", NARROW)
    file = tmp_path / "more.csv"
    file.write_text(f"to_number\n{ANYWHERE}\n")
    assert "no_common_hour" in told_off(operator, "recipients", its, str(file))
