"""worker.admin redis-password: on a Redis that asks for one. That a rotation holds is tried in tests/docs."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from tests.ports import reserve_port
from tests.processes import RedisServer, wait_until
from worker.admin.__main__ import main

OLD, NEW = "a1" * 12, "b2" * 12
Say = Callable[..., str]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path).start()
    yield running
    running.stop()


@pytest.fixture
def say(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Say:
    """What a command prints that knows this password."""
    file = tmp_path / "new-password"
    file.write_text(NEW)

    def one(option: str, knows: str, user: str = "") -> str:
        monkeypatch.setenv("CELERY_BROKER_URL", url(server, knows, user))
        main(("redis-password", option, str(file)))
        return capsys.readouterr().out

    return one


def url(server: RedisServer, password: str, user: str = "") -> str:
    return f"redis://{user}:{password}@127.0.0.1:{server.port}/0" if password else server.url


def opens(server: RedisServer, password: str) -> bool:
    with Redis.from_url(url(server, password)) as client:
        try:
            return bool(client.ping())
        except AuthenticationError:
            return False


def locked(server: RedisServer) -> None:
    with Redis.from_url(server.url) as client:
        client.config_set("requirepass", OLD)


def test_both_open_until_only_one_is_to(server: RedisServer, say: Say) -> None:
    locked(server)
    assert "besides the old one" in say("--add", OLD)
    assert (opens(server, OLD), opens(server, NEW)) == (True, True)
    assert "after a restart of Redis too" in say("--only", NEW)
    assert (opens(server, OLD), opens(server, NEW)) == (False, True)


def test_who_still_uses_the_old_one_cannot_lock_himself_out(server: RedisServer, say: Say) -> None:
    locked(server)
    say("--add", OLD)
    with pytest.raises(SystemExit, match="still uses another password"):
        say("--only", OLD)
    assert opens(server, OLD)


def test_a_redis_without_a_password_is_not_shut_behind_the_parts_backs(server: RedisServer, say: Say) -> None:
    with pytest.raises(SystemExit, match="asks for no password yet"):
        say("--add", "")
    assert opens(server, "")


@pytest.fixture
def replica(server: RedisServer, tmp_path: Path) -> Iterator[RedisServer]:
    folder = tmp_path / "replica"
    folder.mkdir()
    running = RedisServer(folder).start()
    with Redis.from_url(running.url) as client:
        client.replicaof("127.0.0.1", str(server.port))
        wait_until(lambda: client.info("replication")["master_link_status"] == "up", what="it is connected")
        wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"], what="it has all in its file")
        client.config_set("masterauth", OLD)
    yield running
    running.stop()


def test_no_replica_is_left_behind_that_knows_the_old_one_alone(
    server: RedisServer, replica: RedisServer, say: Say
) -> None:
    """It came back no more: nothing was confirmed then, and so nothing was accepted or dialled."""
    locked(server)
    for option in ("--add", "--only"):
        with pytest.raises(SystemExit, match="Redis has replicas"):
            say(option, OLD)
    assert (opens(server, OLD), opens(server, NEW)) == (True, False)
    with Redis.from_url(replica.url) as client, Redis.from_url(url(server, OLD)) as primary:
        client.replicaof("NO", "ONE")
        wait_until(lambda: not primary.info("replication")["connected_slaves"], what="the replica is gone")
    assert "besides the old one" in say("--add", OLD)


def test_behind_sentinel_there_may_be_replicas_that_are_just_away(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", f"sentinel://:{OLD}@127.0.0.1:{reserve_port()}/0")
    monkeypatch.setenv("REDIS_SENTINEL_MASTER", "calls")
    with pytest.raises(SystemExit, match="Redis has replicas"):
        main(("redis-password", "--add", str(tmp_path / "new-password")))


def test_it_says_so_when_redis_cannot_keep_the_new_one(server: RedisServer, say: Say, tmp_path: Path) -> None:
    locked(server)
    say("--add", OLD)
    (tmp_path / "redis.conf").unlink()
    (tmp_path / "redis.conf").mkdir()
    assert "the old one is back when Redis restarts" in say("--only", NEW)


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """The file of users of a Redis that has one."""
    file = tmp_path / "users.acl"
    file.write_text(f"user default on nopass ~* &* +@all\nuser parts on >{OLD} ~* &* +@all\n")
    (tmp_path / "redis.conf").write_text(f"appendonly yes\naclfile {file}\n")
    return file


@pytest.mark.parametrize("user", ["", "parts"])
def test_where_users_stand_in_a_file_it_is_kept_there(users: Path, server: RedisServer, say: Say, user: str) -> None:
    if not user:
        locked(server)
    say("--add", OLD, user)
    assert "after a restart of Redis too" in say("--only", NEW, user)

    (kept,) = (line for line in users.read_text().splitlines() if line.startswith(f"user {user or 'default'} "))
    assert [hashlib.sha256(one.encode()).hexdigest() in kept for one in (OLD, NEW)] == [False, True]


def test_a_password_that_a_url_would_spell_otherwise_is_refused(say: Say, tmp_path: Path, server: RedisServer) -> None:
    locked(server)
    for wrong in ("short", "with/a/slash/and:colon@"):
        (tmp_path / "new-password").write_text(wrong)
        with pytest.raises(SystemExit, match="letters and digits"):
            say("--add", OLD)
