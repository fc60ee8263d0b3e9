"""A list as a file: nothing of it passes for another answer, half of one not for a whole one."""

import socket
from contextlib import suppress

import pytest

from tests.app.away import Away
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.wire import LIVEZ, Listen
from tests.processes import BASE_PATH

LISTS = f"{BASE_PATH}/do-not-call"
ASKED = f"{LISTS} HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n\r\n"


async def test_by_head_no_row_comes_with_which_the_next_answer_would_begin(listen: Listen) -> None:
    link = await (await listen())()
    await link.send(f"PUT {LISTS}/+12025550100 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
    assert (await link.reply()).status == 200
    await link.send(f"HEAD {ASKED}".encode() + LIVEZ)
    for kind in (b"text/csv", b"application/json"):
        head = await link.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert kind in head


@pytest.mark.parametrize(
    "asked", [f"{LISTS} HTTP/1.0\r\nAccept: text/csv", f"{BASE_PATH}/stream?for_seconds=1 HTTP/1.0"]
)
async def test_what_has_no_length_ends_with_the_connection_where_there_are_no_chunks(
    listen: Listen, asked: str
) -> None:
    """Also if a client of HTTP/1.0 would keep it, who waited for more of the file until the connection was idle."""
    link = await (await listen())()
    await link.send(f"GET {asked}\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n".encode())
    assert (await link.closed()).startswith(b"HTTP/1.0 200 ")


def test_what_redis_cuts_short_breaks_off_and_holds_no_second_answer(away: Away) -> None:
    away.start()
    for first in range(0, 20_000, 1000):
        numbers = [f"+1202{first + more:07}" for more in range(1000)]
        assert away.timed("POST", LISTS, json={"phone_numbers": numbers})[0].status_code == 200
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.settimeout(30)
        link.connect(("127.0.0.1", int(away.variables["APP_PORT"])))
        link.sendall(f"GET {ASKED}".encode())
        got = link.recv(100)
        away.kill_redis()
        with suppress(ConnectionResetError):
            while more := link.recv(65_536):
                got += more
    away.stop_web()
    assert got.startswith(b"HTTP/1.1 200 ")
    assert got.count(b"HTTP/1.1 ") == 1
    assert not got.endswith(b"0\r\n\r\n")
    assert "request_failed" not in away.output


async def test_a_page_that_may_read_answers_may_read_files(start: Start) -> None:
    client = await start(CORS_ORIGINS="https://app.example.com")
    headers = {"Accept": "text/csv", "Origin": "https://app.example.com"}
    answer = await client.ask("GET", LISTS, headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert answer.headers["X-Request-ID"]


async def test_of_an_empty_list_the_file_is_a_head_alone(client: Client) -> None:
    answer = await client.ask("GET", LISTS, headers={"Accept": "text/csv"})
    assert (answer.status, len(answer.text.splitlines())) == (200, 1)


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("text/csv", "text/csv"),
        ("text/csv, application/json", "text/csv"),
        ("text/csv;q=0.9, application/json;q=0.8, */*;q=0.1", "text/csv"),
        ("TEXT/CSV; header=present ; Q=0.5", "text/csv"),
        ("application/json, text/csv;q=0.5", "application/json"),
        ("application/json, text/csv;q=0", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("*/*", "application/json"),
    ],
)
async def test_a_file_comes_to_who_does_not_like_json_better(client: Client, accepted: str, kind: str) -> None:
    answer = await client.ask("GET", LISTS, headers={"Accept": accepted})
    assert answer.headers["Content-Type"].startswith(kind)
