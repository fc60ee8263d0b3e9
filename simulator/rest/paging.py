"""Lists of calls: Twilio's filters and its page envelope.

A page token names the call beside the page (`PA` after it, `PB` before it), so that calls created
in the meantime shift nothing.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from simulator.calls.call import STATUSES, Call
from simulator.form.refusal import RefusalError
from simulator.rest.resource import shown_end

DEFAULT_PAGE_SIZE = 50
LARGEST_PAGE_SIZE = 1000
LONGEST_COUNT = 9
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TOKEN = re.compile(r"P([AB])(\d{1,12})")
TIME_FILTERS = [f"{name}{sign}" for name in ("StartTime", "EndTime") for sign in ("", "<", ">")]
FILTERS = ("To", "From", "ParentCallSid", "Status", *TIME_FILTERS)

Test = Callable[[Call], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of calls, newest first, and whether there are more on either side."""

    calls: list[Call]
    number: int
    size: int
    has_next: bool
    has_previous: bool


def _span(name: str, text: str, exact: bool) -> tuple[int, int]:
    """First and last whole second a filter value means: one second, or a UTC day. The official SDK
    sends a plain date as its midnight, so for an exact match that means the day as well."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusalError(20001, f"{name} is not a valid date: {text}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole_day = _DAY.fullmatch(text) or (exact and moment.time() == time.min)
    length = timedelta(days=1) if whole_day else timedelta(seconds=1)
    begin = int(moment.timestamp())
    return begin, begin + int(length.total_seconds()) - 1


def _time_test(name: str, sign: str, text: str) -> Test:
    first, last = _span(name, text, exact=not sign)

    def test(call: Call) -> bool:
        moment = call.dialled_at if name == "StartTime" else shown_end(call)
        if moment is None:
            return False
        second = int(moment)
        return (sign == "<" or second >= first) and (sign == ">" or second <= last)

    return test


def read_filters(query: Mapping[str, str]) -> list[Test]:
    """The tests a list request asks for. A call not dialled yet has no StartTime and fails its
    tests, as Twilio leaves that field empty."""
    tests: list[Test] = []
    to, from_, status = query.get("To"), query.get("From"), query.get("Status")
    if to:
        tests.append(lambda call: call.request.to == to)
    if from_:
        tests.append(lambda call: call.request.from_ == from_)
    if query.get("ParentCallSid"):
        tests.append(lambda _call: False)
    if status:
        if status not in STATUSES:
            raise RefusalError(20001, f"Status is not valid: {status}")
        tests.append(lambda call: call.status == status)
    for name in ("StartTime", "EndTime"):
        for sign in ("", "<", ">"):
            text = query.get(name + sign)
            if text:
                tests.append(_time_test(name, sign, text))
    return tests


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_COUNT):
        raise RefusalError(20001, f"{name} is not a whole number: {text}")
    return int(text)


def cut_page(calls: Iterable[Call], query: Mapping[str, str]) -> Page:
    """The page asked for by PageSize, Page and PageToken."""
    tests = read_filters(query)
    size = max(1, min(_count(query, "PageSize", DEFAULT_PAGE_SIZE), LARGEST_PAGE_SIZE))
    number = _count(query, "Page", 0)
    matching = (call for call in calls if all(test(call) for test in tests))
    token = _TOKEN.fullmatch(query.get("PageToken", ""))
    if query.get("PageToken") and not token:
        raise RefusalError(20001, "PageToken is not valid")
    if token and token[1] == "B":
        kept: deque[Call] = deque(maxlen=size + 1)
        for call in matching:
            if call.ordinal <= int(token[2]):
                break
            kept.append(call)
        rows = list(kept)
        return Page(rows[-size:], number, size, True, len(rows) > size)
    if token:
        matching = (call for call in matching if call.ordinal < int(token[2]))
    to_skip = 0 if token else number * size
    rows = []
    for call in matching:
        if to_skip:
            to_skip -= 1
            continue
        rows.append(call)
        if len(rows) > size:
            break
    return Page(rows[:size], number, size, len(rows) > size, number > 0)


def envelope(page: Page, path: str, query: Mapping[str, str]) -> dict[str, object]:
    """Everything of a list answer but the calls themselves."""
    kept = [(name, query[name]) for name in FILTERS if query.get(name)]

    def uri(number: int, token: str = "") -> str:
        extra = [("PageSize", str(page.size)), ("Page", str(number))]
        return f"{path}?{urlencode(kept + extra + ([('PageToken', token)] if token else []))}"

    after = before = None
    if page.calls and page.has_next:
        after = uri(page.number + 1, f"PA{page.calls[-1].ordinal}")
    if page.calls and page.has_previous:
        before = uri(max(0, page.number - 1), f"PB{page.calls[0].ordinal}")
    start = page.number * page.size
    return {
        "first_page_uri": uri(0),
        "next_page_uri": after,
        "previous_page_uri": before,
        "uri": uri(page.number, query.get("PageToken", "")),
        "page": page.number,
        "page_size": page.size,
        "start": start,
        "end": max(start, start + len(page.calls) - 1),
    }
