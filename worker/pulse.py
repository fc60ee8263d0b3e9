"""
A worker's pulse: what /health counts, and what `worker.health` looks at.

A process that is up may consume nothing. So each worker sends itself canaries: messages to a queue of its own, which it
fetches with the same command and over the same connection as the calls. It has a pulse while its pool takes them.
"""

import os
import signal
import threading
import time
from contextlib import suppress
from typing import Any, Final

import structlog
from celery import bootsteps
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from celery.worker import state
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from runtime.liveness import own_name
from runtime.standing.reporter import Reporter
from schemas.errors import SettingsError
from schemas.messages import QUEUE
from schemas.operation.redis_state import reason_of
from schemas.records import VERSION
from worker.application import celery, read_settings
from worker.context import context, new_ledger

log = structlog.get_logger("worker.pulse")

CANARY: Final = "calls.canary"
PULSE_SECONDS: Final = 2.0
#: A worker that just started looks sooner, until its first canary came.
_FIRST_LOOK_SECONDS: Final = 0.1
#: A worker that ends waits so long for its pulse to be taken off.
_FAREWELL_SECONDS: Final = 2.0
#: A dead worker's queue is gone after this.
_QUEUE_LIFE_SECONDS: Final = 60
_stopped: Final = threading.Event()
#: A second signal may come while the first one's handler holds the event's lock, which it would wait for for ever.
_first_signal: Final = iter((True,))


@celery.task(name=CANARY, send_events=False)
def calls_canary() -> None:
    """That the pool took it is what counts; it also spares the first call what a process needs once."""
    process = context()
    if process.settings.twilio_configured:
        process.telephone.stand()  # if Twilio is away, the calls themselves find out


class OwnQueue(bootsteps.StartStopStep):
    """Makes the worker consume from its own queue too, again after each reconnect."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """Adds the queue to the consumer, which starts after this."""
        parent.task_consumer.add_queue(_own_queue())


celery.steps["consumer"].add(OwnQueue)


def _own_queue() -> Queue:
    name = f"canary:{own_name()}"
    return Queue(name, Exchange(""), routing_key=name)  # type: ignore[no-untyped-call]


@worker_ready.connect
def _start(sender: Any, **_: object) -> None:
    thread = threading.Thread(target=Pulse(sender).run, name="pulse", daemon=True)
    thread.start()
    worker_shutdown.connect(lambda **_: thread.join(_FAREWELL_SECONDS), weak=False)


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    if next(_first_signal, False):
        _stopped.set()


class Pulse:
    """Sends canaries and looks whether they are taken. `consumer` is Celery's."""

    def __init__(self, consumer: Any) -> None:
        settings = read_settings()
        self._consumer = consumer
        self._queue = _own_queue()
        self._ledger = new_ledger(settings)
        self._reporter = Reporter(self._ledger.redis, "worker", settings)
        #: Above the time of the longest task: a sweep's last call is hung up and fetched while Twilio hangs.
        self._most_busy_seconds = 3 * settings.timeout_seconds + 30
        self._taken = (0, 0)
        self._taken_at = time.monotonic()
        self._yields = False

    def run(self) -> None:
        """Until the worker shuts down."""
        gap_seconds = _FIRST_LOOK_SECONDS
        while not _stopped.is_set():
            try:
                self._reporter.report()
                self._yield_to_newer()
                self._send_canary()
                if _stopped.wait(gap_seconds):
                    break
                if self._consumes():
                    self._ledger.pulse(own_name())
                    gap_seconds = PULSE_SECONDS
                elif gap_seconds == PULSE_SECONDS:
                    log.warning("worker_consumes_nothing", last_task_seconds=round(time.monotonic() - self._taken_at))
            except (RedisError, OperationalError, OSError) as error:
                log.warning("pulse_missed", reason=reason_of(error))
                _stopped.wait(PULSE_SECONDS)
            except SettingsError as error:
                log.critical("worker_must_not_go_on", reason=str(error))
                os.kill(os.getpid(), signal.SIGTERM)
                break
        with suppress(RedisError):  # then the pulse goes stale by itself
            self._ledger.pulse(own_name(), leaving=True)
            self._reporter.leave()

    def _send_canary(self) -> None:
        with celery.producer_or_acquire() as producer:
            producer.channel.queue_purge(self._queue.name)  # one that was not taken is not joined by others
            celery.send_task(CANARY, queue=self._queue, producer=producer)
            with producer.channel.conn_or_acquire() as redis:
                redis.expire(self._queue.name, _QUEUE_LIFE_SECONDS)

    def _yield_to_newer(self) -> None:
        """Who can place no call is the quickest to take the message of each, which then is missed for seconds."""
        newest = self._reporter.newest_records
        if (newest > VERSION) == self._yields:
            return
        self._yields = not self._yields
        change = self._consumer.cancel_task_queue if self._yields else self._consumer.add_task_queue
        self._consumer.call_soon(change, QUEUE)
        log.warning(
            "worker_yields_to_newer" if self._yields else "worker_takes_calls_again", newest=newest, known=VERSION
        )

    def _consumes(self) -> bool:
        """Whether the pool takes messages of our queues, or has its hands full."""
        taken = (state.total_count[CANARY], state.all_total_count[0])
        canary_taken, any_taken = taken[0] != self._taken[0], taken != self._taken
        self._taken = taken
        if any_taken:
            self._taken_at = time.monotonic()
        consumer = self._consumer.task_consumer
        if consumer is None or not consumer.consuming_from(QUEUE):
            return canary_taken and self._yields
        full = len(state.active_requests) >= self._consumer.pool.num_processes
        return canary_taken or (full and time.monotonic() - self._taken_at < self._most_busy_seconds)
