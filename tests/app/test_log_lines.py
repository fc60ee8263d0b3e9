"""Nothing that a client sends forges a line of the log, or speaks to the terminal that shows it."""

import json
import socket
import unicodedata
from urllib.parse import quote

import pytest

from tests.app.away import Away
from tests.processes import BASE_PATH, wait_until

FORGED = "forged-line"
HARMFUL = ["\n", "\r\n", "\x1b[2J\x1b[31m", "\x9b31m", "\x85", "\u2028", "\x00", "\x7f", "\u202e", "\ud800"]


def send(away: Away, *requests: bytes) -> None:
    """Each on a connection of its own; answers do not matter."""
    for request in requests:
        with socket.create_connection(("127.0.0.1", int(away.variables["APP_PORT"])), 5) as link:
            link.sendall(request)
            link.shutdown(socket.SHUT_WR)
            while link.recv(65536):
                pass


def in_path(text: str) -> bytes:
    path = quote(f"x{text}{FORGED}", safe="", errors="surrogatepass")
    return f"GET {BASE_PATH}/task-status/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def in_headers(text: str) -> bytes:
    raw = f"{text}{FORGED}".encode("utf-8", "surrogatepass")
    names = (b"User-Agent", b"Idempotency-Key", b"Authorization", b"X-Request-Id", b"X-Forwarded-For", b"X-API-Key")
    lines = b"\r\n".join(name + b": a" + raw for name in names)
    return b"GET /nothing HTTP/1.1\r\nHost: localhost" + raw + b"\r\n" + lines + b"\r\n\r\n"


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_request_makes_one_line_and_none_of_its_control_characters_is_in_it(away: Away, log_format: str) -> None:
    away.start(LOG_FORMAT=log_format, LOG_LEVEL="DEBUG", API_KEYS="alice:swordfish-1", TRUSTED_PROXIES="127.0.0.1")
    send(away, *(request for text in HARMFUL for request in (in_path(text), in_headers(text))))
    away.stop_web()

    log = away.output
    for line in log.split("\n"):
        assert not line.startswith((FORGED, f"a{FORGED}")), line
        assert all(unicodedata.category(letter) not in {"Cc", "Cf", "Zl", "Zp", "Cs"} for letter in line), repr(line)
    if log_format == "json":
        assert all(isinstance(json.loads(line), dict) for line in log.splitlines())
    else:
        assert all(line[:4].isdigit() for line in log.splitlines()), log


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_strange_id_is_still_told_in_the_log(away: Away, log_format: str) -> None:
    away.start(LOG_FORMAT=log_format)
    send(away, in_path("\n\x1b[31m"))
    wait_until(
        lambda: "\\n\\u001b[31m" in away.output or "\\n\\x1b[31m" in away.output, what="the path is logged, escaped"
    )


@pytest.mark.parametrize(("level", "polls"), [("INFO", 0), ("DEBUG", 1)])
def test_polls_that_find_what_they_ask_for_have_no_line_below_debug(away: Away, level: str, polls: int) -> None:
    away.start(LOG_LEVEL=level)
    task_id = away.timed("POST", f"{BASE_PATH}/queue-single-call", json={"to_number": "+12025550142"})[0].json()[
        "task_id"
    ]
    statuses = [
        away.timed("GET", path)[0].status_code
        for path in (f"{BASE_PATH}/task-status/{task_id}", f"{BASE_PATH}/health", f"{BASE_PATH}/task-status/nobody")
    ]
    away.stop_web()

    lines = [json.loads(line) for line in away.output.splitlines()]
    told = [line["path"].removeprefix(BASE_PATH) for line in lines if line["event"] == "request"]
    assert statuses == [200, 200, 404]
    assert told.count(f"/task-status/{task_id}") == told.count("/health") == polls
    assert told.count("/queue-single-call") == told.count("/task-status/nobody") == 1
