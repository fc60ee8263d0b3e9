"""What a test may ask about the calls: not Twilio's API, but the simulator's own memory."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict

from simulator.calls.call import Call
from simulator.calls.register import Register

ROWS_AT_A_TIME = 100


def call_row(call: Call) -> dict[str, object]:
    """One call, with times in epoch seconds."""
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "to": call.request.to,
        "from": call.request.from_,
        "status": call.status,
        "created_at": call.created_at,
        "started": call.dialled_at,
        "answered": call.answered_at,
        "ended": call.ended_at,
        "duration_seconds": call.duration_seconds,
        "answered_by": call.answered_by,
        "sip_response_code": call.sip_response_code,
        "recording_sid": call.recording_sid,
        "params": call.params,
        "heard": call.heard,
        "voices": call.voices,
        "languages": call.languages,
        "digits_pressed": call.digits_pressed,
        "callbacks": [asdict(record) for record in call.callbacks],
        "errors": [asdict(error) for error in call.errors],
        "deleted": call.deleted,
    }


def summary(register: Register) -> dict[str, object]:
    """Counts only: cheap to ask often."""
    return {
        "live_now": register.live_now,
        "max_live": register.max_live,
        "created": register.created,
        "by_status": dict(Counter(call.status for call in register.oldest_first())),
    }


async def _rows(rows: Iterable[dict[str, object]]) -> AsyncIterator[str]:
    batch: list[str] = []
    written = False
    for row in rows:
        batch.append(json.dumps(row))
        if len(batch) == ROWS_AT_A_TIME:
            yield ("," if written else "") + ",".join(batch)
            written = True
            batch.clear()
            # A long list must not hold up the creation of calls, whose times are evidence.
            await asyncio.sleep(0)
    if batch:
        yield ("," if written else "") + ",".join(batch)


async def report(register: Register, since: float, to: str) -> AsyncIterator[str]:
    """The JSON of `GET /simulator/calls`, in pieces: calls and requests from `since` on (epoch
    seconds), oldest first, and of one destination only if `to` is given."""
    calls = [call for call in register.oldest_first() if call.created_at >= since and to in ("", call.request.to)]
    requests = [row for row in register.requests if row.at >= since and to in ("", row.to)]
    yield f'{{"live_now":{register.live_now},"max_live":{register.max_live},"calls":['
    async for piece in _rows(call_row(call) for call in calls):
        yield piece
    yield '],"requests":['
    async for piece in _rows(asdict(row) for row in requests):
        yield piece
    yield "]}"
