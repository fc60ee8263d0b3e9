"""Records held against Twilio's list: what only one of both knows, and what both tell differently."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from schemas.errors import RecordError
from worker.admin.copies.restoring import unheld
from worker.admin.store import Store
from worker.twilio.outcomes import News
from worker.twilio.telephone import Telephone

COLUMNS: Final = ("difference", "call_sid", "id", "here", "at_twilio")
#: What is settled here some moments after it is at Twilio is no difference.
_FRESH_MS: Final = 60_000


class Difference(NamedTuple):
    """One call that is not the same here and there."""

    difference: str
    call_sid: str
    id: str
    here: str
    at_twilio: str


def differences(store: Store, telephone: Telephone, since: datetime) -> list[Difference]:
    """All of calls created since then; raises RecordError if Twilio does not tell which it has."""
    since_ms = round(since.timestamp() * 1000)
    listed = telephone.listed(since_ms)
    if listed is None:
        raise RecordError("Twilio did not tell which calls it has")
    by_sid = {news.sid: news for news in listed}
    alone = [Difference("only at Twilio", news.sid, "", "", news.call_status) for news in unheld(store, listed)]
    return [*alone, *_of_records(store, by_sid, since_ms)]


def _of_records(store: Store, by_sid: dict[str, News], since_ms: int) -> Iterator[Difference]:
    seconds, _ = store.redis.time()
    for call_id, fields in store.records():
        sid, here = fields.get("sid"), fields.get("call_status", "")
        dialled_ms = int(fields.get("dialled_ms", 0))
        if not sid or dialled_ms - _FRESH_MS < since_ms or dialled_ms > int(seconds) * 1000 - _FRESH_MS:
            continue
        news = by_sid.get(sid)
        if news is None:
            yield Difference("only here", sid, call_id, here, "")
        elif news.final and news.call_status != here:
            yield Difference("status", sid, call_id, here, news.call_status)
