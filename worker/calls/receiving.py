"""
What is in a queue and no message of Celery's is dropped: Celery would end with it, put some of it back, and so end the
next worker, too.
"""

from collections.abc import Callable
from functools import partial
from queue import Empty
from typing import Any, Final

import structlog
from celery.worker import consumer
from kombu.transport.redis import Channel

log = structlog.get_logger("worker.calls.receiving")

#: Raised by what reads a message and finds something else.
_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class Consumer(consumer.Consumer):
    """Celery's, that lives through every message, and is there soon after the broker is."""

    def ensure_connected(self, conn: Any) -> Any:
        """Connects, if need be again and again: every two seconds, for Celery's own pauses grow to half a minute."""
        conn.ensure_connection = partial(conn.ensure_connection, interval_step=0)
        return super().ensure_connected(conn)

    def create_task_handler(self, *args: Any, **options: Any) -> Callable[[Any], None]:
        """What takes a message and hands it to the pool."""
        handle = super().create_task_handler(*args, **options)

        def take(message: Any) -> None:
            try:
                handle(message)
            except _UNREADABLE as error:
                log.error("message_unreadable", reason=type(error).__name__)
                message.reject_log_error(log, self.connection_errors)

        return take


_channel: Final[Any] = Channel
_read: Final[Callable[..., Any]] = _channel._brpop_read


def _read_surely(channel: Channel, **options: Any) -> Any:
    """Takes what came; raises Empty if that is no message, as if nothing had come."""
    try:
        return _read(channel, **options)
    except _UNREADABLE as error:
        log.error("message_unreadable", reason=type(error).__name__)
        raise Empty from None


_channel._brpop_read = _read_surely
