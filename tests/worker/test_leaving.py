"""How late a request left counts until its last byte was written, whatever holds it up on the way."""

import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection

import pytest
import urllib3.connectionpool

from tests.worker.answering import Answering, answering
from tests.worker.calls import HOUR_SECONDS, record
from worker.settings import Settings
from worker.twilio.departure import LEAVE_WITHIN_SECONDS, Departure
from worker.twilio.outcomes import Deferred, Placed, Unknown
from worker.twilio.telephone import Telephone

HELD_UP_SECONDS = 0.05
_send = HTTPConnection.send

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.fixture
def twilio() -> Iterator[Answering]:
    with answering() as twilio:
        twilio.says(201, {"sid": "CA1", "status": "queued"})
        yield twilio


@pytest.fixture
def telephone(twilio: Answering, settings: Settings) -> Telephone:
    telephone = Telephone(replace(settings, api_base_url=twilio.url))
    assert telephone.stand() is None
    return telephone


def _now() -> Departure:
    now = time.monotonic()
    return Departure(now, now, 0)


def test_a_request_held_up_after_its_last_look_at_the_clock_counts_as_late(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(connection: HTTPConnection, data: bytes) -> None:
        time.sleep(HELD_UP_SECONDS)
        _send(connection, data)

    monkeypatch.setattr(HTTPConnection, "send", send)
    departure = _now()

    assert telephone.place(record("+12025553201"), departure) == Placed("CA1", "queued")
    assert departure.late_seconds is not None
    assert departure.late_seconds >= 2 * HELD_UP_SECONDS  # head and body


def test_a_request_held_up_behind_its_head_does_not_leave_and_the_next_one_does(
    telephone: Telephone, twilio: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(connection: HTTPConnection, data: bytes) -> None:
        _send(connection, data)
        time.sleep(LEAVE_WITHIN_SECONDS + HELD_UP_SECONDS)

    monkeypatch.setattr(HTTPConnection, "send", send)
    departure = _now()

    outcome = telephone.place(record("+12025553205"), departure)
    assert outcome == Deferred("The worker was held up before it could dial", 0)
    assert departure.late_seconds is None
    assert twilio.requests == []

    monkeypatch.undo()
    assert telephone.stand() is None
    assert telephone.place(record("+12025553205"), _now()) == Placed("CA1", "queued")
    assert len(twilio.requests) == 1


def test_a_request_that_broke_on_its_way_may_have_left_until_then(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(connection: HTTPConnection, data: bytes) -> None:
        _send(connection, data[:1])
        time.sleep(HELD_UP_SECONDS)
        raise ConnectionResetError

    monkeypatch.setattr(HTTPConnection, "send", send)
    departure = _now()

    assert isinstance(telephone.place(record("+12025553202"), departure), Unknown)
    assert departure.late_seconds is not None
    assert departure.late_seconds >= HELD_UP_SECONDS


def test_what_twilio_takes_for_its_answer_makes_no_request_late(telephone: Telephone, twilio: Answering) -> None:
    twilio.thinks_seconds = HOUR_SECONDS / 3600
    departure = _now()
    telephone.place(record("+12025553203"), departure)

    assert departure.late_seconds is not None
    assert departure.late_seconds < twilio.thinks_seconds


def test_a_connection_found_lost_at_the_last_moment_is_not_opened_anew_in_the_slot(
    telephone: Telephone, twilio: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_dropped = iter([False, True])  # by our own look at it, and by urllib3's after that
    monkeypatch.setattr(urllib3.connectionpool, "is_connection_dropped", lambda connection: next(found_dropped))
    departure = _now()

    outcome = telephone.place(record("+12025553204"), departure)
    assert outcome == Deferred("The connection to Twilio was lost before the call could leave", 0)
    assert departure.late_seconds is None
    assert twilio.requests == []

    monkeypatch.undo()
    assert telephone.stand() is None
    assert telephone.place(record("+12025553204"), _now()) == Placed("CA1", "queued")
    assert twilio.connections == 2
