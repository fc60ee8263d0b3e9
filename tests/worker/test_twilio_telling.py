"""What of Twilio's answers is believed: its dates by its own clock, and of its words those that it has."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from tests.processes import FROM_NUMBER
from tests.worker.answering import Answering, answering
from tests.worker.calls import record
from worker.settings import Settings
from worker.twilio.telephone import Telephone

SID = "CA" + "6" * 32
SECOND = 1_000_000  #: now, by our clock


@pytest.fixture
def server() -> Iterator[Answering]:
    """A Twilio that says what it is told to."""
    with answering() as told:
        yield told


@pytest.fixture
def telephone(settings: Settings, server: Answering) -> Telephone:
    """Connected to that, with time for an answer however busy the machine is."""
    return Telephone(replace(settings, api_base_url=server.url, timeout_seconds=20))


def _text(second: int, *, http: bool = False) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=http)


def _list(*created: int) -> dict[str, Any]:
    """Calls that were created in those seconds, which are their SIDs, too."""
    return {"calls": [{"sid": f"CA{at}", "status": "queued", "date_created": _text(at)} for at in created]}


def _found(telephone: Telephone, since: int, until: int) -> list[int]:
    found = telephone.find(record("+12025552700"), since * 1000, until * 1000, lambda: SECOND * 1000)
    return [int(news.sid[2:]) for news in found or []]


@pytest.mark.parametrize("ahead", [-86_400, -15, 0, 90, 86_400])
def test_however_twilios_clock_differs_from_ours_the_same_calls_are_found(
    telephone: Telephone, server: Answering, ahead: int
) -> None:
    created = [SECOND + ahead - ago for ago in (10, 20, 30, 40, 50)]
    server.says(200, _list(*created), Date=_text(SECOND + ahead, http=True))

    assert _found(telephone, SECOND - 42, SECOND - 18) == created[1:4]


@pytest.mark.parametrize("date", ["", "soon", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_an_answer_without_a_date_is_taken_to_go_by_our_clock(
    telephone: Telephone, server: Answering, date: str
) -> None:
    server.says(200, _list(SECOND - 20, SECOND - 99), Date=date)

    assert _found(telephone, SECOND - 42, SECOND - 18) == [SECOND - 20]


def test_a_list_that_holds_more_than_was_asked_for_finds_no_calls_between_other_numbers(
    telephone: Telephone, server: Answering
) -> None:
    ours = {"to": "+12025552700", "from": FROM_NUMBER}
    numbers = [ours, ours | {"to": "+12025552701"}, ours | {"from": "+12025552702"}, {}]
    calls = [call | its for call, its in zip(_list(*(SECOND - ago for ago in range(4)))["calls"], numbers, strict=True)]
    server.says(200, {"calls": calls})

    assert _found(telephone, SECOND - 10, SECOND) == [SECOND, SECOND - 3]


@pytest.mark.parametrize("word", ["paused", "Ringing", "unknown", ""])
def test_a_word_that_twilio_never_had_says_nothing_of_where_a_call_is(
    telephone: Telephone, server: Answering, word: str
) -> None:
    server.says(200, {"sid": SID, "status": word, "start_time": _text(SECOND)})
    news = telephone.fetch(SID)

    assert news is not None
    assert news.fields() == {"started_ms": f"{SECOND}000"}
