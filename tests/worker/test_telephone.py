"""The telephone, against the simulator: when a request leaves, and what each answer of Twilio means."""

import socket
import time
from dataclasses import replace
from typing import Any

import pytest

from tests.machine import Machine
from tests.ports import reserve_port
from tests.processes import Simulator
from tests.worker.calls import EVER, HOUR_SECONDS, placed_with, record, serve_once
from worker.settings import Settings
from worker.twilio.departure import Departure
from worker.twilio.outcomes import Deferred, Placed, Refused, Unknown
from worker.twilio.refusals import About
from worker.twilio.telephone import Telephone


def _requests_to(simulator: Simulator, number: str) -> list[dict[str, Any]]:
    return [request for request in simulator.requests() if request["to"] == number]


def test_a_call_that_twilio_takes_is_placed_with_its_sid(simulator: Simulator, settings: Settings) -> None:
    outcome = placed_with(Telephone(settings), record("+12025550200"))

    assert outcome == Placed(simulator.calls_to("+12025550200")[0]["sid"], "queued")


def test_a_request_leaves_when_its_slot_has_come(
    simulator: Simulator, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.twilio.departure.LEAVE_WITHIN_SECONDS", HOUR_SECONDS)
    telephone = Telephone(settings)
    telephone.stand()
    now, wall = time.monotonic(), time.time()
    departure = Departure(now - 0.05, now, 0.3)
    telephone.place(record("+12025550222"), departure)

    assert simulator.calls_to("+12025550222")[0]["created_at"] >= wall + 0.3
    assert departure.late_seconds is not None
    assert departure.late_seconds >= 0.05


def test_a_request_whose_slot_is_long_over_does_not_leave(simulator: Simulator, settings: Settings) -> None:
    now = time.monotonic()
    late = Departure(now - 0.2, now, 0.05)

    assert isinstance(Telephone(settings).place(record("+12025550223"), late), Deferred)
    assert _requests_to(simulator, "+12025550223") == []
    assert late.left is None


def test_a_request_that_could_not_be_composed_leaves_its_slot_to_no_other_of_its_thread(
    simulator: Simulator, settings: Settings
) -> None:
    telephone = Telephone(settings)
    telephone.stand()
    now = time.monotonic()
    unwritable = record("+12025550224", webhook_url="https://client.example/\ud800")

    assert isinstance(telephone.place(unwritable, Departure(now - 60, now, 0)), Unknown)
    assert telephone.find(record("+12025550224"), *EVER) == []
    assert _requests_to(simulator, "+12025550224") == []


@pytest.mark.parametrize(
    ("kind", "created", "number"),
    [
        ("lost_answer", 1, "+12025551001"),
        ("reset_before", 0, "+12025551002"),
        ("reset_after", 1, "+12025551003"),
        ("error_after", 1, "+12025551004"),
        ("error_before", 0, "+12025551005"),
        ("hang", 1, "+12025551006"),
    ],
)
def test_a_request_without_a_readable_answer_is_in_doubt_and_sent_once(
    simulator: Simulator, settings: Settings, kind: str, created: int, number: str
) -> None:
    simulator.fault(to=number, kind=kind, times=1)
    outcome = placed_with(Telephone(settings), record(number))

    assert isinstance(outcome, Unknown)
    assert len(_requests_to(simulator, number)) == 1
    assert len(simulator.calls_to(number)) == created


def test_a_503_is_in_doubt(simulator: Simulator, settings: Settings) -> None:
    simulator.fault(to="+12025550210", kind="unavailable", times=1)

    assert isinstance(placed_with(Telephone(settings), record("+12025550210")), Unknown)


def test_a_429_was_not_processed(simulator: Simulator, settings: Settings) -> None:
    simulator.fault(to="+12025550211", kind="too_many", times=1)

    assert isinstance(placed_with(Telephone(settings), record("+12025550211")), Deferred)
    assert len(_requests_to(simulator, "+12025550211")) == 1


def test_twilios_limit_of_concurrent_calls_means_later(simulator: Simulator, settings: Settings) -> None:
    simulator.fault(to="+12025550212", kind="refuse", code=10004, status=400, times=1)

    assert isinstance(placed_with(Telephone(settings), record("+12025550212")), Deferred)


@pytest.mark.parametrize(
    ("number", "code", "whom"), [("+15005550001", 21217, About.NUMBER), ("+15005550004", 21216, About.AMBIGUOUS)]
)
def test_a_number_that_cannot_be_called_is_refused(
    simulator: Simulator, settings: Settings, number: str, code: int, whom: About
) -> None:
    outcome = placed_with(Telephone(settings), record(number))

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.about) == (code, whom)
    assert f"(error {code})" in outcome.sentence


def test_a_wrong_token_is_an_error_of_the_account(simulator: Simulator, settings: Settings) -> None:
    outcome = placed_with(Telephone(replace(settings, auth_token="wrong")), record("+12025550213"))

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.about) == (20003, About.ACCOUNT)


def test_a_connection_that_was_never_made_is_not_processed(settings: Settings) -> None:
    nobody = replace(settings, api_base_url=f"http://127.0.0.1:{reserve_port()}")

    assert isinstance(placed_with(Telephone(nobody), record("+12025550214")), Deferred)


def test_a_name_that_does_not_resolve_is_not_processed(settings: Settings) -> None:
    nowhere = replace(settings, api_base_url="http://twilio.invalid")

    assert isinstance(placed_with(Telephone(nowhere), record("+12025550215")), Deferred)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"status": "queued"}', b'{"sid": null}'], ids=repr)
def test_a_201_that_cannot_be_read_is_in_doubt(settings: Settings, body: bytes) -> None:
    head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    url = serve_once(lambda connection: connection.sendall(head.encode() + body))

    assert isinstance(placed_with(Telephone(replace(settings, api_base_url=url)), record("+12025550216")), Unknown)


def test_an_answer_that_trickles_does_not_hold_a_worker_beyond_the_time_of_one_request(
    settings: Settings, machine: Machine
) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 2000000\r\n\r\n")
        try:
            while True:
                connection.sendall(b" " * 20_000)
                time.sleep(0.4)
        except OSError:
            return

    slow = replace(settings, api_base_url=serve_once(trickle))
    watch = machine.stopwatch()
    outcome = placed_with(Telephone(slow), record("+12025550217"))

    assert isinstance(outcome, Unknown)
    assert watch.seconds < 20  # all of it would take forty


def test_the_retry_after_of_a_429_is_honoured(settings: Settings) -> None:
    head = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}"
    url = serve_once(lambda connection: connection.sendall(head))
    outcome = placed_with(Telephone(replace(settings, api_base_url=url)), record("+12025550218"))

    assert isinstance(outcome, Deferred)
    assert outcome.retry_after_seconds == 7


def test_a_message_is_spoken_inline_without_a_webhook(simulator: Simulator, settings: Settings) -> None:
    placed_with(Telephone(settings), record("+12025550221", metadata='{"message": "Fish & <chips>"}'))
    params = simulator.calls_to("+12025550221")[0]["params"]

    assert "Fish &amp; &lt;chips&gt;" in params["Twiml"][0]
    assert "Url" not in params
