"""Ports for servers: whoever gets one has it alone, on the whole machine."""

import multiprocessing
import socket
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests import ports

EACH = 50


def _reserve_many(_: int) -> list[int]:
    return [ports.reserve_port() for _ in range(EACH)]


def _narrow(first: int, last: int) -> None:
    ports.FIRST, ports.LAST = first, last  # type: ignore[misc]


def test_no_two_processes_get_the_same_port_even_where_there_is_hardly_room() -> None:
    first = ports.reserve_port() - 3 * EACH
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, context, _narrow, (first, first + 12 * EACH)) as pool:
        given = [port for some in pool.map(_reserve_many, range(8)) for port in some]

    assert len(given) == len(set(given)) == 8 * EACH


def test_a_port_on_which_somebody_listens_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    port = ports.reserve_port()
    ports._locks.pop().close()
    monkeypatch.setattr(ports, "FIRST", port)
    monkeypatch.setattr(ports, "LAST", port)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(RuntimeError, match="in use"):
        ports.reserve_port()


def test_the_system_gives_none_of_them_to_a_client() -> None:
    told = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not told.exists():
        pytest.skip("this system does not say which ports it gives to clients")
    first, last = map(int, told.read_text().split())

    assert first > ports.LAST or last < ports.FIRST
