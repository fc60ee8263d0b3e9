"""A port may be as far away as is ordered: what comes and goes through it takes half of the round trip each way."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.machine import quickest
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, FROM_NUMBER, Simulator

CREATE = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"
ROUND_TRIPS_MS = (50, 150, 300)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One at hand, and at three distances as well."""
    options = [word for round_trip in ROUND_TRIPS_MS for word in ("--also", f"0:{round_trip}")]
    running = Simulator(tmp_path_factory.mktemp("simulator"), *options)
    yield running
    running.process.stop()


def create(session: requests.Session, url: str, to: str) -> tuple[float, float]:
    """Orders a call; when it was asked for and when the answer had come, in epoch seconds."""
    form = {"To": to, "From": FROM_NUMBER, "Twiml": "<Response/>"}
    left = time.time()
    answer = session.post(url + CREATE, data=form, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=10)
    answered = time.time()
    assert answer.status_code == 201, answer.text
    return left, answered


@pytest.mark.parametrize(("index", "round_trip_ms"), list(enumerate(ROUND_TRIPS_MS)))
def test_a_request_arrives_after_half_of_the_round_trip_and_is_answered_after_all_of_it(
    simulator: Simulator, index: int, round_trip_ms: int
) -> None:
    url, to = simulator.away[index], f"+1202555010{index + 5}"
    round_trip = round_trip_ms / 1000

    def surplus() -> float:
        """How much longer than they must the way there and the whole took, whichever took more."""
        left, answered = create(session, url, to)
        arrived = [request["at"] for request in simulator.requests() if request["to"] == to][-1]
        assert arrived - left >= round_trip / 2 - 0.002
        assert answered - left >= round_trip - 0.004
        return float(max(arrived - left - round_trip / 2, answered - left - round_trip))

    with requests.Session() as session:
        create(session, url, to)  # on the connection that stands are the others
        assert quickest(surplus, 0.04) < 0.04


@pytest.mark.parametrize(("index", "round_trip_ms"), list(enumerate(ROUND_TRIPS_MS)))
def test_a_new_connection_costs_a_round_trip_more(simulator: Simulator, index: int, round_trip_ms: int) -> None:
    def surplus() -> float:
        with requests.Session() as session:
            left, answered = create(session, simulator.away[index], f"+1202555011{index + 5}")
        assert answered - left >= 2 * round_trip_ms / 1000 - 0.004
        return answered - left - 2 * round_trip_ms / 1000

    assert quickest(surplus, 0.04) < 0.04


def test_the_port_at_hand_has_no_distance(simulator: Simulator) -> None:
    with requests.Session() as session:

        def took_seconds() -> float:
            left, answered = create(session, simulator.url, "+12025550125")
            return answered - left

        assert quickest(took_seconds, 0.04) < 0.04


def test_each_request_is_noted_with_the_port_that_it_came_by(simulator: Simulator) -> None:
    ports = []
    for index, url in enumerate((simulator.url, *simulator.away)):
        with requests.Session() as session:
            create(session, url, f"+1202555013{index}")
        ports.append(int(url.rpartition(":")[2]))

    noted = {request["to"]: request["port"] for request in simulator.requests()}
    assert [noted[f"+1202555013{index}"] for index in range(4)] == ports


def test_a_distance_may_be_ordered_anew(simulator: Simulator) -> None:
    port = int(simulator.away[0].rpartition(":")[2])
    listed = requests.get(f"{simulator.url}/simulator/ports", timeout=10).json()["ports"]
    assert [row["round_trip_ms"] for row in listed] == [0, *ROUND_TRIPS_MS]

    def surplus() -> float:
        left, answered = create(session, simulator.away[0], "+12025550140")
        assert answered - left >= round_trip_ms / 1000 - 0.004
        return answered - left - round_trip_ms / 1000

    for round_trip_ms in (400, 50):
        order = {"round_trip_ms": round_trip_ms}
        answer = requests.put(f"{simulator.url}/simulator/ports/{port}", json=order, timeout=10)
        assert answer.json() == {"port": port, "round_trip_ms": round_trip_ms, "tls": False}
        with requests.Session() as session:
            create(session, simulator.away[0], "+12025550140")
            assert quickest(surplus, 0.04) < 0.04

    for wrong, body in ((f"ports/{port}", {"round_trip_ms": -1}), ("ports/1", {"round_trip_ms": 1})):
        assert requests.put(f"{simulator.url}/simulator/{wrong}", json=body, timeout=10).status_code == 400


def test_bytes_keep_their_order_and_none_is_lost(simulator: Simulator) -> None:
    port = int(simulator.away[1].rpartition(":")[2])
    request = f"GET /simulator/summary HTTP/1.1\r\nHost: x\r\nX-Long: {'y' * 3000}\r\n\r\n".encode()
    with closing(socket.create_connection(("127.0.0.1", port), 10)) as link:
        for begin in range(0, len(request), 97):
            link.sendall(request[begin : begin + 97])
        answer = b""
        while b"max_live" not in answer:
            answer += link.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_a_large_answer_comes_whole_from_afar(simulator: Simulator) -> None:
    with requests.Session() as session:
        for index in range(60):
            create(session, simulator.url, f"+12025552{index:03d}")
    near = requests.get(f"{simulator.url}/simulator/calls?to=%2B12025552000", timeout=10).json()
    far = requests.get(f"{simulator.away[2]}/simulator/calls?to=%2B12025552000", timeout=10).json()
    assert [call["sid"] for call in far["calls"]] == [call["sid"] for call in near["calls"]]
    assert len(requests.get(f"{simulator.away[0]}/simulator/calls", timeout=10).json()["calls"]) >= 60


@pytest.mark.parametrize("kind", ["lost_answer", "reset_after"])
def test_a_connection_that_is_cut_is_cut_for_the_client_too(simulator: Simulator, kind: str) -> None:
    to = "+12025550150"
    simulator.fault(kind=kind, to=to)
    with requests.Session() as session, pytest.raises(requests.ConnectionError) as caught:
        create(session, simulator.away[0], to)
    assert ("reset" in str(caught.value).lower()) == (kind == "reset_after")


def test_a_client_that_leaves_leaves_at_twilios_end_too(simulator: Simulator) -> None:
    to = "+12025550151"
    simulator.fault(kind="hang", to=to)
    with requests.Session() as session, pytest.raises(requests.ReadTimeout):
        session.post(
            simulator.away[0] + CREATE,
            data={"To": to, "From": FROM_NUMBER, "Twiml": "<Response/>"},
            auth=(ACCOUNT_SID, AUTH_TOKEN),
            timeout=0.5,
        )
    assert len(simulator.calls_to(to)) == 1


def test_the_first_port_may_be_far_too(tmp_path: Path) -> None:
    far = Simulator(tmp_path, "--distance-ms", "120")
    try:
        with requests.Session() as session:
            create(session, far.url, "+12025550160")
            left, answered = create(session, far.url, "+12025550160")
        assert answered - left >= 0.116
    finally:
        far.process.stop()
