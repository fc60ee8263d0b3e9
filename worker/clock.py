"""Beat's clock: sleeps until the next call may go, and wakes the workers then. Any number of beats may run."""

from typing import Any, Final

import structlog
from celery.beat import Scheduler
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from schemas.pulses import own_name
from schemas.tasks import DISPATCH, QUEUE, SWEEP
from worker.alarm import Alarm
from worker.application import read_settings
from worker.context import new_ledger
from worker.ledger import Ledger

log = structlog.get_logger("worker.clock")

#: A nudge may get lost with its connection; so every beat looks again after this long.
MOST_SLEEP_SECONDS: Final = 1.0
_WAKE_UP_LIFE_SECONDS: Final = 60


class Clock(Scheduler):
    """A beat scheduler without a schedule: what is due stands in Redis."""

    def __init__(self, *args: Any, lazy: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, lazy=lazy, **kwargs)
        self._ledger: Ledger | None = None
        self._alarm: Alarm | None = None

    def setup_schedule(self) -> None:
        """There are no periodic entries."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Sends the wake-ups that are due and sleeps until the next ones; returns seconds to sleep on top."""
        if self._ledger is None:
            self._ledger = new_ledger(read_settings())
        try:
            self._alarm = self._alarm or self._ledger.alarm()
            wakes = self._ledger.clock(own_name())
            for name, due in ((DISPATCH, wakes.dispatch), (SWEEP, wakes.sweep)):
                if due:
                    self.app.send_task(name, queue=QUEUE, ignore_result=True, expires=_WAKE_UP_LIFE_SECONDS)
            if wakes.sleep_seconds > 0:
                self._alarm.sleep(min(wakes.sleep_seconds, MOST_SLEEP_SECONDS))
        except (RedisError, OperationalError, OSError) as error:
            self._alarm = None
            log.warning("clock_waits_for_redis", reason=type(error).__name__)
            return MOST_SLEEP_SECONDS
        return 0.0

    @property
    def info(self) -> str:
        """Shown when beat starts."""
        return "    . clock -> the next call in Redis"
