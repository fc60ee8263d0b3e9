"""`worker.admin recipients` and `retry` are held to what the web tier holds clients to."""

from pathlib import Path

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from schemas.hours.window import Hours
from tests.app.test_problems import fill
from tests.scripts.conftest import Store
from tests.worker.operator import Operator
from tests.worker.test_admin_steering import NUMBERS, end, told_off

NARROW = '{"timezone":"recipient","windows":[{"days":["mon"],"start":"09:00","end":"11:00"}]}'


@pytest.fixture
def campaign(store: Store) -> str:
    return store.campaign(*NUMBERS, max_live=2)


def file_of(folder: Path, *numbers: str) -> str:
    file = folder / "more.csv"
    file.write_text("\n".join(["to_number", *numbers, ""]))
    return str(file)


@pytest.mark.parametrize(
    ("rule", "number", "told"),
    [
        (("ALLOWED_PREFIXES", "+1"), "+442071838750", "ALLOWED_PREFIXES names"),
        (("BLOCKED_PREFIXES", "+1303"), "+13035550100", "BLOCKED_PREFIXES names"),
        (("ALLOW_PREMIUM", "0"), "+19005550100", "Must not be a premium"),
        (("ALLOW_PREMIUM", "1"), "+15005550006", "never dials its own from-number"),
        (("CALLING_WINDOWS", "mon 09:00-11:00"), "+18005550100", "no_common_hour"),
    ],
)
def test_of_a_file_with_a_number_that_a_rule_forbids_none_is_added(
    operator: Operator,
    store: Store,
    campaign: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule: tuple[str, str],
    number: str,
    told: str,
) -> None:
    monkeypatch.setenv(*rule)
    sentence = told_off(operator, "recipients", campaign, file_of(tmp_path, "+12025550120", number))
    assert "line 3: " in sentence
    assert told in sentence
    assert store.redis.get(keys.marks(campaign)) == "wwww"


def test_a_number_that_the_campaigns_own_hours_never_let_go_is_not_added(
    operator: Operator, store: Store, tmp_path: Path
) -> None:
    campaign = store.campaign(*NUMBERS, windows=Hours.parse(NARROW).text(), unplanned=1)
    assert "no_common_hour" in told_off(operator, "recipients", campaign, file_of(tmp_path, "+18005550100"))
    assert operator.json("recipients", campaign, file_of(tmp_path, "+12125550100"))["added"] == 1


def test_numbers_on_a_list_of_the_campaigns_name_or_the_service_are_left_out(
    operator: Operator, store: Store, tmp_path: Path
) -> None:
    campaign = store.campaign(*NUMBERS, client="shop")
    for on_list, number in ((SERVICE, "+12025550121"), ("of:shop", "+12025550122"), ("of:bank", "+12025550123")):
        store.scripts.run(opt_out(OptOut(on_list, [number])))
    file = file_of(tmp_path, *(f"+1202555012{digit}" for digit in range(4)))
    told = operator.json("recipients", campaign, file)
    assert told == {"task_id": campaign, "added": 2, "skipped": 2, "added_before": 0}
    assert store.redis.lrange(keys.rows(campaign), -2, -1) == ["12025550120", "12025550123"]
    assert "2 are on a do-not-call list" in operator.run("recipients", campaign, file)


def test_a_day_and_a_name_have_room_for_no_more_by_hand_either(
    operator: Operator, store: Store, campaign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_of(tmp_path, "+12025550121", "+12025550122")
    end(store, "busy")
    monkeypatch.setenv("MAX_WAITING_PER_KEY", "3")
    for words in (("recipients", campaign, file), ("retry", campaign, "busy")):
        assert "MAX_WAITING_PER_KEY" in told_off(operator, *words)
    monkeypatch.delenv("MAX_WAITING_PER_KEY")
    monkeypatch.setenv("MAX_CALLS_PER_DAY", "1")
    assert "MAX_CALLS_PER_DAY" in told_off(operator, "recipients", campaign, file)
    assert operator.json("retry", campaign, "busy")["count"] == 1
    assert store.task(campaign)["total"] == "4"


def test_numbers_that_are_added_by_hand_hold_up_no_call(
    operator: Operator, store: Store, campaign: str, tmp_path: Path
) -> None:
    """The command said that it would wake the workers, and did not: so nobody else did for a second."""
    store.ledger.pulse("worker")
    store.ledger.admit(50)  # for which it was woken
    due = store.call("+12025550122")
    store.ledger.admit(0)
    operator.run("recipients", campaign, file_of(tmp_path, "+12025550121"))
    assert store.ledger.clock("beat").dispatch
    assert due in store.ledger.admit(50)


def test_what_redis_has_left_for_accepted_calls_is_not_filled_by_hand_either(
    operator: Operator, store: Store, campaign: str, tmp_path: Path
) -> None:
    file = file_of(tmp_path, "+12025550121")
    fill(store.redis, 0.98)
    try:
        told = told_off(operator, "recipients", campaign, file)
    finally:
        store.redis.config_set("maxmemory", 0)
    assert told == "Redis has no room for further calls: what it has left is for those that were accepted."
    assert store.task(campaign)["total"] == "4"
    assert operator.json("recipients", campaign, file)["added"] == 1


def test_who_had_room_for_a_part_of_a_file_only_is_told_how_much_of_it_came_in(
    operator: Operator, store: Store, campaign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_CALLS_PER_DAY", "1500")
    file = file_of(tmp_path, *(f"+1303{index:07d}" for index in range(2000)))
    assert "1000 of the numbers were added, the others were not" in told_off(operator, "recipients", campaign, file)
    assert store.task(campaign)["total"] == "1004"
