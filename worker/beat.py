"""Beat: sleeps until the next call may go, and wakes the workers then. Any number of beats may run."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import structlog
from celery.apps import beat
from celery.beat import Scheduler, Service
from kombu.exceptions import OperationalError
from prometheus_client import REGISTRY
from redis import Redis
from redis.exceptions import RedisError

from runtime.liveness import own_name
from runtime.standing.reporter import Reporter
from schemas import keys
from schemas.errors import SettingsError
from schemas.lua.facts import MOST_SLEEP_MS
from schemas.messages import DISPATCH, QUEUE, SWEEP
from schemas.operation.redis_state import reason_of
from worker import logs
from worker.application import read_settings
from worker.context import join, new_ledger
from worker.ledger import Ledger
from worker.metrics import WAKES, served

log = structlog.get_logger("worker.beat")

MOST_SLEEP_SECONDS: Final = MOST_SLEEP_MS / 1000
#: Orchestrators kill after ten seconds, and a Redis or a broker that hangs may hold a beat up for as long.
SHUTDOWN_SECONDS: Final = 5


class Ending:
    """
    SIGTERM and SIGINT: they end a sleep at once, and everything else when it is done.

    (Celery's own handler raises wherever beat is, and an import that is cut in two fails all that import it again.)
    """

    def __init__(self) -> None:
        self._asked = False
        self._asleep = False

    def begin(self) -> None:
        """From now on it listens for them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))

    def reach(self) -> None:
        """Ends beat if that was asked for: here nothing is cut in two. Raises SystemExit then."""
        if self._asked:
            raise SystemExit

    @contextmanager
    def sleep(self) -> Iterator[None]:
        """Within, SystemExit is raised at once."""
        self._asleep = True
        try:
            self.reach()
            yield
        finally:
            self._asleep = False

    def _ask(self, *_: object) -> None:
        self._asked = True
        signal.alarm(SHUTDOWN_SECONDS)
        if self._asleep:
            raise SystemExit


_ending: Final = Ending()


class Alarm:
    """
    A sleep that scripts can end. It subscribes to a channel and waits for its own socket.

    (BLPOP would wake a tenth of a second late: an idle Redis looks at the timeouts of blocked clients ten times a
    second. And it takes a timeout below a millisecond for none at all.)
    """

    def __init__(self, redis: "Redis") -> None:
        self._channel = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._channel.subscribe(keys.NUDGE)

    def sleep(self, seconds: float) -> None:
        """Sleeps until a script nudges, at most so long. Raises RedisError when the connection is lost."""
        deadline = time.monotonic() + seconds
        while (left_seconds := deadline - time.monotonic()) > 0:
            if self._channel.get_message(timeout=left_seconds) is not None:
                break
        while self._channel.get_message(timeout=0) is not None:
            pass  # many nudges, one waking


class Clock(Scheduler):
    """A beat scheduler without a schedule: what is due stands in Redis."""

    def __init__(self, *args: Any, lazy: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, lazy=lazy, **kwargs)
        self._ways: tuple[Ledger, Reporter] | None = None
        self._alarm: Alarm | None = None
        self._unsent = ""  #: message that was not taken

    def setup_schedule(self) -> None:
        """There are no periodic entries."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Sends the wake-ups that are due and sleeps until the next ones; returns seconds to sleep on top."""
        _ending.reach()
        ledger, reporter = self._ways = self._ways or _ways()
        try:
            self._alarm = self._alarm or Alarm(ledger.redis)
            reporter.report()
            if self._unsent:
                self._wake(self._unsent)  # before it asks, which is its pulse: who wakes nobody has none
            wakes = ledger.clock(own_name())
            for name, due in ((DISPATCH, wakes.dispatch), (SWEEP, wakes.sweep)):
                if due:
                    self._wake(name)
            if wakes.sleep_seconds > 0:
                with _ending.sleep():
                    self._alarm.sleep(min(wakes.sleep_seconds, MOST_SLEEP_SECONDS))
        except (RedisError, OperationalError, OSError) as error:
            self._alarm = None
            log.warning("clock_waits_for_redis", reason=reason_of(error))
            return MOST_SLEEP_SECONDS
        except SettingsError as error:
            log.critical("beat_must_not_go_on", reason=str(error))
            raise SystemExit(1) from error
        return 0.0

    def _wake(self, name: str) -> None:
        self._unsent = name
        self.app.send_task(name, queue=QUEUE, ignore_result=True)
        self._unsent = ""
        WAKES.labels(name).inc()

    def close(self) -> None:
        """Beat ends."""
        super().close()
        if self._ways is not None:
            with suppress(RedisError):
                self._ways[1].leave()

    @property
    def info(self) -> str:
        """Shown when beat starts."""
        return "    . clock -> the next call in Redis"


def _ways() -> tuple[Ledger, Reporter]:
    settings = read_settings()
    ledger = new_ledger(settings)
    return ledger, Reporter(ledger.redis, "beat", settings)


class Beat(beat.Beat):
    """Prints no banner when the log is JSON, and ends between two looks."""

    def run(self) -> None:
        """Runs until SIGTERM or SIGINT."""
        _ending.begin()
        settings = read_settings()
        logs.configure(settings)  # Celery asks for it later than there is something to say
        if settings.log_format == "json":
            self.quiet = True
        try:
            join("beat", settings)
        except SettingsError as error:
            sys.exit(str(error))
        served(REGISTRY)  # or not: a worker of this host may have the same METRICS_PORT, and calls wait for beat
        super().run()

    def install_sync_handler(self, service: Service) -> None:
        """There is no schedule to write, and Ending listens already."""
