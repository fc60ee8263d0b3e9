"""Waking the workers: Celery messages by name, sent from a thread, folded while one is being sent."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import structlog
from redis.exceptions import RedisError

from runtime.sentinel import Sentinel
from runtime.standing import celery_variables
from schemas.messages import DISPATCH, QUEUE
from schemas.operation.redis_state import reason_of

if TYPE_CHECKING:
    from celery import Celery

log = structlog.get_logger("app.publisher")

_NO_RESULTS: Final = "disabled://"

_BROKER_OPTIONS: Final = {
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "client_name": "celery-twilio-app",
    "max_retries": 1,
    "interval_start": 0.05,
    "interval_step": 0.05,
    "interval_max": 0.1,
}


def celery_producer(broker_url: str, sentinel: Sentinel) -> "Celery":
    """
    A Celery application that only sends, knows no task, and never waits for ever.

    Loading Celery takes half as long as the whole start, so it is loaded when the first message is to be sent.
    """
    from celery import Celery  # noqa: PLC0415

    celery_variables.leave_out_others()
    celery_variables.settle(broker_url, _NO_RESULTS)
    # The one fixup there is, Django's, loads Celery's worker.
    celery = Celery("app", broker=broker_url, set_as_current=False, fixups=())
    celery.conf.update(
        broker_transport_options=_BROKER_OPTIONS | sentinel.broker_options,
        broker_pool_limit=1,
        broker_pool_acquire_timeout=1,
        task_ignore_result=True,
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
    )
    return celery


class Publisher:
    """
    Sends `calls.dispatch`. A lost wake-up costs at most a second, since the calls are recorded and beat looks at them.
    """

    def __init__(self, broker_url: str, sentinel: Sentinel) -> None:
        self._broker_url = broker_url
        self._sentinel = sentinel
        self._celery: Celery | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publisher")
        self._pending = False

    def wake(self) -> None:
        """Sends a wake-up soon; returns at once. Further ones fold into one that has not left yet."""
        if not self._pending:
            self._pending = True
            asyncio.get_running_loop().run_in_executor(self._thread, self._send)

    def warm_up(self) -> None:
        """Gets ready to send, so that the first wake-up need not wait for Celery to be loaded; returns at once."""
        asyncio.get_running_loop().run_in_executor(self._thread, self._producer)

    def close(self) -> None:
        """Ends the thread after the message it is sending."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._celery is not None:
            self._celery.close()

    def _producer(self) -> "Celery":
        if self._celery is None:
            self._celery = celery_producer(self._broker_url, self._sentinel)
        return self._celery

    def _send(self) -> None:
        self._pending = False
        from kombu.exceptions import OperationalError  # noqa: PLC0415 - see celery_producer

        try:
            self._producer().send_task(DISPATCH, queue=QUEUE, ignore_result=True)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("wake_up_not_sent", reason=reason_of(error))
