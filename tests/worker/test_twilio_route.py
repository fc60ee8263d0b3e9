"""What goes wrong on the way to Twilio: until TLS stands nothing has left, and after that it may have."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from tests.worker.calls import not_fresh, placed_with, record
from worker.settings import Settings
from worker.twilio.outcomes import Deferred, Placed, Unknown
from worker.twilio.telephone import Telephone

BODY = b'{"sid": "CA1", "status": "queued"}'
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(BODY), BODY)
TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"

Part = Callable[[socket.socket], None]


pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's end of TLS that the workers trust."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def _stay_silent(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def _say_other(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def _refuse(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


FAULTS = pytest.mark.parametrize("fault", [_reset, _close, _stay_silent], ids=["reset", "closed", "silent"])


def _hear_first(part: Part) -> Part:
    """Reads once, the beginning of a handshake or a CONNECT, before the part."""

    def heard(connection: socket.socket) -> None:
        connection.recv(65_536)
        part(connection)

    return heard


def _tunnel_to(part: Part) -> Part:
    """A proxy that takes the CONNECT; the part is played by what is behind it."""

    def behind(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(TUNNEL)
        part(connection)

    return behind


def _over_tls(context: ssl.SSLContext, part: Part) -> Part:
    """Shakes hands and reads a whole request before the part."""

    def secured(connection: socket.socket) -> None:
        with context.wrap_socket(connection.dup(), server_side=True) as link:
            request = link.recv(65_536)
            while b"To=" not in request:
                request += link.recv(65_536)
            part(link)

    return secured


def _serve(*parts: Part) -> int:
    """A port of one connection after the other."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server:
            for part in parts:
                with server.accept()[0] as connection:
                    try:
                        part(connection)
                    except OSError:
                        continue  # the other end has gone

    threading.Thread(target=serve, daemon=True).start()
    port: int = server.getsockname()[1]
    return port


def _telephone(settings: Settings, port: int) -> Telephone:
    return not_fresh(Telephone(replace(settings, api_base_url=f"https://127.0.0.1:{port}")))


@pytest.mark.parametrize(
    "fault", [_reset, _close, _stay_silent, _say_other], ids=["reset", "closed", "silent", "not_tls"]
)
def test_what_ends_in_the_handshake_has_not_left(settings: Settings, fault: Part) -> None:
    port = _serve(_hear_first(fault))

    assert isinstance(placed_with(_telephone(settings, port), record("+12025552401")), Deferred)


@pytest.mark.parametrize("fault", [_reset, _close, _stay_silent, _refuse], ids=["reset", "closed", "silent", "refused"])
@pytest.mark.parametrize("stage", [_hear_first, _tunnel_to], ids=["in_connect", "in_the_handshake_behind"])
def test_what_ends_at_a_proxy_before_twilio_shook_hands_has_not_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stage: Callable[[Part], Part], fault: Part
) -> None:
    proxy = _serve(stage(_hear_first(fault) if stage is _tunnel_to else fault))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
    telephone = Telephone(replace(settings, api_base_url="https://twilio.invalid"))

    assert isinstance(placed_with(telephone, record("+12025552402")), Deferred)


def test_what_a_proxy_answers_to_connect_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{_serve(_hear_first(_refuse))}")
    outcome = placed_with(Telephone(replace(settings, api_base_url="https://twilio.invalid")), record("+12025552403"))

    assert isinstance(outcome, Deferred)
    assert "407 Proxy Authentication Required" in outcome.reason


@FAULTS
def test_what_ends_after_the_request_was_heard_is_in_doubt(
    settings: Settings, certified: ssl.SSLContext, fault: Part
) -> None:
    port = _serve(_over_tls(certified, fault))

    assert isinstance(placed_with(_telephone(settings, port), record("+12025552404")), Unknown)


def test_what_ends_after_the_request_was_heard_behind_a_proxy_is_in_doubt(
    settings: Settings, certified: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = _serve(_tunnel_to(_over_tls(certified, _close)))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
    monkeypatch.setenv("NO_PROXY", "nothing.invalid")

    assert isinstance(placed_with(_telephone(settings, 9), record("+12025552405")), Unknown)


@FAULTS
def test_a_connection_that_once_stood_says_nothing_of_the_next_one(
    settings: Settings, certified: ssl.SSLContext, fault: Part
) -> None:
    port = _serve(_over_tls(certified, lambda link: link.sendall(CREATED)), _hear_first(fault))
    telephone = _telephone(settings, port)

    assert placed_with(telephone, record("+12025552406")) == Placed("CA1", "queued")
    assert isinstance(placed_with(telephone, record("+12025552407")), Deferred)


@FAULTS
def test_nor_does_one_through_a_proxy(
    settings: Settings, certified: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, fault: Part
) -> None:
    created = _tunnel_to(_over_tls(certified, lambda link: link.sendall(CREATED)))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{_serve(created, _hear_first(fault))}")
    monkeypatch.setenv("NO_PROXY", "nothing.invalid")
    telephone = _telephone(settings, 9)

    assert placed_with(telephone, record("+12025552408")) == Placed("CA1", "queued")
    assert isinstance(placed_with(telephone, record("+12025552409")), Deferred)
