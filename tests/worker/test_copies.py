"""worker.admin backup, restore and accept-copy: on a Redis of its own."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from schemas import keys
from schemas.scripts.begin import Gone
from tests.distance import Distance
from tests.processes import wait_until
from tests.worker.copies import Machine, Say, machine, restarted, say
from worker.admin.copies.backup import write_backup

__all__ = ["machine", "say"]


def test_a_copy_holds_everything_is_marked_and_changes_nothing(machine: Machine, say: Say, tmp_path: Path) -> None:
    store, copy = machine.store(), tmp_path / "copy.aof"
    calls = [store.call(f"+1202556{index:04d}") for index in range(300)]
    store.redis.set("filler", "x" * 3_000_000)
    before = {name: store.redis.dump(name) for name in store.redis.scan_iter("*")}
    assert say("backup", str(copy)).startswith(f"{copy}: ")
    assert {name: store.redis.dump(name) for name in store.redis.scan_iter("*")} == before
    assert copy.stat().st_mode & 0o077 == 0
    assert not copy.with_name("copy.aof.part").exists()

    store = restarted(machine, say, copy)
    assert set(store.redis.scan_iter("*")) == {*before, keys.COPY}
    assert all(store.state(call) == "waiting" for call in calls)


def test_of_a_backup_that_is_cut_off_no_part_is_left(machine: Machine, tmp_path: Path) -> None:
    machine.store().redis.set("filler", "x" * 3_000_000)
    copy, way = tmp_path / "copy.aof", Distance(machine.server.port, way_seconds=0.2)
    with ThreadPoolExecutor(1) as thread, Redis(port=way.port) as redis:
        backup = thread.submit(write_backup, redis, copy)
        wait_until(copy.with_name("copy.aof.part").exists)
        way.close()
        with pytest.raises(RedisError):
            backup.result(60)

    assert list(tmp_path.glob("copy.aof*")) == []


def test_of_two_backups_into_one_file_the_later_is_refused_and_the_earlier_is_whole(
    machine: Machine, say: Say, tmp_path: Path
) -> None:
    """They would write into one another's."""
    machine.store().redis.set("filler", "x" * 3_000_000)
    copy, way = tmp_path / "copy.aof", Distance(machine.server.port, way_seconds=0.2)
    with ThreadPoolExecutor(1) as thread, Redis(port=way.port) as redis:
        earlier = thread.submit(write_backup, redis, copy)
        wait_until(copy.with_name("copy.aof.part").exists)
        with pytest.raises(SystemExit, match=r"copy\.aof\.part is being written: wait"):
            say("backup", str(copy))
        size = earlier.result(60)
    way.close()

    assert [(path.name, path.stat().st_size) for path in tmp_path.glob("copy.aof*")] == [("copy.aof", size)]
    assert restarted(machine, say, copy).redis.strlen("filler") == 3_000_000


def test_what_a_killed_backup_left_is_in_nobodys_way(machine: Machine, say: Say, tmp_path: Path) -> None:
    copy = tmp_path / "copy.aof"
    copy.with_name("copy.aof.part").write_bytes(b"x" * 3_000_000)
    say("backup", str(copy))
    assert copy.read_bytes().startswith(b"REDIS")
    assert not copy.with_name("copy.aof.part").exists()


def test_a_copy_starts_drained_by_itself_until_somebody_says_what_becomes_of_it(
    machine: Machine, say: Say, tmp_path: Path
) -> None:
    store, copy = machine.store(), tmp_path / "copy.aof"
    on_its_way = store.call("+12025560001")
    assert store.ledger.admit(50) == [on_its_way]
    waiting = store.call("+12025560002")
    say("backup", str(copy))
    store = restarted(machine, say, copy)

    assert store.ledger.admit(50) == []
    assert isinstance(store.ledger.begin(on_its_way, "its message was in the copy"), Gone)
    store.pass_time(3600)
    assert not store.ledger.clock("beat").dispatch
    assert store.ledger.due_check(60).call is None
    assert store.state(on_its_way) == "dispatched"
    assert "drained since" in say("queue")
    assert "drained" in say("accept-copy", "--accept-lost-opt-outs")
    assert store.ledger.admit(50) == []
    assert say("accept-copy") == "Nothing changed: it is none.\n"
    say("resume")
    assert waiting in store.ledger.admit(50)


def test_all_databases_of_a_copy_start_drained_for_each_may_be_another_deployments(
    machine: Machine, say: Say, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.aof"
    for database in (0, 1, 12):
        machine.store(database).call("+12025560050")
    say("backup", str(copy))
    restarted(machine, say, copy)

    for database in (0, 1, 12):
        store = machine.store(database)
        assert set(store.redis.scan_iter("tw:task:*"))
        assert store.ledger.admit(50) == []
    assert not machine.store(2).redis.exists(keys.COPY)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_copy_becomes_a_file_of_the_folders_owner_who_is_rediss_user(
    machine: Machine, say: Say, tmp_path: Path
) -> None:
    """Whoever restores is root, and Redis could not read a file of root's."""
    copy, into = tmp_path / "copy.aof", tmp_path / "into"
    into.mkdir()
    os.chown(into, 65534, 65534)
    say("backup", str(copy))
    say("restore", str(copy), "--into", str(into))
    put = (into / "appendonly.aof").stat()
    assert (put.st_uid, put.st_gid, put.st_mode & 0o777) == (65534, 65534, 0o600)


def test_a_file_that_is_no_whole_copy_or_not_this_one_is_refused(machine: Machine, say: Say, tmp_path: Path) -> None:
    whole, broken = tmp_path / "copy.aof", tmp_path / "broken.aof"
    machine.store().call("+12025560040")
    say("backup", str(whole))
    broken.write_bytes(whole.read_bytes()[:-30])
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(SystemExit, match="only a part of one"):
        say("restore", str(broken), "--into", str(into))
    say("restore", str(whole), "--into", str(into))
    with pytest.raises(SystemExit, match="is not empty"):
        say("restore", str(whole), "--into", str(into))
    with pytest.raises(SystemExit, match="are no copy"):
        say("restore", str(whole))
