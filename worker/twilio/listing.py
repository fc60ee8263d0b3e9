"""A call as Twilio lists it."""

import re
from collections.abc import Mapping
from datetime import datetime
from math import inf
from typing import Final, NamedTuple

from twilio.rest.api.v2010.account.call import CallInstance

from schemas.lua.facts import FINAL_STATUSES, STATUSES
from worker.twilio.answers import moment
from worker.twilio.outcomes import News

#: Twilio says within whole milliseconds how long a call waits in its own queue; less than this is no queue.
_QUEUED_MS: Final = re.compile(r"\d{1,12}", re.ASCII)
_LEAST_QUEUE_SECONDS: Final = 1.0
_SID: Final = re.compile(r"CA[A-Za-z0-9]{1,62}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,15}", re.ASCII)


class Page(NamedTuple):
    """Some of an account's calls, newest first, and when they were listed, by Twilio's own clock."""

    calls: list[News]
    told_ms: int | None

    def created_in(self, since_ms: float, until_ms: float = inf) -> list[News]:
        """Its calls that were created between two instants, or may have been: of some it tells no date."""
        return [one for one in self.calls if one.created_ms is None or since_ms <= one.created_ms <= until_ms]

    def is_before(self, since_ms: int) -> bool:
        """Whether all of its calls were created before that; one that it tells no date of may be newer."""
        return all(news.created_ms is not None and news.created_ms < since_ms for news in self.calls)


def told_ms(headers: Mapping[str, str]) -> int | None:
    """When an answer was given, by the clock of whoever gave it; it tells whole seconds."""
    told = moment(headers.get("Date", ""))
    return None if told is None else round(told.timestamp() * 1000) + 500


def is_sid(sid: object) -> bool:
    """Whether it is a call's."""
    return isinstance(sid, str) and _SID.fullmatch(sid) is not None


def known_status(word: object, otherwise: str = "") -> str:
    """Twilio's word for where a call is; another one, which it may get some day, says nothing."""
    return word if isinstance(word, str) and word in STATUSES else otherwise


def long_queue_seconds(told: object) -> float:
    """How long a call that Twilio took waits there before it is dialled, as Twilio estimates; 0 if that is not long."""
    seconds = int(str(told)) / 1000 if _QUEUED_MS.fullmatch(str(told)) else 0.0
    return seconds if seconds > _LEAST_QUEUE_SECONDS else 0.0


def news_of(instance: CallInstance) -> News:
    """What Twilio tells of one of its calls; raises TypeError if it is none."""
    if not is_sid(instance.sid) or not isinstance(instance.status, str):
        raise TypeError("no call of Twilio's")
    status = instance.status
    # Twilio leaves `end_time` empty for calls that were not answered; they changed last when they ended.
    ended = instance.end_time or (instance.date_updated if status in FINAL_STATUSES else None)
    return News(
        sid=instance.sid,
        to=str(instance.to or ""),
        from_number=str(instance._from or ""),
        call_status=known_status(status),
        created_ms=_ms(instance.date_created),
        started_ms=_ms(instance.start_time),
        ended_ms=_ms(ended),
        duration_seconds=int(instance.duration) if _WHOLE.fullmatch(str(instance.duration or "")) else None,
        answered_by=instance.answered_by or None,
    )


def _ms(moment: datetime | None) -> int | None:
    return round(moment.timestamp() * 1000) if isinstance(moment, datetime) else None
