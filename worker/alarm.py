"""What beat sleeps on: a channel on which scripts say that there is something to do."""

import time

from redis import Redis

from schemas import keys


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
