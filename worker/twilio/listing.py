"""A call as Twilio lists it."""

from datetime import datetime

from twilio.rest.api.v2010.account.call import CallInstance

from schemas.lua.facts import FINAL_STATUSES
from worker.twilio.outcomes import News


def is_sid(sid: object) -> bool:
    """Whether it is a call's."""
    return isinstance(sid, str) and sid.startswith("CA")


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
        call_status=status,
        created_ms=_ms(instance.date_created),
        started_ms=_ms(instance.start_time),
        ended_ms=_ms(ended),
        duration_seconds=int(instance.duration) if str(instance.duration or "").isdigit() else None,
        answered_by=instance.answered_by or None,
    )


def _ms(moment: datetime | None) -> int | None:
    return round(moment.timestamp() * 1000) if isinstance(moment, datetime) else None
