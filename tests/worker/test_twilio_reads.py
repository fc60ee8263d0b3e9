"""What Twilio is taken to have told: only what it says itself, and all of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from tests.worker.answering import Answering, answering, error, problem
from tests.worker.calls import EVER, record
from worker.settings import Settings
from worker.twilio.outcomes import HangUp, HungUp, News, NotFound, NotYet
from worker.twilio.telephone import Telephone

SID = "CA" + "8" * 32
FOREIGN = [
    (200, b"<html>Sign in</html>"),
    (200, b""),
    (200, b'{"calls": [{"sid": "CA8888'),
    (200, {}),
    (200, []),
    (200, {"calls": None}),
    (200, {"calls": {}}),
    (200, {"calls": "none"}),
    (200, {"calls": ["CA8"]}),
    (200, {"calls": [{"sid": "SM8", "status": "queued"}]}),
    (200, {"calls": [{"sid": SID}]}),
    (200, {"messages": []}),
    (200, {"meta": {"key": "items"}, "items": []}),
    (204, b""),
    (302, b""),
    (302, {"calls": []}),
    (401, error(20003, 401)),
    (403, b"<html>"),
    (404, b"<html>"),
    (407, b""),
    (408, b""),
    (429, error(20429, 429)),
    (500, error(20500, 500)),
    (503, b"<html>"),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With time for an answer however busy the machine is: nothing here is about an answer that does not come."""
    return replace(settings, timeout_seconds=20)


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    """A Twilio, or something before it, that says what it is told to."""
    with answering() as told:
        yield told


@pytest.fixture
def telephone(settings: Settings, server: Answering) -> Telephone:
    """Connected to that."""
    server.requests.clear()
    server.script.clear()
    return Telephone(replace(settings, api_base_url=server.url))


def _call(number: int, created_second: int | None = None, **fields: Any) -> dict[str, Any]:
    created = created_second and format_datetime(datetime.fromtimestamp(created_second, UTC))
    return {"sid": f"CA{number:032}", "status": "queued", "date_created": created, **fields}


def _page(*calls: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"calls": list(calls), "next_page_uri": more, "page": 0, "uri": "/2010-04-01/Accounts/AC0/Calls.json"}


@pytest.mark.parametrize("answer", FOREIGN, ids=repr)
def test_an_answer_that_is_not_twilios_list_is_no_probe_and_finds_nothing(
    telephone: Telephone, server: Answering, answer: tuple[int, Any]
) -> None:
    server.says(*answer)

    assert not telephone.accepts_us()
    assert telephone.find(record("+12025552500"), *EVER) is None


@pytest.mark.parametrize("answer", FOREIGN, ids=repr)
def test_an_answer_that_is_not_twilios_call_is_no_news_of_it(
    telephone: Telephone, server: Answering, answer: tuple[int, Any]
) -> None:
    server.says(*answer)

    assert telephone.fetch(SID) is None


def test_news_of_another_call_are_not_this_calls(telephone: Telephone, server: Answering) -> None:
    server.says(200, _call(5))

    assert telephone.fetch(SID) is None


@pytest.mark.parametrize(
    ("told", "seconds"), [("42", 42), ("0", 0), ("", None), ("-1", None), ("1e3", None), ("9" * 30, None), ("²", None)]
)
def test_a_duration_that_is_none_hides_no_other_news(
    telephone: Telephone, server: Answering, told: str, seconds: int | None
) -> None:
    """Lua made a negative number of one with thirty digits, and the day had room for any calls."""
    server.says(200, _call(5) | {"sid": SID, "status": "completed", "duration": told})

    assert telephone.fetch(SID) == News(SID, "completed", duration_seconds=seconds)


@pytest.mark.parametrize("body", [error(20404, 404), problem(20404, 404)])
def test_only_twilio_can_say_that_it_has_no_such_call(
    telephone: Telephone, server: Answering, body: dict[str, Any]
) -> None:
    server.says(404, body)

    assert telephone.fetch(SID) == News(SID, "unknown")


@pytest.mark.parametrize("calls", [[], [_call(1, 1000)]], ids=["none_yet", "some"])
def test_twilios_own_list_is_a_probe_that_passed(
    telephone: Telephone, server: Answering, calls: list[dict[str, Any]]
) -> None:
    server.says(200, _page(*calls))

    assert telephone.accepts_us()
    assert server.requests == [f"GET {_path(server)}?PageSize=1"]


def _path(server: Answering) -> str:
    return server.requests[0].removeprefix("GET ").partition("?")[0]


def test_only_calls_created_between_the_two_instants_are_found_and_those_without_a_date(
    telephone: Telephone, server: Answering
) -> None:
    calls = [_call(6), _call(5, 1005), _call(4, 1004), _call(3, 1003), _call(2, 1002), _call(1, 1001)]
    server.says(200, _page(*calls))
    found = telephone.find(record("+12025552501"), 1_002_000, 1_004_000, lambda: 1_010_000)

    assert [int(news.sid[2:]) for news in found or []] == [6, 4, 3, 2]


def test_pages_are_followed_until_one_lies_before_the_first_instant(telephone: Telephone, server: Answering) -> None:
    server.then(200, _page(_call(5, 1005), more="/2010-04-01/Accounts/AC0/Calls.json?Page=1&PageToken=PA5"))
    server.then(200, _page(_call(4, 1004), more="/2010-04-01/Accounts/AC0/Calls.json?Page=2&PageToken=PA4"))
    server.then(200, _page(_call(1, 1001), more="/2010-04-01/Accounts/AC0/Calls.json?Page=3&PageToken=PA1"))
    server.says(200, _page(_call(0, 1000)))
    found = telephone.find(record("+12025552502"), 1_002_000, 1_009_000, lambda: 1_010_000)

    assert [int(news.sid[2:]) for news in found or []] == [5, 4]
    assert [request.partition("?")[2][:6] for request in server.requests] == ["To=%2B", "Page=1", "Page=2"]


def test_a_list_of_which_a_page_is_missing_finds_nothing(telephone: Telephone, server: Answering) -> None:
    server.then(200, _page(_call(5, 1005), more="/2010-04-01/Accounts/AC0/Calls.json?Page=1"))
    server.says(503, b"")

    assert telephone.find(record("+12025552503"), *EVER) is None


def test_a_list_without_an_end_is_given_up(telephone: Telephone, server: Answering) -> None:
    server.says(200, _page(_call(5, 1005), more="/2010-04-01/Accounts/AC0/Calls.json?Page=1"))

    assert telephone.find(record("+12025552504"), *EVER) is None
    assert len(server.requests) == 20


def test_the_next_page_is_asked_of_twilio_only(telephone: Telephone, server: Answering) -> None:
    server.then(200, _page(_call(5, 1005), more="@elsewhere.invalid/Calls.json"))
    server.says(200, _page())

    assert telephone.find(record("+12025552505"), *EVER) is None
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, _call(8, status="completed") | {"sid": SID}, HungUp()),
        (200, _call(8, status="canceled") | {"sid": SID}, HungUp()),
        (400, error(21220), HungUp()),
        (400, problem(21220), HungUp()),
        (404, error(20404, 404), NotFound()),
        (200, _call(8, status="in-progress") | {"sid": SID}, NotYet("Twilio did not say that the call is over")),
        (200, _call(5, status="completed"), NotYet("Twilio did not say that the call is over")),
        (401, error(20003, 401), NotYet("No.")),
        (403, error(20403, 403), NotYet("No.")),
        (404, b"<html>", NotYet("Not Twilio but something on the way to it answered 404")),
        (302, b"", NotYet("Not Twilio but something on the way to it answered 302")),
        (200, b"<html>", NotYet("Twilio's answer could not be read")),
        (204, b"", NotYet("Twilio's answer could not be read")),
        (429, b"", NotYet("Twilio takes no more requests for now (429)")),
        (500, b"", NotYet("Twilio answered 500")),
    ],
    ids=repr,
)
@pytest.mark.parametrize("call_status", ["queued", "in-progress"])
def test_a_call_is_hung_up_only_when_twilio_says_so(
    telephone: Telephone, server: Answering, call_status: str, status: int, body: Any, told: HangUp
) -> None:
    server.says(status, body)

    assert telephone.hang_up(SID, call_status) == told


def test_a_call_that_was_answered_meanwhile_is_not_taken_for_over(telephone: Telephone, server: Answering) -> None:
    server.then(400, error(21220))  # it cannot be `canceled` any more
    server.says(200, _call(8, status="in-progress") | {"sid": SID})

    assert isinstance(telephone.hang_up(SID, "ringing"), NotYet)
    assert len(server.requests) == 2
