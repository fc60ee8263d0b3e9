"""The mistakes: how each is made and mended, and by which problem /health is to name it within fifteen seconds."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import requests
from celery import Celery
from redis import Redis

from tests.e2e.rig import Rig
from tests.processes import BIN, ROOT, START_SECONDS, Process, wait_until

Mend = Callable[[], object]
OTHER_ACCOUNT: Final = "AC" + "9" * 32
CLOCK: Final = Path(__file__).with_name("clock")
#: How long a call may take that stands behind a thousand.
OLDER_SECONDS: Final = 120.0
OLDER: Final = Path(__file__).with_name("older")


class Operator:
    """Errs at random, but the same way for the same seed."""

    def __init__(self, rig: Rig, redis: "Redis", random: Random) -> None:
        self.rig, self.redis, self.random = rig, redis, random

    def config(self, name: str, value: str, right: str) -> Mend:
        """Sets what Redis must not have."""
        self.redis.config_set(name, value)
        return lambda: self.redis.config_set(name, right)

    def evict(self) -> Mend:
        return self.config("maxmemory-policy", self.random.choice(["allkeys-lru", "volatile-ttl"]), "noeviction")

    def forget(self) -> Mend:
        return self.config("appendonly", "no", "yes")

    def fill(self) -> Mend:
        used = int(self.redis.info("memory")["used_memory"])
        return self.config("maxmemory", str(round(used / self.random.choice([0.9, 0.93]))), "0")

    def drain(self) -> Mend:
        self.admin("drain")
        return lambda: self.admin("resume")

    def set_in_one_worker(self) -> Mend:
        """Another worker is started, with something else set."""
        name, value = self.random.choice(
            [
                ("CALLS_PER_SECOND", "500"),
                ("MAX_LIVE_CALLS", "5"),
                ("RECONCILE_AFTER_SECONDS", "30"),
                ("TWILIO_AUTH_TOKEN", "mistyped"),
            ]
        )
        return self._beside(self.rig.stack.start_worker("threads", 2, **{name: value}))

    def use_another_broker(self) -> Mend:
        """Another worker has the same records, and waits for messages where none are sent."""
        url = self.rig.stack.redis.url
        settings = {"REDIS_URL": url, "CELERY_BROKER_URL": f"{url.rpartition('/')[0]}/7"}
        return self._beside(self.rig.stack.start_worker("threads", 2, **settings))

    def start_an_older_version(self) -> Mend:
        """It knows nothing of the records of today, which it must leave alone; the others place the call."""
        older = self.rig.stack.start_worker("threads", 2, PYTHONPATH=f"{OLDER}:{ROOT}")
        wait_until(lambda: " ready." in older.output or "celery@" in older.output, what="the older worker is there")
        number = self.rig.new_number()
        task_id = self.rig.accept("queue-single-call", {"to_number": number})
        self.rig.tasks[task_id] = [number]
        # Not by the simulator's list of all calls: while it writes that, it notes calls later than they arrive.
        wait_until(lambda: self.rig.status(task_id)["status"] == "SUCCESS", OLDER_SECONDS, "the call is placed")
        return self._beside(older)

    def set_the_clock(self) -> Mend:
        """Another worker is started, on a host whose clock is off."""
        path = {"PYTHONPATH": f"{CLOCK}:{ROOT}", "CLOCK_AHEAD_SECONDS": str(self.random.choice([-3600, -120, 120]))}
        return self._beside(self.rig.stack.start_worker("threads", 2, **path))

    def use_another_account(self) -> Mend:
        """A worker of another deployment is pointed here; it must end by itself."""
        command = [str(BIN / "celery"), "-A", "worker", "worker", "--queues", "twilio_calls"]
        env = {**self.rig.stack.env, "TWILIO_ACCOUNT_SID": OTHER_ACCOUNT}
        ended = subprocess.run(
            command, env={**os.environ, **env}, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )
        assert ended.returncode == 1, ended.stderr
        assert OTHER_ACCOUNT in ended.stderr
        return lambda: None

    def stop_a_backup(self) -> Mend:
        """It dies at a random instant; nothing of it is left in Redis."""
        command = [sys.executable, "-m", "worker.admin", "backup", str(self.rig.folder / "copy.aof")]
        before = self.redis.config_get("*rewrite*")
        backup = Process("backup", command, self.rig.folder, self.rig.stack.env)
        with suppress(subprocess.TimeoutExpired):
            backup._popen.wait(self.random.uniform(0.3, 2))
        backup.kill()
        assert self.redis.config_get("*rewrite*") == before
        return lambda: None

    def restore_over_what_runs(self) -> Mend:
        """A copy is restored where there is something, or into a Redis whose records are none: both are refused."""
        copy = self.rig.folder / "restored.aof"
        copy.unlink(missing_ok=True)
        self.admin("backup", str(copy))
        for words in (("--into", str(self.rig.folder)), (), ("--old-system-stopped",)):
            with pytest.raises(subprocess.CalledProcessError):
                self.admin("restore", str(copy), *words)
        assert "Nothing changed" in self.admin("accept-copy", "--accept-lost-opt-outs")
        assert "0 calls" in self.admin("requeue", "--all", "--yes")
        return lambda: None

    def revoke(self) -> Mend:
        """The button of Flower, for a message that is just a wake-up."""
        with Celery(broker=self.rig.stack.redis.url, set_as_current=False) as sender:
            sender.control.revoke("no-such-message")
        return lambda: None

    def restart_a_web_process(self) -> Mend:
        """Clients go to the other meanwhile."""
        place = self.random.randrange(2)
        self.rig.stack.processes[place].stop()
        self.rig.stack.processes[place] = self.rig.stack.start_web(self.rig.ports[place])
        self.rig.stack.processes.pop()
        url = f"http://127.0.0.1:{self.rig.ports[place]}/livez"
        self.rig.stack.processes[place].wait_for_answer(lambda: answers(url))
        return lambda: None

    def admin(self, *words: str) -> str:
        """What a command of worker.admin prints."""
        command = [sys.executable, "-m", "worker.admin", *words]
        return subprocess.run(
            command,
            env={**os.environ, **self.rig.stack.env},
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=True,
        ).stdout

    def _beside(self, process: Process) -> Mend:
        def mend() -> None:
            self.rig.stack.processes.remove(process)
            process.signal(signal.SIGTERM)
            process.stop()

        return mend


#: Mistake -> code of the problem, '' for one that is refused, or harmless.
MISTAKES: Final[dict[str, tuple[Callable[[Operator], Mend], str]]] = {
    "a Redis that evicts": (Operator.evict, "redis_evicts"),
    "a Redis that forgets": (Operator.forget, "redis_not_durable"),
    "a Redis that is nearly full": (Operator.fill, "redis_nearly_full"),
    "drained, and left so": (Operator.drain, "drained"),
    "one worker set otherwise": (Operator.set_in_one_worker, "settings_differ"),
    "one worker at another broker": (Operator.use_another_broker, "settings_differ"),
    "an older version beside": (Operator.start_an_older_version, ""),
    "one clock that is off": (Operator.set_the_clock, "clock_differs"),
    "another account's worker": (Operator.use_another_account, ""),
    "a backup that dies": (Operator.stop_a_backup, ""),
    "a copy restored over what runs": (Operator.restore_over_what_runs, ""),
    "a revoked message": (Operator.revoke, ""),
    "one web process restarted": (Operator.restart_a_web_process, ""),
}


def answers(url: str) -> bool:
    """Whether something listens there."""
    with suppress(requests.RequestException):
        return requests.get(url, timeout=2).ok
    return False


def problems(rig: Rig) -> dict[str, Any]:
    """Code -> detail of what /health names."""
    return {one["code"]: one["detail"] for one in rig.stack.health()["problems"]}
