"""Records of calls for tests, and servers that answer as Twilio never should."""

import socket
import threading
import time
from collections.abc import Callable

from schemas.records import CallRecord
from tests.processes import FROM_NUMBER
from worker.twilio.departure import Departure
from worker.twilio.outcomes import Outcome
from worker.twilio.telephone import Telephone

#: Two instants between which every call of a test is created, in milliseconds, and a clock.
EVER = (0, 2**53, lambda: round(time.time() * 1000))
HOUR_SECONDS = 3600.0


def record(number: str, **fields: str) -> CallRecord:
    """A call that is being dialled."""
    return CallRecord.read(
        f"call-{number}",
        {
            "state": "dialling",
            "to": number,
            "from": FROM_NUMBER,
            "created_ms": "1",
            "updated_ms": "1",
            "due_ms": "1",
            **fields,
        },
    )


def not_fresh(telephone: Telephone) -> Telephone:
    """The same, of a process that has shaken hands so often that one connection is all that it makes."""
    while not telephone.round_trips.handshakes.note(0):
        pass
    return telephone


def placed_with(telephone: Telephone, call: CallRecord) -> Outcome:
    """Places a call at once, and however long this machine takes to come to it."""
    if unreached := telephone.stand():
        return unreached
    now = time.monotonic()
    return telephone.place(call, Departure(now + HOUR_SECONDS, now, 0))


def serve_once(answer: Callable[[socket.socket], None]) -> str:
    """A server of one connection, on which it reads once and answers; its URL."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as connection:
            connection.recv(65_536)
            answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}"
