"""python -m worker.admin: the commands that steer one task."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schemas import keys
from schemas.hours.window import Hours
from schemas.limits import campaign_interval_us
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.worker.operator import Operator

NUMBERS = [f"+120255501{index:02d}" for index in range(4)]


@pytest.fixture
def campaign(store: Store) -> str:
    return store.campaign(*NUMBERS, max_live=2)


def told_off(operator: Operator, *words: str) -> str:
    """The sentence with which a command ends that cannot be done."""
    with pytest.raises(SystemExit) as ended:
        operator.run(*words)
    return str(ended.value)


def end(store: Store, status: str) -> str:
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, placed(f"CA of {call}", "queued", 60))
    store.callback(call, status)
    store.pass_time(2)
    return call


def test_a_paused_task_goes_on_when_it_is_resumed(operator: Operator, store: Store, campaign: str) -> None:
    assert operator.json("pause", campaign) == {"task_id": campaign, "changed": True}
    assert operator.json("pause", campaign)["changed"] is False
    assert store.ledger.admit(50) == []
    assert operator.run("resume", campaign) == "It goes on.\n"
    assert store.ledger.admit(50) == [f"{campaign}-1"]


def test_a_cancelled_task_dials_nothing_more(operator: Operator, store: Store, campaign: str) -> None:
    assert operator.run("cancel", campaign) == "It is cancelled.\n"
    assert store.redis.get(keys.marks(campaign)) == "cccc"


def test_numbers_are_tried_again(operator: Operator, store: Store, campaign: str) -> None:
    end(store, "busy")
    end(store, "no-answer")
    assert operator.json("retry", campaign, "busy", "failed") == {"task_id": campaign, "count": 1}
    assert store.redis.get(keys.marks(campaign)) == "rnww"


def test_the_numbers_of_a_file_are_added(operator: Operator, store: Store, campaign: str, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("to_number,external_id\n'+12025550120,crm-1\n+12025550121,\n")
    told = operator.json("recipients", campaign, str(file))
    assert told == {"task_id": campaign, "added": 2, "added_before": 0, "skipped": 0}
    assert store.redis.lrange(keys.rows(campaign), -2, -1) == ["12025550120\x1fcrm-1", "12025550121"]
    file.write_text("to_number\nnobody\n")
    assert "line 2" in told_off(operator, "recipients", campaign, str(file))


def test_nothing_of_a_file_is_added_of_which_a_number_is_wrong(
    operator: Operator, store: Store, campaign: str, tmp_path: Path
) -> None:
    """Put right and given again, it would have those before the wrong one called twice."""
    file = tmp_path / "numbers.csv"
    file.write_text("number\n" + "".join(f"+1202555{index:04d}\n" for index in range(1500)) + "nobody\n")
    before = store.redis.llen(keys.rows(campaign))
    assert "line 1502" in told_off(operator, "recipients", campaign, str(file))
    assert store.redis.llen(keys.rows(campaign)) == before


@pytest.mark.parametrize(
    "content",
    [
        "to_number;external_id\r\n+12025550120;crm-1\r\n",
        "to_number\texternal_id\n'+12025550120\tcrm-1\n",
        '"external_id", "to_number"\n"crm-1", "+12025550120"\n\n',
        "to_number,external_id\r'+12025550120 ,'crm-1\r",
    ],
    ids=["semicolons", "tabs", "quotes", "old line ends"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_may_be_as_a_spreadsheet_writes_it(
    operator: Operator, store: Store, campaign: str, tmp_path: Path, content: str, encoding: str
) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes(content.encode(encoding))
    assert operator.json("recipients", campaign, str(file))["added"] == 1
    assert store.redis.lrange(keys.rows(campaign), -1, -1) == ["12025550120\x1fcrm-1"]


def test_a_file_that_cannot_be_read_is_told_by_a_sentence(operator: Operator, campaign: str, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    assert "cannot be read: No such file" in told_off(operator, "recipients", campaign, str(file))
    file.write_bytes("to_number,name\n+12025550120,J\u00f6rg\n".encode("latin-1"))
    assert "is neither UTF-8 nor UTF-16: save it so" in told_off(operator, "recipients", campaign, str(file))


def test_of_a_file_with_a_number_that_is_not_to_be_called_none_is_added(
    operator: Operator, store: Store, campaign: str, tmp_path: Path
) -> None:
    file = tmp_path / "more.csv"
    rows = [f"+1303{index:07d}" for index in range(1000)]
    file.write_text("\n".join(["to_number", *rows, "+1911", ""]))
    assert "line 1002: Must not be an emergency number" in told_off(operator, "recipients", campaign, str(file))
    assert store.redis.get(keys.marks(campaign)) == "wwww"


def test_a_number_that_a_file_repeats_is_added_once(
    operator: Operator, store: Store, campaign: str, tmp_path: Path
) -> None:
    file = tmp_path / "more.csv"
    file.write_text("to_number,external_id\n+12025550120,a\n+12025550120,a\n+12025550120,b\n")
    assert operator.json("recipients", campaign, str(file))["added"] == 2


def test_a_file_adds_none_to_a_campaign_whose_message_names_variables(
    operator: Operator, store: Store, campaign: str, tmp_path: Path
) -> None:
    store.redis.hset(
        keys.task(campaign), mapping={"metadata": '{"message": "Dear {{name}}"}', "variable_names": '["name"]'}
    )
    file = tmp_path / "more.csv"
    file.write_text("to_number\n+12025550120\n")
    assert "names name" in told_off(operator, "recipients", campaign, str(file))
    assert store.redis.get(keys.marks(campaign)) == "wwww"


def test_a_task_gets_other_values(operator: Operator, store: Store, campaign: str) -> None:
    given = ("--name", "New", "--message", "Ho", "--delay-between-calls", "9", "--max-concurrent-calls", "3")
    assert operator.json("edit", campaign, *given) == {"task_id": campaign, "edits": 1}
    task = store.task(campaign)
    assert (task["name"], task["metadata"], task["max_live"]) == ("New", '{"a":1,"message":"Ho"}', "3")
    assert task["delay_us"] == str(campaign_interval_us(9))
    assert "what is to change" in told_off(operator, "edit", campaign)
    single = store.call()
    assert "no campaign" in told_off(operator, "edit", single, "--name", "x")


def test_a_task_gets_other_options_as_by_the_api(operator: Operator, store: Store, campaign: str) -> None:
    given = ("--priority", "high", "--ring-timeout-seconds", "20", "--max-call-seconds", "90")
    operator.run("edit", campaign, *given, "--retry", '{"max_attempts": 2, "on": ["busy"]}')
    operator.run("edit", campaign, "--stop-if", '{"of_last": 20, "failed_share": 0.5}')
    task = store.task(campaign)
    assert (task["rank"], task["ring_timeout_seconds"], task["max_call_seconds"]) == ("1", "20", "90")
    assert (task["retry_most"], task["retry_seconds"], task["retry_marks"]) == ("2", "3600", "b")
    assert task["stop_if"] == '{"failed_share":0.5,"of_last":20}'
    operator.run("edit", campaign, "--retry", "null", "--stop-if", "null")
    assert {"retry_most", "retry_marks", "retry_seconds", "stop_if"}.isdisjoint(store.task(campaign))


def test_a_task_begins_at_another_time_until_it_has_begun(operator: Operator, store: Store, campaign: str) -> None:
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    operator.run("edit", campaign, "--schedule-time", f"{day}T12:00:00", "--timezone", "Europe/Berlin")
    begins = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert store.task(campaign)["due_ms"] == str(round(begins.timestamp() * 1000))
    assert store.ledger.admit(50) == []
    past = told_off(operator, "edit", campaign, "--schedule-time", "2001-01-01T12:00:00Z")
    assert past == "A task cannot begin in the past."
    begun = store.campaign(*NUMBERS)
    store.ledger.admit(50)
    assert "has begun" in told_off(operator, "edit", begun, "--schedule-time", f"{day}T12:00:00Z")


def test_a_task_gets_other_hours_and_another_end_or_none(operator: Operator, store: Store, campaign: str) -> None:
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    windows = '{"timezone": "Europe/Berlin", "windows": [{"days": ["mon"], "start": "09:00", "end": "20:00"}]}'
    operator.run("edit", campaign, "--calling-windows", windows, "--expires-at", f"{day}T12:00:00Z")
    task = store.task(campaign)
    ends = datetime.fromisoformat(f"{day}T12:00:00Z")
    assert (task["unplanned"], task["expires_ms"]) == ("1", str(round(ends.timestamp() * 1000)))
    assert Hours.parse(task["windows"]).timezone == "Europe/Berlin"
    late = told_off(operator, "edit", campaign, "--schedule-time", f"{day}T12:00:00Z")
    assert late == f"schedule_time: Must be before expires_at, {day}T12:00:00Z."
    operator.run("edit", campaign, "--retry", '{"max_attempts": 2, "next_window": true}')
    assert "give retry too" in told_off(operator, "edit", campaign, "--calling-windows", "null")
    operator.run("edit", campaign, "--calling-windows", "null", "--expires-at", "null", "--retry", "null")
    assert {"windows", "expires_ms"}.isdisjoint(store.task(campaign))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--max-call-seconds", "3601"), "max_call_seconds: Must be a whole number from 60 to 3600, MAX_CALL_SECONDS."),
        (("--retry", '{"on": ["busy"]}'), "retry.max_attempts"),
        (("--retry", '{"max_attempts": 2, "on": ["machine"]}'), "retry.on: Must not hold machine"),
        (("--stop-if", '{"of_last": 5, "failed_share": 1}'), "stop_if.of_last"),
        (("--stop-if", '{"of_last": 20}'), "Must hold one of failed_share"),
        (("--schedule-time", "soon"), "schedule_time"),
        (("--timezone", "UTC"), "with --schedule-time"),
        (("--calling-windows", '{"windows": []}'), "calling_windows.windows"),
        (("--expires-at", "soon"), "expires_at"),
        (("--expires-at", "2001-01-01T12:00:00Z"), "expires_at: Must be in the future."),
    ],
)
def test_what_could_never_be_is_told_and_nothing_changes(
    operator: Operator, store: Store, campaign: str, words: tuple[str, ...], told: str
) -> None:
    before = store.task(campaign)
    assert told in told_off(operator, "edit", campaign, *words)
    assert store.task(campaign) == before


@pytest.mark.parametrize("command", [("pause",), ("cancel",), ("retry",)])
def test_what_there_is_not_is_told(operator: Operator, store: Store, command: tuple[str]) -> None:
    assert "not found" in told_off(operator, *command, "no-such-task", *(["busy"] if command == ("retry",) else []))
    assert store.redis.dbsize() == 0
