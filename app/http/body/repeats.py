"""Requests that came twice within a short time: what a retry without an Idempotency-Key looks like."""

import time
from collections import OrderedDict
from typing import Final

from aiohttp import web

from app.context import CLIENT
from app.http.body.checking import RAW_BODY
from app.http.idempotency import HEADER

REPEAT_SECONDS: Final = 300.0
#: The newest that one process remembers; others it knows nothing of, nor of what was before its start.
MOST_REMEMBERED: Final = 10_000


class Repeats:
    """Hash of an accepted request -> its newest task, and when that was."""

    def __init__(self) -> None:
        self._accepted = OrderedDict[int, tuple[str, float]]()

    def told(self, request: web.Request, task_id: str) -> list[str]:
        """Notes that a request was accepted; a sentence if the same one was just before, by the same client."""
        if HEADER in request.headers:
            return []
        known_by = hash((request.get(CLIENT), request.path, request[RAW_BODY]))  # another one in each process
        now = time.monotonic()
        before = self._accepted.pop(known_by, None)
        self._accepted[known_by] = (task_id, now)
        if len(self._accepted) > MOST_REMEMBERED:
            self._accepted.popitem(last=False)
        if before is None or now - before[1] > REPEAT_SECONDS:
            return []
        ago = max(1, round(now - before[1]))
        when = f"{ago} second{'' if ago == 1 else 's'} before, as task {before[0]}"
        return [
            f"The same request was accepted {when}, and both are dialled: cancel one of them if that is not meant."
            f" With one {HEADER} for both it would be dialled once."
        ]


REPEATS: Final = web.AppKey("repeats", Repeats)
