"""cancel.lua, step.lua, pause.lua, forget.lua, forget_number.lua, forget_on.lua: a task is ended, held or forgotten."""

from typing import Any, Final, Literal, NamedTuple, TypeAlias

from schemas.lua.script import Script, ms

Forgetting: TypeAlias = Literal["forgotten", "going on", "gone", "more"]


class Cancellation(NamedTuple):
    """What came of a cancel."""

    done: bool  #: now, or by an earlier cancel; False: the task ended otherwise, or there is none
    leaving: tuple[str, ...]  #: calls whose request may just be leaving
    left: int = 0  #: calls whose requests had left, and of which nobody knows yet whether Twilio took them


def cancel(task_id: str, retention_days: int, by: str = "") -> Script[Cancellation]:
    """After it no further call of the task is placed, what is live is marked to be hung up; `by` is a key's name."""
    return Script("cancel", (task_id, retention_days * 86_400_000, by), _cancellation)


def _cancellation(answer: Any) -> Cancellation:
    verdict, left, *leaving = answer
    return Cancellation(verdict == "done", tuple(leaving), int(left))


def step(retention_days: int) -> Script[bool]:
    """Goes on with what was begun with very many rows; whether a further step has something to do now."""
    return Script("step", (retention_days * 86_400_000,), lambda answer: bool(answer == "1"))


class Pausing(NamedTuple):
    """What came of a pause, or of going on."""

    verdict: Literal["done", "already", "over", "part", "gone"]
    paused: bool = False
    reason: str = ""  #: why; '' if somebody wanted it so
    leaving: tuple[str, ...] = ()  #: calls whose request had left, or may just be leaving, and is not answered


def pause(task_id: str, reason: str = "", by: str = "") -> Script[Pausing]:
    """No further call of the task begins until it is resumed; `by` is a key's name."""
    return Script("pause", (task_id, "pause", reason, by), _pausing)


def resume(task_id: str, by: str = "") -> Script[Pausing]:
    """Calls of a paused task begin again."""
    return Script("pause", (task_id, "resume", "", by), _pausing)


def _pausing(answer: Any) -> Pausing:
    verdict, paused, reason, *leaving = answer
    return Pausing(verdict, paused == "1", reason, tuple(leaving))


def forget(task_id: str, sid_seconds: float, claim: str = "") -> Script[Forgetting]:
    """
    Removes a finished task's record; its calls' SIDs stay taken for so long. `more`: it is to be run again.

    Run again after the end with its claim, it says so once more.
    """
    return Script("forget", (task_id, ms(sid_seconds), claim), lambda answer: answer)


#: Whose tasks a number is forgotten in.
ALL: Final = "all"


def of(client: str) -> str:
    """The tasks of one name."""
    return f"of:{client}"


class Look(NamedTuple):
    """What came of a step of looking for live calls to a number."""

    begun: bool  #: it is being forgotten from now on
    cursor: str  #: for the next step; START if there is none to make


START: Final = "0"


def forget_number(job_id: str, number: str, whose: str, retention_days: int, cursor: str = START) -> Script[Look]:
    """
    What waits of the number does not begin any more, and sweeps remove every trace of it, once all steps are made.

    It is not while a call to it is live. What came of the job stands in keys.forget_job for so long.
    """
    words = (job_id, number, whose, retention_days * 86_400_000, cursor)
    return Script("forget_number", words, lambda answer: Look(answer[0] == "started", answer[1]))


def forget_on(retention_days: int) -> Script[bool]:
    """One step of forgetting numbers; whether a further one has something to do now."""
    return Script("forget_on", (retention_days * 86_400_000,), lambda answer: bool(answer == "1"))
