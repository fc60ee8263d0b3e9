"""What comes over the line beside one answer, or instead of it: no call gets what is another's, no worker is held."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from tests.machine import Machine
from tests.worker.answering import answering
from tests.worker.calls import placed_with, record, serve_once
from worker.settings import Settings
from worker.twilio.outcomes import Placed, Unknown
from worker.twilio.telephone import Telephone

EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
INTERIM = {
    "early hints": EARLY_HINTS,
    "processing": b"HTTP/1.1 102 Processing\r\n\r\n",
    "continue and early hints": b"HTTP/1.1 100 Continue\r\n\r\n" + EARLY_HINTS,
    "several": 3 * EARLY_HINTS,
    "with a length": b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n",
}
THINKS_SECONDS = 0.3
IDLE_SECONDS = 0.4


def _created(sid: str) -> bytes:
    body = b'{"sid": "%s", "status": "queued"}' % sid.encode()
    return b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def _hear(connection: socket.socket) -> bool:
    """Reads one request; whether there was one."""
    heard = b""
    while b"To=" not in heard:
        piece = connection.recv(65_536)
        if not piece:
            return False
        heard += piece
    return True


@contextmanager
def _serving(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that talks on each of its connections; its URL."""
    server = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


@pytest.mark.parametrize("interim", INTERIM)
def test_what_follows_an_interim_answer_is_the_answer_to_that_call_and_to_no_other(
    settings: Settings, interim: str
) -> None:
    sids = iter(["CA1", "CA2"])

    def talk(connection: socket.socket) -> None:
        while _hear(connection):
            sid = next(sids)
            connection.sendall(INTERIM[interim])
            time.sleep(THINKS_SECONDS)
            connection.sendall(_created(sid))

    with _serving(talk) as url:
        telephone = Telephone(replace(settings, api_base_url=url, timeout_seconds=20))
        outcomes = [placed_with(telephone, record(number)) for number in ("+12025552601", "+12025552602")]

    assert outcomes == [Placed("CA1", "queued"), Placed("CA2", "queued")]


@pytest.mark.parametrize(
    "piece", [b"HTTP/1.1 100 Continue\r\n\r\n", EARLY_HINTS, b"H"], ids=["continue", "early hints", "head"]
)
def test_an_answer_that_never_comes_to_its_body_holds_no_worker_beyond_the_time_of_one_request(
    settings: Settings, machine: Machine, piece: bytes
) -> None:
    def trickle(connection: socket.socket) -> None:
        with suppress(OSError):
            for _ in range(100):
                connection.sendall(piece)
                time.sleep(0.2)

    slow = replace(settings, api_base_url=serve_once(trickle))
    watch = machine.stopwatch()
    outcome = placed_with(Telephone(slow), record("+12025552603"))

    assert isinstance(outcome, Unknown)
    assert watch.seconds < 10  # all of it would take twenty


@pytest.mark.parametrize("silent", [False, True], ids=["reset", "silence"])
def test_no_request_takes_a_connection_that_was_idle_for_so_long_that_a_router_may_have_forgotten_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, silent: bool
) -> None:
    monkeypatch.setattr("worker.twilio.answers.MOST_IDLE_SECONDS", IDLE_SECONDS / 2)

    def forget(connection: socket.socket) -> None:
        """As AWS's and Azure's gateways do: nobody is told, and what comes then gets a reset, or no answer at all."""
        assert _hear(connection)
        connection.sendall(_created("CA1"))
        began = time.monotonic()
        while _hear(connection):
            if time.monotonic() - began < IDLE_SECONDS:
                connection.sendall(_created("CA2"))
                continue
            if silent:
                time.sleep(5)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return

    with _serving(forget) as url:
        telephone = Telephone(replace(settings, api_base_url=url, timeout_seconds=2))
        first = placed_with(telephone, record("+12025552604"))
        time.sleep(IDLE_SECONDS)
        second = placed_with(telephone, record("+12025552605"))

    assert [first, second] == [Placed("CA1", "queued"), Placed("CA1", "queued")]


@pytest.mark.parametrize(
    ("keep_alive", "connections"), [("timeout=1, max=100", 2), ("max=9, Timeout = 60", 1), ("timeout=x", 1)]
)
def test_no_request_takes_a_connection_that_its_far_end_may_be_about_to_close(
    settings: Settings, keep_alive: str, connections: int
) -> None:
    with answering() as server:
        server.says(201, {"sid": "CA1", "status": "queued"}, Keep_Alive=keep_alive)
        telephone = Telephone(replace(settings, api_base_url=server.url, timeout_seconds=20))
        for number in ("+12025552606", "+12025552607"):
            assert placed_with(telephone, record(number)) == Placed("CA1", "queued")

        assert server.connections == connections
