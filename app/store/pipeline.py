"""One connection to Redis: the commands of one turn of the event loop leave together, and each gets its own answer."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any, Final, cast

import hiredis
import structlog
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import RedisError

from app.errors import LedgerAway

log = structlog.get_logger("app.store.pipeline")

#: The contract allows two seconds until the 503.
ANSWER_SECONDS: Final = 1.6
CONNECT_SECONDS: Final = 1.0

#: Later than this is who stood still, maybe with its whole machine; for as long it then hears what Redis has to say.
STOOD_STILL_SECONDS: Final = 0.2

#: Commands without an answer. Further ones wait here, so that a Redis that hangs is not left with a heap.
MOST_UNDER_WAY: Final = 256
#: Commands waiting here, half a second's at full speed. Further ones are refused at once: they would come too late.
MOST_WAITING: Final = 4000

Word = str | bytes | int


class RefusedByRedis(LedgerAway):
    """Redis answered a command with an error, which `reason` holds."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


@dataclass(slots=True, eq=False)
class _Question:
    """A command and the future of its answer."""

    packed: bytes
    answer: "asyncio.Future[Any]"
    expires: float
    repeatable: bool  #: on another connection, if this one is lost


class Pipeline(asyncio.Protocol):
    """
    Connects when first used, and again when it was lost; what was under way is sent once more: scripts may run twice.

    redis-py makes the connection (Sentinel, TLS, password, database); from then on its transport is ours, since
    redis-py's own way costs more per command than all the rest of a request.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._waiting: deque[_Question] = deque()
        self._under_way: deque[_Question] = deque()  #: in the order in which Redis answers
        self._connection: AbstractConnection | None = None
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._is_hearing = False
        self._flush_is_due = False
        self.away = ""  #: why there is no connection, when the last one could not be made
        self._is_closed = False
        self._reader = hiredis.Reader()

    def ask(self, words: Iterable[Word], *, repeatable: bool = True) -> "asyncio.Future[Any]":
        """
        Redis's answer; LedgerAway is raised when there is none in time, RefusedByRedis when it is an error.

        A command that is about its connection, such as WAIT, is not `repeatable`: a lost connection ends it.
        """
        if self._is_closed or len(self._waiting) >= MOST_WAITING:
            raise LedgerAway
        loop = asyncio.get_running_loop()
        packed = hiredis.pack_command(tuple(words))  # type: ignore[arg-type]  # its stub says one word
        question = _Question(packed, loop.create_future(), loop.time() + ANSWER_SECONDS, repeatable)
        self._waiting.append(question)
        if not self._flush_is_due:
            self._flush_is_due = True
            loop.call_soon(self._flush)
        if self._watch is None:
            self._watch = loop.call_at(question.expires, self._expire)
        return question.answer

    async def close(self) -> None:
        """Closes the connection; whoever still waits gets LedgerAway."""
        self._is_closed = True  # a connection that was opened from now on, nobody would close
        if self._connecting is not None:
            await asyncio.wait({self._connecting})  # cut off, it could leave a socket behind; its time is bounded
        if self._watch is not None:
            self._watch.cancel()
        for line in (self._under_way, self._waiting):
            _fail(line)
            line.clear()
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        self._flush_is_due = False
        if self._transport is None:
            if self._connecting is None and self._waiting:
                self._connecting = asyncio.create_task(self._connect())
            return
        packed = []
        while self._waiting and len(self._under_way) < MOST_UNDER_WAY:
            question = self._waiting.popleft()
            if not question.answer.done():  # its client may have gone
                packed.append(question.packed)
                self._under_way.append(question)
        if packed:
            self._transport.write(b"".join(packed))

    async def _connect(self) -> None:
        connection = self._pool.connection_class(**self._pool.connection_kwargs)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.connect()  # type: ignore[no-untyped-call]
            self._take_over(connection)
        except (RedisError, OSError, TimeoutError) as error:
            was_away, self.away = self.away, str(error) or type(error).__name__
            if not was_away:
                log.warning("redis_away", reason=self.away)
            _fail(self._waiting, cause=error)
            self._waiting.clear()
        finally:
            self._connecting = None
            if self._connection is not connection:
                await connection.disconnect(nowait=True)
        self._flush()

    def _take_over(self, connection: AbstractConnection) -> None:
        if connection._writer is None:
            raise ConnectionError
        self._connection = connection
        self._transport = cast("asyncio.Transport", connection._writer.transport)
        self._reader = hiredis.Reader(encoding="utf-8", errors="replace")
        self._transport.set_protocol(self)
        if self.away:
            log.info("redis_is_back")
            self.away = ""

    def data_received(self, data: bytes) -> None:
        """Hands each answer to whoever asked for it."""
        reader, under_way = self._reader, self._under_way
        reader.feed(data)
        try:
            while (reply := reader.gets()) is not False:
                answer = under_way.popleft().answer
                if answer.done():
                    continue
                if isinstance(reply, hiredis.ReplyError):
                    self._refuse(answer, str(reply))
                else:
                    answer.set_result(reply)
        except (hiredis.ProtocolError, IndexError) as error:
            log.warning("redis_answer_unreadable", reason=str(error))
            if self._transport is not None:
                self._transport.abort()
        if self._waiting:
            self._flush()

    def _refuse(self, answer: "asyncio.Future[Any]", reason: str) -> None:
        answer.set_exception(RefusedByRedis(reason))
        if "READONLY" in reason and self._transport is not None:  # a script's error has it in its midst
            self._transport.abort()  # it is a replica now: the next connection goes to the primary

    def connection_lost(self, exc: Exception | None) -> None:
        """Asks anew, once, what was under way; what is about this connection ends with it, also if it did not leave."""
        self._transport = None
        if self._connection is not None:
            self._connection._close()  # type: ignore[no-untyped-call]
            self._connection = None
        again = [question for question in self._under_way if question.repeatable]
        _fail(question for line in (self._under_way, self._waiting) for question in line if not question.repeatable)
        self._under_way.clear()
        for question in reversed(again):
            question.repeatable = False
            self._waiting.appendleft(question)
        self._flush()

    def _expire(self) -> None:
        """Gives up what is overdue. A connection on which something got no answer is not used again."""
        now = (loop := asyncio.get_running_loop()).time()
        if not self._is_hearing and self._first_expires() + STOOD_STILL_SECONDS < now:
            self._is_hearing = True
            self._watch = loop.call_at(now + STOOD_STILL_SECONDS, self._expire)
            return
        self._is_hearing = False  # who is late again and again does not wait for ever
        if _fail_overdue(self._under_way, now) and self._transport is not None:
            log.warning("redis_slow", waited_seconds=ANSWER_SECONDS)
            self._transport.abort()
        _fail_overdue(self._waiting, now)
        self._watch = loop.call_at(self._first_expires(), self._expire) if self._under_way or self._waiting else None

    def _first_expires(self) -> float:
        return min((line[0].expires for line in (self._under_way, self._waiting) if line), default=inf)


def _fail_overdue(line: deque[_Question], now: float) -> bool:
    """Takes overdue questions from the head of a line; True if there was one."""
    overdue = []
    while line and line[0].expires <= now:
        overdue.append(line.popleft())
    _fail(overdue)
    return bool(overdue)


def _fail(questions: Iterable[_Question], cause: Exception | None = None) -> None:
    for question in questions:
        if not question.answer.done():
            question.answer.set_exception(away := LedgerAway())
            away.__cause__ = cause
