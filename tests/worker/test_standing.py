"""A connection to Twilio stands before a call begins, and tells how far Twilio is; without it nothing leaves."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.distance import Distance
from tests.tls import TlsProxy
from tests.worker.answering import Answering, answering
from tests.worker.calls import HOUR_SECONDS, not_fresh, placed_with, record
from worker.metrics import ROUND_TRIP
from worker.settings import Settings
from worker.twilio.departure import Departure
from worker.twilio.outcomes import Deferred, Placed
from worker.twilio.telephone import Telephone

CREATED = {"sid": "CA1", "status": "queued"}
WAY_SECONDS = 0.1
HELD_UP_SECONDS = 0.6

pytestmark = pytest.mark.usefixtures("bare_environment")

#: How a worker reaches Twilio, and how far Twilio is from it.
Reach = Callable[..., tuple[Telephone, Answering]]


class HeldUp(Distance):
    """The first connection hears from its far end so much later."""

    held_up_seconds = 0.0

    async def open_far_end(self, near: Any) -> None:
        seconds, self.held_up_seconds = self.held_up_seconds, 0.0
        await asyncio.sleep(seconds)
        await super().open_far_end(near)


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's end of TLS that the workers trust."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def reach(
    settings: Settings, certified: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Reach]:
    """Builds the way to a Twilio that takes every call: plain, TLS, or through a proxy, to which TLS may lead."""
    with ExitStack() as running:

        def build(kind: str, way_seconds: float = 0, held_up_seconds: float = 0) -> tuple[Telephone, Answering]:
            if kind == "TLSv1.2":
                certified.maximum_version = ssl.TLSVersion.TLSv1_2
            twilio = running.enter_context(answering(None if kind == "plain" else certified))
            twilio.says(201, CREATED)
            distance = HeldUp(twilio.port, way_seconds, takes_connect=kind.endswith("tunnel"))
            distance.held_up_seconds = held_up_seconds
            running.callback(distance.close)
            if kind.endswith("tunnel"):
                monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{distance.port}")
                if kind == "secured tunnel":
                    proxy = _behind_tls(tmp_path, distance.port)
                    running.callback(proxy.close)
                    monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
                    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "both.pem"))
                monkeypatch.setenv("NO_PROXY", "nothing.invalid")
            url = f"{twilio.url.split(':')[0]}://127.0.0.1:{distance.port}"
            return Telephone(replace(settings, api_base_url=url, timeout_seconds=20)), twilio

        yield build


def _behind_tls(folder: Path, port_behind: int) -> TlsProxy:
    """Reached by TLS; who trusts it and what is behind is told in `both.pem`."""
    (folder / "proxy").mkdir(exist_ok=True)
    proxy = TlsProxy(folder / "proxy", port_behind)
    (folder / "both.pem").write_text((folder / "ca.pem").read_text() + proxy.ca_file.read_text())
    return proxy


KINDS = pytest.mark.parametrize("kind", ["plain", "TLSv1.2", "TLSv1.3", "tunnel", "secured tunnel"])
SECURED = pytest.mark.parametrize("kind", ["TLSv1.2", "TLSv1.3", "tunnel", "secured tunnel"])


@KINDS
def test_a_request_takes_the_connection_that_stands(reach: Reach, kind: str) -> None:
    telephone, twilio = reach(kind)
    not_fresh(telephone)
    for _ in range(3):
        assert telephone.stand() is None
        time.sleep(0.05)  # TLS 1.3's tickets come
    assert placed_with(telephone, record("+12025553101")) == Placed("CA1", "queued")
    assert placed_with(telephone, record("+12025553102")) == Placed("CA1", "queued")

    assert twilio.connections == 1


@KINDS
def test_where_twilio_ends_the_connection_with_each_answer_a_new_one_stands_for_the_next(
    reach: Reach, kind: str
) -> None:
    telephone, twilio = reach(kind)
    not_fresh(telephone)
    twilio.says(201, CREATED, Connection="close")
    for number in ("+12025553103", "+12025553104"):
        assert placed_with(telephone, record(number)) == Placed("CA1", "queued")

    assert twilio.connections == 2


@pytest.mark.parametrize("secured", [False, True])
@pytest.mark.parametrize("lost_after_seconds", [0, 0.1], ids=["before_the_slot", "while_it_waits"])
def test_a_connection_that_is_lost_before_the_request_leaves_sends_nothing(
    settings: Settings, certified: ssl.SSLContext, secured: bool, lost_after_seconds: float
) -> None:
    server, heard, stands = socket.create_server(("127.0.0.1", 0)), [], threading.Event()

    def serve() -> None:
        with server:
            connection = server.accept()[0]
            if secured:
                connection = certified.wrap_socket(connection, server_side=True)
            stands.wait(60)
            time.sleep(lost_after_seconds)
            connection.close()
            server.settimeout(1)  # for another one, which must not come
            try:
                heard.append(server.accept()[0].recv(65_536))
            except TimeoutError:
                return

    serving = threading.Thread(target=serve)
    serving.start()
    url = f"{'https' if secured else 'http'}://127.0.0.1:{server.getsockname()[1]}"
    telephone = not_fresh(Telephone(replace(settings, api_base_url=url, timeout_seconds=20)))
    assert telephone.stand() is None
    stands.set()
    now = time.monotonic()
    departure = Departure(now + HOUR_SECONDS, now, 0.5)
    outcome = telephone.place(record("+12025553105"), departure)
    serving.join()

    assert outcome == Deferred("The connection to Twilio was lost before the call could leave", 0)
    assert departure.late_seconds is None
    assert heard == []


@SECURED
def test_a_handshake_tells_how_far_twilio_is(reach: Reach, kind: str) -> None:
    seen: list[float] = []
    while len(seen) < 5 and min(seen, default=1) > 3.5 * WAY_SECONDS:  # a busy machine makes it longer
        telephone, _ = reach(kind, WAY_SECONDS)
        assert telephone.stand() is None
        seen.append(telephone.round_trips.smallest_seconds)

    assert 2 * WAY_SECONDS <= min(seen) <= 3.5 * WAY_SECONDS


def test_how_far_twilio_is_shows_in_the_metrics(reach: Reach) -> None:
    telephone, _ = reach("TLSv1.3", WAY_SECONDS)
    assert telephone.stand() is None
    (shown,) = [one.value for one in next(iter(ROUND_TRIP.collect())).samples]

    assert shown == telephone.round_trips.smallest_seconds >= 2 * WAY_SECONDS


def test_what_twilio_takes_for_its_answers_makes_no_way_longer_that_handshakes_told(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    telephone, twilio = reach("TLSv1.3")
    telephone.stand()
    told = telephone.round_trips.smallest_seconds
    monkeypatch.setattr("worker.twilio.round_trips._REMEMBERED_SECONDS", 0)
    twilio.thinks_seconds = told + 0.3
    for number in ("+12025553106", "+12025553107", "+12025553108"):
        assert placed_with(telephone, record(number)) == Placed("CA1", "queued")

    assert telephone.round_trips.smallest_seconds == told


@pytest.mark.parametrize("kind", ["TLSv1.2", "TLSv1.3"])
def test_a_handshake_that_was_held_up_makes_no_request_of_a_fresh_worker_leave_early(reach: Reach, kind: str) -> None:
    telephone, _ = reach(kind, held_up_seconds=HELD_UP_SECONDS)
    assert telephone.stand() is None

    assert telephone.round_trips.way_seconds < HELD_UP_SECONDS / 6


def test_nor_does_a_plain_answer_that_was_held_up(reach: Reach) -> None:
    telephone, twilio = reach("plain")
    ways = []
    for thinks_seconds in (HELD_UP_SECONDS, 0, 0, 0):
        ways.append(telephone.round_trips.way_seconds)
        twilio.thinks_seconds = thinks_seconds
        assert placed_with(telephone, record("+12025553109")) == Placed("CA1", "queued")

    assert max(ways) < HELD_UP_SECONDS / 6


def test_a_request_that_may_leave_at_any_time_tells_how_far_twilio_is_too(reach: Reach) -> None:
    telephone, twilio = reach("TLSv1.3", WAY_SECONDS)
    twilio.thinks_seconds = 1.0
    telephone.fetch("CA1")

    assert 2 * WAY_SECONDS <= telephone.round_trips.smallest_seconds < 1.0
