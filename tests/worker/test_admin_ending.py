"""How commands of worker.admin end that cannot do what they were asked for: one sentence, and no secret in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.processes import RedisServer
from tests.worker.operator import Operator
from worker.admin.__main__ import main

SECRET = "abcdefghijklmnopqrst"


def _sentence(*words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert isinstance(ended.value.code, str), ended.value.code
    return ended.value.code


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("backup", "{there}/none/copy.aof"), "none/copy.aof.part"),
        (("backup", "{there}/folder"), "folder"),
        (("restore", "{there}/none"), "none"),
        (("restore", "{there}/folder"), "folder"),
        (("redis-password", "--add", "{there}/none"), "none"),
        (("redis-password", "--only", "{there}/folder"), "folder"),
        (("recipients", "campaign", "{there}/none"), "none"),
    ],
    ids=" ".join,
)
def test_a_file_that_is_not_there_or_a_folder_is_named(
    redis: "Redis", operator: Operator, tmp_path: Path, words: tuple[str, ...], missing: str
) -> None:
    (tmp_path / "folder").mkdir()
    said = _sentence(*(word.format(there=tmp_path) for word in words))
    assert said.startswith(f"{tmp_path / missing} cannot be ")
    assert said.endswith((": No such file or directory.", ": Is a directory."))
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_copy_is_put_into_no_folder_that_is_not_there(redis: "Redis", operator: Operator, tmp_path: Path) -> None:
    copy = tmp_path / "copy.aof"
    operator.run("backup", str(copy))
    assert "none/appendonly.aof.part" in _sentence("restore", str(copy), "--into", str(tmp_path / "none"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"{}\n", b'{"salt": 1}\n'])
def test_what_is_no_proof_of_opt_outs_is_merged_nowhere(
    redis: "Redis", operator: Operator, tmp_path: Path, content: bytes
) -> None:
    proof = tmp_path / "opt-outs.jsonl"
    proof.write_bytes(content)
    redis.hset("tw:copy", mapping={"id": "x", "from_ms": 1, "at_ms": 2})
    assert _sentence("accept-copy", "--opt-outs", str(proof)).startswith(f"{proof} ")
    assert redis.exists("tw:copy")


@pytest.mark.parametrize("word", ["task\udcff", ""])
def test_what_is_no_task_is_said(redis: "Redis", operator: Operator, word: str) -> None:
    assert _sentence("explain", word) in {"An argument is no text in UTF-8.", "Task  not found."}


def test_a_password_file_that_holds_no_text_is_no_password(redis: "Redis", operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xff" * 20)
    assert _sentence("redis-password", "--add", str(file)).startswith("Nothing changed: a password is")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("watch", "--every", "-1"), "-1 is no number from 0 to 3600"),
        (("watch", "--every", "nan"), "nan is no number from 0 to 3600"),
        (("watch", "--times", "-1"), "-1 is no whole number from 0 to 1000000000"),
        (("retry", "task", "busy", "--delay-seconds", "9" * 30), f"{'9' * 30} is no whole number from 0 to 604800"),
        (("edit", "task", "--max-call-seconds", "1"), "1 is no whole number from 60 to 14400"),
        (("edit", "task", "--retry", "{"), "{ is no JSON: "),
        (("reconcile", "--since", "yesterday"), "yesterday is no time as 2026-11-26T09:00Z"),
        (("reconcile", "--since", "2026-11-26T09:00"), "2026-11-26T09:00 names no offset"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[:2]),
)
def test_of_a_wrong_argument_it_is_told_what_it_must_be(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    told = capsys.readouterr().err.splitlines()[-1]
    assert ended.value.code == 2
    assert said in told
    assert len(told) < 200


@pytest.fixture
def few(redis: "Redis", redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator["Redis"]:
    """A Redis in which the commands are a user's, who may do all but to look at Redis itself."""
    redis.acl_setuser("few", enabled=True, passwords=[f"+{SECRET}"], keys="*", categories=["+@all", "-@admin"])
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url.replace("//", f"//few:{SECRET}@"))
    yield redis
    redis.config_set("maxmemory", "0")
    redis.replicaof("NO", "ONE")
    redis.acl_deluser("few")


def test_what_redis_refuses_is_told_in_its_words_and_without_a_password(
    few: "Redis", operator: Operator, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(SECRET[::-1])
    url = redis_server.url
    monkeypatch.setenv("CELERY_BROKER_URL", url.replace("//", f"//few:{SECRET}@"))
    for words in (("redis-password", "--add", str(tmp_path / "password")), ("backup", str(tmp_path / "copy.aof"))):
        said = _sentence(*words)
        assert said.startswith(f"Redis at {url} refuses: ")
        assert "permission" in said.lower()
        assert SECRET[::-1] not in said

    monkeypatch.setenv("CELERY_BROKER_URL", url.replace("//", "//few:another@"))
    assert _sentence("queue").startswith(f"Redis at {url} refuses: invalid username-password pair")


def test_of_a_replica_it_is_told_that_it_is_one(
    few: "Redis", operator: Operator, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    few.replicaof("127.0.0.1", "1")
    said = _sentence("drain")
    assert said.startswith(f"Redis at {redis_server.url} refuses: ")
    assert said.endswith("You can't write against a read only replica.")
