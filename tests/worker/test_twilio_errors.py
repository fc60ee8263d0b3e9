"""What Twilio's codes are about: a code sorted wrongly repeats calls, or stops too much or too little."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.worker.answering import Answering, answering, error
from tests.worker.calls import placed_with, record
from worker.settings import Settings
from worker.twilio.outcomes import Deferred, Outcome, Refused
from worker.twilio.refusals import LATER, PARAMETERS, REFUSALS, About
from worker.twilio.telephone import Telephone

#: What each code must be about, written down a second time: by hand, from Twilio's pages.
NUMBER = {21201, 21202, 21206, 21208, 21211, 21214, 21215, 21217, 21219, 21234, 21262, 21263, 32018, 573002, 573005}
CALLER_ID = {21210, 21212, 21213}
ACCOUNT = {10001, 10005, 20003, 20004, 20005, 20006, 20008, 20010, 20011, 20012, 20151, 20403, 20404, 20426}
OURS = {21205, 21209, 21218, 21609, 21626}
AMBIGUOUS = {10002, 20001, 20422, 21200, 21203, 21216}
ABOUT = {
    **dict.fromkeys(NUMBER, About.NUMBER),
    **dict.fromkeys(CALLER_ID, About.CALLER_ID),
    **dict.fromkeys(ACCOUNT | OURS, About.ACCOUNT),
    **dict.fromkeys(AMBIGUOUS, About.AMBIGUOUS),
}
PUBLIC = "https://calls.example"
HOOK = "https://client.example/twiml"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With time for an answer however busy the machine is: nothing here is about an answer that does not come."""
    return replace(settings, timeout_seconds=20)


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    """A Twilio that says what it is told to."""
    with answering() as told:
        yield told


def _placed(settings: Settings, server: Answering, **fields: str) -> Outcome:
    return placed_with(Telephone(replace(settings, api_base_url=server.url)), record("+12025552100", **fields))


def test_every_code_of_the_table_is_sorted_and_has_its_meaning() -> None:
    assert {code: whom for code, (whom, _) in REFUSALS.items()} == ABOUT
    assert all(meaning for _, meaning in REFUSALS.values())
    assert set(LATER) == {10004, 20429}
    assert not set(LATER) & set(REFUSALS)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_with_a_known_code_is_about_what_twilio_says(
    settings: Settings, server: Answering, code: int
) -> None:
    server.says(400, error(code))

    assert _placed(settings, server) == Refused(code, "No.", ABOUT[code])


@pytest.mark.parametrize("code", sorted(LATER))
@pytest.mark.parametrize("status", [400, 403, 429])
def test_what_twilio_takes_later_waits_as_long_as_it_says(
    settings: Settings, server: Answering, code: int, status: int
) -> None:
    server.says(status, error(code), Retry_After="7")
    outcome = _placed(settings, server)

    assert isinstance(outcome, Deferred)
    assert outcome.retry_after_seconds == 7


@pytest.mark.parametrize(
    ("code", "status", "whom"),
    [
        (99_999, 400, About.AMBIGUOUS),
        (99_999, 403, About.AMBIGUOUS),
        (99_999, 404, About.AMBIGUOUS),
        (99_999, 401, About.ACCOUNT),
        (21211, 401, About.NUMBER),
        (10005, 403, About.ACCOUNT),
        (20404, 404, About.ACCOUNT),
    ],
)
def test_a_code_that_nobody_knows_proves_nothing_about_the_account(
    settings: Settings, server: Answering, code: int, status: int, whom: About
) -> None:
    server.says(status, error(code, status))

    assert _placed(settings, server) == Refused(code, "No.", whom)


@pytest.mark.parametrize(
    ("code", "fields", "public_base_url", "whom"),
    [
        (21205, {"webhook_url": HOOK}, "", About.NUMBER),
        (21205, {"webhook_url": HOOK}, PUBLIC, About.NUMBER),
        (21205, {}, PUBLIC, About.ACCOUNT),
        (21609, {"status_callback_url": HOOK}, "", About.NUMBER),
        (21609, {"status_callback_url": HOOK}, PUBLIC, About.ACCOUNT),
        (21609, {"webhook_url": HOOK}, PUBLIC, About.ACCOUNT),
    ],
)
def test_a_url_that_twilio_refuses_is_the_calls_fault_only_if_the_client_gave_it(
    settings: Settings, server: Answering, code: int, fields: dict[str, str], public_base_url: str, whom: About
) -> None:
    server.says(400, error(code))

    assert set(PARAMETERS) == {21205, 21609}
    assert _placed(replace(settings, public_base_url=public_base_url), server, **fields) == Refused(code, "No.", whom)
