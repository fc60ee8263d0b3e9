"""What would cost calls or money keeps every part from starting, with one sentence; and how a worker is interrupted."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from redis import Redis

from tests.ports import reserve_port
from tests.processes import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    BIN,
    FROM_NUMBER,
    ROOT,
    START_SECONDS,
    Process,
    RedisServer,
    wait_until,
)

CELERY: Final = [str(BIN / "celery"), "-A", "worker"]
PARTS: Final = {
    "web": [sys.executable, "-m", "app"],
    "worker": [*CELERY, "worker", "--queues", "twilio_calls", "--pool", "solo"],
    "beat": [*CELERY, "beat"],
}
OTHER: Final = "AC" + "9" * 32


@pytest.fixture
def own_redis(redis_server: RedisServer) -> Iterator["Redis"]:
    """The tests' Redis, whose settings are put back."""
    with Redis.from_url(redis_server.url, decode_responses=True, protocol=2) as client:
        client.flushall()
        yield client
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "yes")
        client.acl_deluser("mute")
        client.flushall()


def environment(redis_server: RedisServer, **settings: str) -> dict[str, str]:
    return {
        "CELERY_BROKER_URL": redis_server.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_PHONE_NUMBER": FROM_NUMBER,
        "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
        "APP_PORT": str(reserve_port()),
        "PYTHONPATH": str(ROOT),
        **settings,
    }


def refused(part: str, variables: dict[str, str]) -> str:
    """What a part that must end by itself says last."""
    ended = subprocess.run(
        PARTS[part], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=START_SECONDS, check=False
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [("maxmemory-policy", "allkeys-lru", "maxmemory-policy noeviction"), ("appendonly", "no", "set appendonly yes")],
)
def test_no_part_starts_on_a_redis_that_evicts_or_forgets(
    part: str, own_redis: "Redis", redis_server: RedisServer, name: str, value: str, remedy: str
) -> None:
    own_redis.config_set(name, value)
    said = refused(part, environment(redis_server))
    assert remedy in said
    assert said.endswith("ALLOW_UNSAFE_REDIS=1 starts all the same.")


@pytest.mark.parametrize("part", PARTS)
def test_no_part_starts_on_a_replica(part: str, own_redis: "Redis", redis_server: RedisServer) -> None:
    own_redis.replicaof("127.0.0.1", "1")
    try:
        said = refused(part, environment(redis_server, ALLOW_UNSAFE_REDIS="1"))
    finally:
        own_redis.replicaof("NO", "ONE")
    assert said == "Redis is a replica, in which nothing can be written: name its primary."


def test_no_part_starts_on_a_cluster(tmp_path: Path) -> None:
    """Nothing works there: scripts and Celery touch keys of several slots at once."""
    (tmp_path / "redis.conf").write_text((ROOT / "docker/redis.conf").read_text() + "cluster-enabled yes\n")
    # Its nodes speak at a port that is 10,000 higher, which below 32,768 the system gives to nobody.
    port = next(port for port in iter(reserve_port, None) if port < 22_700)
    server = RedisServer(tmp_path, port).start()
    try:
        with Redis.from_url(server.url) as client:
            client.execute_command("CLUSTER", "ADDSLOTS", *range(16384))
        for part in PARTS:
            assert refused(part, environment(server)).startswith("Redis is a cluster (cluster-enabled yes)")
    finally:
        server.stop()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_redis_tells_nothing_says_so_and_starts(
    part: str, own_redis: "Redis", redis_server: RedisServer, tmp_path: Path
) -> None:
    own_redis.acl_setuser("mute", enabled=True, nopass=True, keys="*", channels="*", commands=["+@all", "-info"])
    url = redis_server.url.replace("redis://", "redis://mute:any@", 1)
    process = Process(part, PARTS[part], tmp_path, environment(redis_server) | {"CELERY_BROKER_URL": url})
    process.wait_for_answer(lambda: own_redis.zcard("tw:parts") == 1)
    process.stop()
    assert "redis_unknown" in {json.loads(line)["event"] for line in process.output.splitlines()}


@pytest.mark.parametrize("part", PARTS)
def test_no_part_starts_on_the_calls_of_another_account(
    part: str, own_redis: "Redis", redis_server: RedisServer
) -> None:
    own_redis.set("tw:account", OTHER)
    said = refused(part, environment(redis_server))
    assert OTHER in said
    assert "worker.admin take-account" in said
    assert set(own_redis.keys("*")) == {"tw:account", "tw:broker"}  # the latter is to know a broker by


def test_it_starts_there_when_the_operator_says_so(
    own_redis: "Redis", redis_server: RedisServer, tmp_path: Path
) -> None:
    own_redis.config_set("maxmemory-policy", "allkeys-lru")
    variables = environment(redis_server, ALLOW_UNSAFE_REDIS="1")
    process = Process("web", PARTS["web"], tmp_path, variables)
    process.wait_for_answer(lambda: own_redis.zcard("tw:parts") == 1)
    assert own_redis.get("tw:account") == ACCOUNT_SID
    assert process.stop() == 0
    assert own_redis.zcard("tw:parts") == 0


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_a_part_that_is_interrupted_ends_well(
    part: str, own_redis: "Redis", redis_server: RedisServer, tmp_path: Path
) -> None:
    """As by Ctrl-C; a process that a test starts in a session of its own would ignore SIGINT if the shell did."""
    interruptible = "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    with (tmp_path / f"{part}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", f"{interruptible}; os.execv(sys.argv[1], sys.argv[1:])", *PARTS[part]],
            cwd=ROOT,
            env=environment(redis_server),
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: own_redis.zcard(f"tw:{part}s") == 1 or process.poll() is not None, START_SECONDS)
        process.send_signal(signal.SIGINT)
        assert process.wait(START_SECONDS) == 0, (tmp_path / f"{part}.log").read_text()
    finally:
        process.kill()
    assert own_redis.zcard("tw:parts") == 0


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_told_again_and_again_to_end_ends_as_if_it_were_told_once(
    part: str, own_redis: "Redis", redis_server: RedisServer, tmp_path: Path
) -> None:
    """As by a process group and a supervisor; Python gives signals back to the system while it ends."""
    process = Process(part, PARTS[part], tmp_path, environment(redis_server))
    process.wait_for_answer(lambda: own_redis.zcard("tw:parts" if part == "web" else f"tw:{part}s") == 1)
    process.may_end()
    while process.alive:
        process.terminate()
        time.sleep(0.001)
    assert process.stop() == 0, process.obituary


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", ["BROKER_URL", "RESULT_BACKEND"])
def test_no_part_starts_beside_a_variable_that_celerys_command_takes_for_a_setting(
    part: str, name: str, own_redis: "Redis", redis_server: RedisServer
) -> None:
    """Workers and beat would be at another Redis than the web tier."""
    said = refused(part, environment(redis_server, **{name: "redis://127.0.0.1:1/0"}))
    assert said.startswith(f"Wrong settings: {name} must not be set")
    assert f"CELERY_{name}" in said


@pytest.mark.parametrize("part", ["worker", "beat"])
@pytest.mark.parametrize("value", ["django-db", "db+postgresql://user:sesame@host/db"])
def test_no_part_starts_with_a_result_backend_that_is_not_there(
    part: str, value: str, own_redis: "Redis", redis_server: RedisServer
) -> None:
    """As another program's: a worker ran, sent no message, and had no pulse."""
    said = refused(part, environment(redis_server, CELERY_RESULT_BACKEND=value))
    assert said.startswith("Wrong settings: CELERY_RESULT_BACKEND must be")
    assert value not in said


def test_what_celery_takes_from_the_environment_by_itself_changes_nothing(
    own_redis: "Redis", redis_server: RedisServer, tmp_path: Path
) -> None:
    elsewhere = dict.fromkeys(("CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL"), "redis://127.0.0.1:1/0")
    others = dict.fromkeys(("CELERY_LOADER", "CELERY_CONFIG_MODULE", "LOADER", "CONFIG_MODULE"), "another_programs")
    variables = environment(redis_server, **elsewhere, **others)
    variables["CELERY_BROKER_URL"] += " \n"
    process = Process("worker", PARTS["worker"], tmp_path, variables)
    process.wait_for_answer(lambda: own_redis.zcard("tw:workers") == 1)  # it has a pulse: it sends and takes messages
    assert process.stop() == 0
