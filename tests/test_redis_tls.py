"""A Redis with a password, behind TLS: every client of ours checks the certificate, and tells nobody the password."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kombu import pools
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from app.publisher import celery_producer
from app.settings import Settings as WebSettings
from runtime.connections import connect as connect_worker
from schemas.errors import SettingsError
from schemas.messages import DISPATCH, QUEUE
from tests.processes import ROOT, RedisServer
from tests.tls import TlsProxy
from worker.admin.__main__ import main
from worker.settings import Settings as WorkerSettings

PASSWORD = "password-of-this-redis"
#: As a worker connects, whose setting stands in its environment, where Celery itself looks too; but again at once.
_CONNECT = """
from worker.application import celery

celery.connection_for_read().ensure_connection(max_retries=1, interval_start=0)
"""
_PING = """
import asyncio, sys
from app.settings import Settings
from app.store.client import Store

settings = Settings.read({"REDIS_URL": sys.argv[1]})
asyncio.run(Store(settings.redis_url, settings.sentinel).ask("PING"))
"""
AWAY = (RedisError, OperationalError, OSError)


@dataclass(frozen=True)
class Guarded:
    """The Redis, and what stands before it."""

    server: RedisServer
    proxy: TlsProxy

    @property
    def in_clear(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.server.port}/0"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    server = RedisServer(folder).start()
    with Redis(port=server.port) as client:
        client.config_set("requirepass", PASSWORD)
    proxy = TlsProxy(folder, server.port)
    yield Guarded(server, proxy)
    proxy.close()
    server.stop()


@pytest.fixture(autouse=True)
def _no_pooled_connection() -> Iterator[None]:
    """Kombu keeps connections for the whole process, and does not tell those with another CA apart."""
    yield
    pools.reset()  # type: ignore[no-untyped-call]


def web_records(url: str) -> None:
    """In a process of its own, because asyncio closes TLS connections only after the loop that made them has ended."""
    _in_a_process([sys.executable, "-c", _PING, url], url)


def worker_broker(url: str) -> None:
    _in_a_process([sys.executable, "-c", _CONNECT], url, CELERY_BROKER_URL=url)


def _in_a_process(command: list[str], url: str, **settings: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert url not in ended.stderr
    if ended.returncode:
        raise RedisError(ended.stderr)


def worker_records(url: str) -> None:
    settings = WorkerSettings.read({"CELERY_BROKER_URL": url})
    with connect_worker(settings.redis_url, settings.sentinel) as client:
        client.ping()


def web_broker(url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELERY_BROKER_URL", url)
        settings = WebSettings.read(os.environ)
        with celery_producer(settings.broker_url, settings.sentinel) as celery:
            celery.send_task(DISPATCH, queue=QUEUE, ignore_result=True)


CLIENTS = [web_records, web_broker, worker_records, worker_broker]


@pytest.mark.parametrize("client", CLIENTS)
def test_with_its_authority_and_password_every_client_gets_in(guarded: Guarded, client: Callable[[str], None]) -> None:
    before = guarded.proxy.passed_on
    client(guarded.proxy.url(PASSWORD, ssl_ca_certs=guarded.proxy.ca_file))
    assert guarded.proxy.passed_on > before
    client(guarded.in_clear)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("authority", ["another one", "those of the system", "another one, by Celery's word"])
def test_a_certificate_of_an_unknown_authority_is_refused_by_default(
    guarded: Guarded, client: Callable[[str], None], authority: str
) -> None:
    choices: dict[str, dict[str, str | Path]] = {
        "another one": {"ssl_ca_certs": guarded.proxy.other_ca_file},
        "those of the system": {},
        "another one, by Celery's word": {
            "ssl_ca_certs": guarded.proxy.other_ca_file,
            "ssl_cert_reqs": "CERT_REQUIRED",
        },
    }
    before = guarded.proxy.passed_on
    with pytest.raises(AWAY) as caught:
        client(guarded.proxy.url(PASSWORD, **choices[authority]))
    assert "certificate verify failed" in str(caught.value).lower()
    assert PASSWORD not in str(caught.value)
    assert guarded.proxy.passed_on == before


def test_an_operator_is_told_that_it_is_the_certificate(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    url = guarded.proxy.url(PASSWORD, ssl_ca_certs=guarded.proxy.other_ca_file)
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    with pytest.raises(SystemExit) as ended:
        main(["queue"])
    assert str(ended.value.code).startswith(f"Redis at {url.partition('?')[0].replace(f':{PASSWORD}@', '')} ")
    assert "a certificate that is of no authority we trust" in str(ended.value.code)
    assert PASSWORD not in str(ended.value.code)


@pytest.mark.parametrize("client", CLIENTS)
def test_an_operator_may_give_up_the_check(guarded: Guarded, client: Callable[[str], None]) -> None:
    client(guarded.proxy.url(PASSWORD, ssl_cert_reqs="none"))


@pytest.mark.parametrize("client", CLIENTS)
def test_a_wrong_password_is_refused_and_not_repeated(guarded: Guarded, client: Callable[[str], None]) -> None:
    with pytest.raises(AWAY) as caught:
        client(guarded.proxy.url("swordfish", ssl_ca_certs=guarded.proxy.ca_file))
    assert "swordfish" not in str(caught.value)


@pytest.mark.parametrize("settings", [WebSettings, WorkerSettings])
@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "REDIS_URL"])
def test_a_word_that_is_no_requirement_stops_the_start(
    settings: type[WebSettings] | type[WorkerSettings], name: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*ssl_cert_reqs") as caught:
        settings.read({name: "rediss://:swordfish@host/0?ssl_cert_reqs=sometimes"})
    assert "swordfish" not in str(caught.value)
