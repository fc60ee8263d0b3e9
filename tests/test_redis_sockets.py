"""A Redis behind a socket of this machine: every client of ours gets in, by redis-py's word for it and by Celery's."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from schemas.messages import QUEUE
from tests.processes import ROOT, RedisServer
from tests.test_redis_tls import CLIENTS, _no_pooled_connection, web_broker

__all__ = ["_no_pooled_connection"]

URLS = ["unix://{}?db=3", "unix://{}", "redis+socket://{}?virtual_host=3", "redis+socket://{}"]


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("socket")
    path = folder / "redis.sock"
    (folder / "redis.conf").write_text(f"{(ROOT / 'docker/redis.conf').read_text()}\nunixsocket {path}\n")
    server = RedisServer(folder).start()
    yield path
    server.stop()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("url", URLS)
def test_every_client_gets_in_by_either_word(client: Callable[[str], None], url: str, socket: Path) -> None:
    client(url.format(socket))


@pytest.mark.parametrize("url", URLS)
def test_messages_go_to_the_database_that_is_named(url: str, socket: Path) -> None:
    with Redis(unix_socket_path=str(socket), db=3 if "3" in url else 0) as redis:
        redis.flushall()
        web_broker(url.format(socket))
        assert redis.llen(QUEUE) == 1
