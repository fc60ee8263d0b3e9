"""TLS of its own, whose handshake takes its round trips, and connections that are reset before, in and after it."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from tests.machine import quickest
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, FROM_NUMBER, Simulator

ROUND_TRIP_MS = 100
REQUEST = b"GET /simulator/summary HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One with a certificate for 127.0.0.1, at hand and 100 ms away."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate = authority.issue_cert("127.0.0.1")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(str(folder / "cert.pem"), append=True)
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    tls = ("--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem"))
    running = Simulator(folder, *tls, "--also", f"0:{ROUND_TRIP_MS}", ca_file=folder / "ca.pem")
    yield running
    running.process.stop()


@pytest.fixture(autouse=True)
def clear(simulator: Simulator) -> Iterator[None]:
    yield
    requests.delete(f"{simulator.url}/simulator/faults", timeout=10, verify=simulator.verify)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def order(simulator: Simulator, kind: str, **fields: Any) -> None:
    """Trouble for connections from afar only."""
    simulator.fault(kind=kind, port=port_of(simulator.away[0]), **fields)


def secured(simulator: Simulator) -> ssl.SSLSocket:
    """A new connection from afar behind its handshake."""
    context = ssl.create_default_context(cafile=str(simulator.verify))
    plain = socket.create_connection(("127.0.0.1", port_of(simulator.away[0])), 10)
    return context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_calls_are_created_over_tls_and_the_certificate_is_checked(simulator: Simulator) -> None:
    assert simulator.url.startswith("https://")
    url = f"{simulator.away[0]}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"
    form = {"To": "+12025550120", "From": FROM_NUMBER, "Twiml": "<Response/>"}
    answer = requests.post(url, data=form, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=10, verify=simulator.verify)
    assert answer.status_code == 201
    assert simulator.requests()[-1]["port"] == port_of(simulator.away[0])
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{simulator.url}/simulator/summary", timeout=10)


def test_connecting_costs_two_round_trips(simulator: Simulator) -> None:
    def connecting() -> float:
        began = time.time()
        with closing(secured(simulator)):
            took_seconds = time.time() - began
        assert took_seconds >= 2 * ROUND_TRIP_MS / 1000 - 0.004
        return took_seconds

    three = 3 * ROUND_TRIP_MS / 1000
    assert quickest(connecting, three) < three


def test_a_connection_may_be_reset_before_the_handshake(simulator: Simulator) -> None:
    order(simulator, "connect_reset")
    with pytest.raises(ConnectionResetError), closing(secured(simulator)):
        pass
    with closing(secured(simulator)):
        pass


def test_a_connection_may_be_reset_inside_the_handshake(simulator: Simulator) -> None:
    order(simulator, "handshake_reset", times=2)
    for _ in range(2):
        with pytest.raises(ConnectionResetError), closing(secured(simulator)):
            pass
    with closing(secured(simulator)):
        pass


def test_a_connection_may_be_reset_right_behind_the_handshake(simulator: Simulator) -> None:
    order(simulator, "established_reset")
    before = len(simulator.requests())
    # The plain socket under it tells a reset from an end.
    with closing(secured(simulator)) as link, socket.socket(fileno=os.dup(link.fileno())) as plain:
        plain.settimeout(10)
        with pytest.raises(ConnectionResetError):
            plain.recv(1)
    assert len(simulator.requests()) == before


def test_a_handshake_may_never_be_answered(simulator: Simulator) -> None:
    order(simulator, "connect_silence", lasts_seconds=60)
    with closing(socket.create_connection(("127.0.0.1", port_of(simulator.away[0])), 10)) as plain:
        plain.settimeout(0.5)
        with pytest.raises(TimeoutError):
            ssl.create_default_context().wrap_socket(plain, server_hostname="127.0.0.1")
    assert requests.get(f"{simulator.url}/simulator/summary", timeout=10, verify=simulator.verify).ok


def test_other_ports_are_not_concerned(simulator: Simulator) -> None:
    order(simulator, "connect_reset", times=None)
    assert requests.get(f"{simulator.url}/simulator/summary", timeout=10, verify=simulator.verify).ok
    with pytest.raises(ConnectionResetError), closing(secured(simulator)):
        pass


def test_without_a_distance_or_tls_no_connection_can_be_reset(tmp_path: Path) -> None:
    plain = Simulator(tmp_path)
    try:
        order_ = {"kind": "connect_reset"}
        answer = requests.post(f"{plain.url}/simulator/faults", json=order_, timeout=10)
        assert answer.status_code == 400
        assert "--distance-ms" in answer.json()["detail"]
    finally:
        plain.process.stop()


def test_a_certificate_that_cannot_be_read_is_one_line_and_exit_code_one(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for option, name in (("--tls-cert", "none.pem"), ("--tls-cert", "empty.pem"), ("--tls-key", "none.pem")):
        command = [sys.executable, "-m", "simulator", "--port", "0", option, str(tmp_path / name)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 1
        assert (name in ended.stderr, "Traceback" in ended.stderr) == (option == "--tls-cert", False)
        assert len(ended.stderr.splitlines()) == 1
