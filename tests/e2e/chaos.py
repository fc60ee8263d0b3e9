"""Breaking a running stack: processes killed, paused and cut off at seeded random instants."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError

from tests.processes import Process
from tests.stack import Stack


@dataclass
class Chaos:
    """
    Breaks parts of a stack until it is told to stop. The same seed breaks the same parts in the same order.

    Every process that is killed is started again at once, as an orchestrator does.
    """

    stack: Stack
    seed: int
    gap_seconds: float  #: mean time between two breaks
    restart: dict[int, Callable[[], Process]] = field(default_factory=dict)  #: place in the stack -> how to start it
    broken: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chaos")
        self._failure: BaseException | None = None

    @property
    def kills(self) -> int:
        """Processes killed, Redis included."""
        return self.broken["kill"] + self.broken["redis restart"]

    def start(self) -> None:
        self._thread.start()

    def wait_for(self, kills: int, redis_restarts: int, seconds: float) -> None:
        """Goes on breaking until so much was broken."""
        deadline = time.monotonic() + seconds
        while self.kills < kills or self.broken["redis restart"] < redis_restarts:
            assert self._thread.is_alive(), f"the breaker ended: {self._failure!r}"
            assert time.monotonic() < deadline, f"only {dict(self.broken)} within {seconds} s"
            time.sleep(0.1)

    def stop(self) -> None:
        """Ends the breaking; what was broken has been started again. Raises what the breaker tripped over."""
        self._stopped.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        breaks = [self._kill, self._pause, self._cut_connections, self._restart_redis]
        try:
            while not self._stopped.wait(self._random.expovariate(1 / self.gap_seconds)):
                self._random.choices(breaks, weights=[72, 12, 6, 10])[0]()
        except (AssertionError, OSError, RedisError) as error:
            self._failure = error

    def _kill(self) -> None:
        place = self._random.choice(sorted(self.restart))
        self.stack.processes[place].kill()
        started = self.restart[place]()
        self.stack.processes.remove(started)
        self.stack.processes[place] = started
        self.broken["kill"] += 1
        self.broken[f"kill {started.name}"] += 1

    def _pause(self) -> None:
        victims = [self.stack.processes[place] for place in sorted(self.restart)]
        if self.stack.redis.process is not None:
            victims.append(self.stack.redis.process)
        victim = self._random.choice(victims)
        victim.signal(signal.SIGSTOP)
        time.sleep(self._random.uniform(0.1, 2.5))
        victim.signal(signal.SIGCONT)
        self.broken["pause"] += 1

    def _cut_connections(self) -> None:
        with Redis(port=self.stack.redis.port, socket_timeout=5) as client:
            client.client_kill_filter(_type="normal", skipme=True)
        self.broken["cut"] += 1

    def _restart_redis(self) -> None:
        if self.stack.redis.process is not None:
            self.stack.redis.process.kill()
        time.sleep(self._random.uniform(0, 0.5))
        self.stack.redis.start()
        self.broken["redis restart"] += 1
