"""The log of a task, and redeliver.lua: what happened, and what its client did not take."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from schemas.errors import RecordError
from schemas.lua.script import Script

#: Calls whose events one run of redeliver.lua tries again.
MOST_CALLS: Final = 200


class Happening(NamedTuple):
    """One entry of a log."""

    n: int  #: from 1, without gaps
    at_ms: int
    place: str  #: of the campaign's call that it is about; '' if it is about the task itself
    kind: str
    fields: Mapping[str, Any]
    external_id: str = ""  #: the client's own id of the call that it is about
    campaign_external_id: str = ""


class Happened(NamedTuple):
    """A page of a log."""

    owner: str  #: id of the task whose log it is: of a campaign's call, the campaign
    entries: Sequence[Happening]
    behind: int | None  #: place behind which the next page begins; None if nothing follows


class CallHappened(NamedTuple):
    """What an event of a call says."""

    attempt: str
    status: str
    answered_by: str
    flags: str
    seconds: str
    number: str


def happenings(texts: Sequence[str], after: int, place: str = "") -> list[Happening]:
    """Reads entries behind the first so many, of one call of a campaign if its place is given."""
    return [
        read_happening(n, text)
        for n, text in enumerate(texts, start=after + 1)
        if not place or text.split("|", 2)[1:2] == [place]
    ]


def read_happening(n: int, text: str) -> Happening:
    """Reads an entry; raises RecordError if it is none."""
    try:
        at_ms, place, kind, what = text.split("|", 3)
        if kind == "e":
            return Happening(n, int(at_ms), place, "call", CallHappened(*what.split("|"))._asdict())
        fields = json.loads(what)
        return Happening(n, int(at_ms), place, "campaign" if kind == "c" else kind, fields)
    except (ValueError, TypeError) as error:
        raise RecordError(f"Entry {n} of a log is damaged: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class Redelivery:
    """What came of trying again."""

    count: int  #: events
    more: bool  #: it is to be run again


def redeliver(task_id: str) -> Script[Redelivery | None]:
    """Events of a task and its calls that were not delivered are tried again at once; None if there is no such task."""

    def read(answer: Any) -> Redelivery | None:
        return Redelivery(answer[0], answer[1] == "1") if answer else None

    return Script("redeliver", (task_id, MOST_CALLS), read)
