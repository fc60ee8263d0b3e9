"""outcome.lua: what came of one request that was to create a call."""

from typing import Any, Literal, NamedTuple, TypeAlias

from schemas.lua.script import Script, Word, ms

Verdict: TypeAlias = Literal["done", "late", "moved", "foreign", "taken", "ambiguous", "gone"]


class Settlement(NamedTuple):
    """What became of something that was told of a call."""

    verdict: Verdict
    state: str
    hang_up: bool
    relayed: bool = False  #: there is news to pass on
    replicated: bool = True


class Request(NamedTuple):
    """A request that left, or was to leave, for one call."""

    call_id: str
    tries: int  #: of the record that begin gave: an older one has nothing to say any more
    late_seconds: float | None = None  #: how much later than planned it can have reached Twilio, if that is known


class Result(NamedTuple):
    """What came of a request, as the script takes it."""

    kind: str
    words: tuple[Word, ...]


def placed(sid: str, call_status: str, check_seconds: float, queue_seconds: float = 0.0) -> Result:
    """Twilio took the call, which is looked at after so many seconds. What waits so long in its own queue holds all."""
    return Result("placed", (sid, call_status, ms(check_seconds), round(queue_seconds * 1e6)))


def later(pause_seconds: float | None = None, *, by_twilio: bool = False) -> Result:
    """Surely not processed: nothing goes for so long; None: longer with each of the call's tries."""
    return Result("later", ("" if pause_seconds is None else round(pause_seconds * 1e6), "1" if by_twilio else ""))


def refused(about: str, reason: str, *, by_twilio: bool) -> Result:
    """Surely refused; `about` is number, caller_id, account or ambiguous."""
    return Result(about, (reason, "1" if by_twilio else ""))


def in_doubt(reason: str) -> Result:
    """Nobody knows whether Twilio took it: it must be looked up, never repeated."""
    return Result("unknown", (reason,))


def record_outcome(request: Request, result: Result, retention_days: int) -> Script[Settlement]:
    """Records what came of a request."""
    late_us = "" if request.late_seconds is None else round(request.late_seconds * 1e6)
    words = (request.call_id, request.tries, late_us, retention_days * 86_400_000, result.kind, *result.words)
    return Script("outcome", words, settlement)


def settlement(answer: Any) -> Settlement:
    """Reads what outcome.lua and news.lua answer."""
    verdict, state, hang_up, *relayed = answer
    return Settlement(verdict, state, hang_up == "1", relayed == ["1"])
