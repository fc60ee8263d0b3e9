"""How requests to Twilio find their way: what the environment says about proxies and certificates holds."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import certifi
import pytest
import trustme

from tests.ports import reserve_port
from tests.processes import ACCOUNT_SID, Simulator
from tests.tls import TlsProxy
from tests.worker.calls import not_fresh, placed_with, record
from worker.settings import Settings
from worker.twilio.outcomes import Deferred, Placed, Unknown
from worker.twilio.telephone import Telephone

BODY = b'{"sid": "CA1", "status": "queued"}'
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.fixture
def tls(tmp_path: Path, simulator: Simulator) -> Iterator[TlsProxy]:
    """The simulator behind a certificate that nobody knows."""
    proxy = TlsProxy(tmp_path, simulator.port)
    yield proxy
    proxy.close()


def test_a_proxy_of_the_environment_is_asked_for_whole_addresses_with_its_account(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as connection:
            requests.append(connection.recv(65_536))
            connection.sendall(CREATED)

    threading.Thread(target=serve, daemon=True).start()
    monkeypatch.setenv("HTTP_PROXY", f"http://user:pass%20word@127.0.0.1:{server.getsockname()[1]}")
    telephone = Telephone(replace(settings, api_base_url="http://twilio.invalid"))

    assert placed_with(telephone, record("+12025552301")) == Placed("CA1", "queued")
    address = f"http://twilio.invalid/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"
    assert requests[0].startswith(f"POST {address} HTTP/1.1\r\n".encode())
    assert b"proxy-authorization: Basic dXNlcjpwYXNzIHdvcmQ=\r\n" in requests[0]


def test_hosts_that_the_environment_excepts_are_asked_without_the_proxy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{reserve_port()}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")

    assert isinstance(placed_with(Telephone(settings), record("+12025552302")), Placed)


def test_a_certificate_that_nobody_signed_gets_no_request(settings: Settings, tls: TlsProxy) -> None:
    telephone = Telephone(replace(settings, api_base_url=f"https://127.0.0.1:{tls.port}"))

    assert isinstance(placed_with(telephone, record("+12025552303")), Deferred)
    assert tls.passed_on == 0


def test_certificates_of_the_environment_are_trusted(
    settings: Settings, tls: TlsProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls.ca_file))
    telephone = Telephone(replace(settings, api_base_url=f"https://127.0.0.1:{tls.port}"))

    assert isinstance(placed_with(telephone, record("+12025552304")), Placed)


def test_missing_certificates_are_told_where_they_are_needed_and_looked_for_again(
    settings: Settings, tls: TlsProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = tls.ca_file.with_name("later.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(later))
    telephone = Telephone(replace(settings, api_base_url=f"https://127.0.0.1:{tls.port}"))

    assert Telephone(settings).stand() is None
    assert telephone.stand() == Deferred("Twilio could not be reached (FileNotFoundError)")
    tls.ca_file.rename(later)
    assert telephone.stand() is None


def test_to_read_very_many_certificates_is_no_part_of_the_way(
    settings: Settings, tls: TlsProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tmp_path / "many.pem"
    many.write_text(tls.ca_file.read_text() + Path(certifi.where()).read_text() * 5)
    began = time.monotonic()
    ssl.create_default_context(cafile=many)
    read_seconds = time.monotonic() - began
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(many))
    telephone = Telephone(replace(settings, api_base_url=f"https://127.0.0.1:{tls.port}"))
    assert telephone.stand() is None

    assert telephone.round_trips.smallest_seconds < read_seconds / 2


@pytest.fixture
def breaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port whose certificate is trusted, and whose TLS breaks once it has read a request."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as connection:
            link = context.wrap_socket(connection, server_side=True)
            request = part = link.recv(65_536)
            while part and b"To=" not in request:  # what is left unread would reset the connection
                part = link.recv(65_536)
                request += part
            with socket.socket(fileno=link.detach()) as below:
                below.sendall(b"no record of TLS" * 8)
                below.recv(65_536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    thread.join(10)


def test_a_fault_of_tls_after_the_request_left_leaves_its_outcome_in_doubt(settings: Settings, breaking: int) -> None:
    telephone = not_fresh(Telephone(replace(settings, api_base_url=f"https://127.0.0.1:{breaking}")))

    outcome = placed_with(telephone, record("+12025552305"))
    assert outcome == Unknown("No answer from Twilio (SSLError)")
