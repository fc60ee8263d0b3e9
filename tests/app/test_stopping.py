"""A web process that is told to stop: it is not ready first, and nobody who speaks to it is left without an answer."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.app.away import Away
from tests.processes import BASE_PATH, wait_until

BODY = json.dumps({"to_number": "+1234567890"}).encode()


@contextmanager
def arriving(away: Away) -> Iterator[socket.socket]:
    """A client whose body has come half-way."""
    with socket.create_connection(("127.0.0.1", int(away.variables["APP_PORT"])), timeout=30) as link:
        head = f"POST {BASE_PATH}/queue-single-call HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        link.sendall(f"{head}Content-Length: {len(BODY)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert link.recv(100).startswith(b"HTTP/1.1 100")  # it reads the body
        link.sendall(BODY[:10])
        yield link


def is_ready(away: Away) -> bool:
    return requests.get(f"{away.url}/readyz", timeout=10).status_code == 200


def ended(away: Away) -> None:
    """It ends by the one signal."""
    process = away.process
    assert process is not None
    wait_until(lambda: not process.alive, what="it has ended")


def refused(address: tuple[str, int]) -> bool:
    """Whether nobody listens there any more."""
    try:
        socket.create_connection(address, timeout=30).close()
    except ConnectionError:
        return True
    return False


@pytest.fixture
def stopping(away: Away) -> Away:
    """Long enough in the pause for a look."""
    return away.start(STOP_PAUSE_SECONDS="3")


def test_it_is_not_ready_first_and_answers_meanwhile(stopping: Away) -> None:
    assert is_ready(stopping)
    with arriving(stopping) as link:
        assert stopping.process is not None
        stopping.process.signal(signal.SIGTERM)
        wait_until(lambda: not is_ready(stopping), what="it is not ready")
        assert stopping.post("+1234567891").status_code == 200
        link.sendall(BODY[10:])
        assert link.recv(1000).startswith(b"HTTP/1.1 200 ")
    ended(stopping)
    assert stopping.numbers() == {"+1234567890", "+1234567891"}


def test_a_body_that_does_not_come_is_answered_with_503_and_nothing_is_recorded(away: Away) -> None:
    away.start()
    with arriving(away) as link:
        assert away.process is not None
        away.process.signal(signal.SIGTERM)
        answer = b""
        while piece := link.recv(1000):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 503 "), answer
        assert b"Retry-After: 2" in answer
        assert b"This server is stopping" in answer
    ended(away)
    assert away.numbers() == set()


def test_who_was_let_in_last_is_heard_and_answered(away: Away) -> None:
    away.start(STOP_PAUSE_SECONDS="0")
    address = ("127.0.0.1", int(away.variables["APP_PORT"]))
    with socket.create_connection(address, timeout=30) as link:
        link.sendall(f"POST {BASE_PATH}/queue-single-call HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode())
        assert away.process is not None
        away.process.signal(signal.SIGTERM)
        while not refused(address):
            pass  # a pause might outlast the time that it has
        link.sendall(f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
        assert link.recv(1000).startswith(b"HTTP/1.1 200 ")
    ended(away)
    assert away.numbers() == {"+1234567890"}


def test_who_says_nothing_does_not_hold_up_the_end(away: Away) -> None:
    away.start(STOP_PAUSE_SECONDS="0")
    with socket.create_connection(("127.0.0.1", int(away.variables["APP_PORT"])), timeout=30) as link:
        assert away.process is not None
        away.process.signal(signal.SIGTERM)
        assert link.recv(1000) == b""
    ended(away)
