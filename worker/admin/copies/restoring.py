"""A copy comes to life: what may have been dialled since is held against Twilio's list, and never dialled by itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from schemas import keys
from schemas.errors import RecordError
from schemas.operation.copy import MOST_AT_ONCE, accept_copy, put_in_doubt, requeue, set_apart
from schemas.records import CallRecord
from schemas.scripts.news import Report, Source, give_up, record_news
from schemas.states import CallState
from worker.admin.store import Store
from worker.twilio.outcomes import News
from worker.twilio.telephone import Telephone

Pair: TypeAlias = tuple[str, str]  #: To and From

#: Twilio's clock and Redis's may differ by so much.
_CLOCK_DIFFERENCE_MS: Final = 10_000
_NOT_DIALLED: Final = "Outcome unknown: it was restored from a copy, and Twilio has no call of it since"
_NOT_TOLD_APART: Final = (
    "Outcome unknown: it was restored from a copy, and which of Twilio's calls is its own cannot be told"
)


class Restored(NamedTuple):
    """What became of the calls in doubt."""

    found: int  #: Twilio has them
    unknown: int  #: Twilio has none: `requeue` puts them back
    apart: Mapping[Pair, Sequence[str]]  #: numbers and SIDs of those that cannot be told apart


def doubt_all(store: Store) -> int:
    """Puts in doubt whatever may have been dialled since the copy; how many calls were put in doubt now."""
    count = 0
    for task_id, _ in store.records():
        while (doubted := store.run(put_in_doubt(task_id, store.settings.retention_days))) == MOST_AT_ONCE:
            count += doubted
        count += doubted
    return count


def decide(store: Store, telephone: Telephone) -> Restored:
    """Holds the calls in doubt against all that Twilio has since the copy; raises RecordError if it does not tell."""
    doubts = list(_doubts(store))
    since_ms = min((call.dialled_ms for call in doubts if call.dialled_ms), default=_copied_ms(store))
    listed = telephone.listed(min(since_ms, _copied_ms(store)) - _CLOCK_DIFFERENCE_MS)
    if listed is None:
        raise RecordError("Twilio did not tell which calls it has: nothing is decided, run it again")
    free = _by_pair((news.to, news.from_number, news) for news in unheld(store, listed))
    found, unknown, apart = 0, 0, dict[Pair, Sequence[str]]()
    for pair, calls in _by_pair((call.to, call.from_number, call) for call in doubts).items():
        at_twilio: list[News] = sorted(free.get(pair, ()), key=lambda news: news.created_ms or 0)
        if len(at_twilio) == len(calls):
            for call, news in zip(sorted(calls, key=lambda call: call.due_ms), at_twilio, strict=True):
                store.run(record_news(call.id, _report(call, news), store.settings.retention_days))
                found += 1
            continue
        if at_twilio:
            apart[pair] = [news.sid for news in at_twilio]
        for call in calls:
            if at_twilio:
                store.run(set_apart(call.id))
            sentence = _NOT_TOLD_APART if at_twilio else _NOT_DIALLED
            store.run(give_up(call.id, call.tries, sentence, store.settings.retention_days))
            unknown += not at_twilio
    store.run(accept_copy())
    return Restored(found, unknown, apart)


def unheld(store: Store, listed: Iterable[News]) -> list[News]:
    """Calls at Twilio that no record here is about."""
    ones = list(listed)
    pipeline = store.redis.pipeline(transaction=False)
    for news in ones:
        pipeline.exists(keys.sid(news.sid))
    return [news for news, held in zip(ones, pipeline.execute(), strict=True) if not held]


def put_back(store: Store, task_id: str, *, ask_only: bool) -> int:
    """How many calls of the task a restore left unknown; unless it is only asked, they wait again."""
    fields = store.redis.hgetall(keys.task(task_id))
    if not fields:
        raise RecordError(f"Task {task_id} not found")
    begun = int(fields.get("next", 0))
    calls = [f"{task_id}-{number + 1}" for number in range(begun)] if fields.get("kind") == "bulk" else [task_id]
    return sum(store.change(requeue(call, store.settings.retention_days, ask_only=ask_only)) for call in calls)


def put_all_back(store: Store, _: str | None, *, ask_only: bool) -> int:
    """Likewise of every task there is."""
    left = {call for call, fields in store.records() if fields.get("restored") == "1"}
    return sum(store.change(requeue(call, store.settings.retention_days, ask_only=ask_only)) for call in sorted(left))


def _copied_ms(store: Store) -> int:
    return int(store.redis.hget(keys.COPY, "from_ms") or 0)


def _doubts(store: Store) -> Iterable[CallRecord]:
    for task_id, fields in dict(store.records()).items():
        if fields.get("restored") == "1" and fields.get("state") == CallState.CONFIRMING:
            shared = store.redis.hgetall(keys.task(fields["bulk"])) if "bulk" in fields else {}
            yield CallRecord.read(task_id, {"from": str(shared.get("from", "")), **fields})


def _by_pair(ones: Iterable[tuple[str, str, Any]]) -> dict[Pair, list[Any]]:
    pairs: dict[Pair, list[Any]] = defaultdict(list)
    for to, from_number, one in ones:
        pairs[to, from_number].append(one)
    return pairs


def _report(call: CallRecord, news: News) -> Report:
    return Report(
        Source.LIST,
        news.sid,
        news.fields(),
        to=call.to,
        from_number=call.from_number,
        attempt_number=call.attempt_number,
    )
