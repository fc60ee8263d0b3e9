"""The numbers of a campaign that may still be dialled, held to the hours and to the message that an edit gives it."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

from app.calls.campaign_time import FaultOf, fault_in, zones_of_row
from app.calls.edited.metadata import spoken_faults
from app.calls.edited.time import span_of
from app.calls.wording import longest
from app.http.body.checking import invalid_request
from app.settings import Settings
from app.store.campaigns import BeforeEdit, Campaigns
from schemas.campaigns.marks import Mark
from schemas.campaigns.retrying import MAY_GO, WAITS
from schemas.campaigns.rows import Row
from schemas.hours.edited import asked_of_hours, hours_of
from schemas.spoken import template

#: Rows by their places.
_Numbers: TypeAlias = Mapping[int, Row]


async def check_rows(
    campaigns: Campaigns,
    settings: Settings,
    task_id: str,
    before: BeforeEdit,
    body: Mapping[str, Any],
    metadata: Mapping[str, Any],
) -> None:
    """Raises InvalidRequest if some number could never be called in its hours, or lacks what a new message names."""
    asked, hours = asked_of_hours(body), hours_of(body, before.record)
    planned = bool(asked and (hours or settings.policy.hours))
    message = metadata.get("message") or ""
    is_new = message != before.metadata.get("message") and not before.has_webhook
    wanted = template.names(message) if is_new else frozenset()
    if before.kind != "bulk" or not (planned or wanted):
        return
    names: Sequence[str] = json.loads(before.record.get("variable_names") or "[]")
    fault_of = fault_in(hours, settings.policy, *span_of(body, before)) if planned else None
    heard: dict[str, str] = {}
    behind = 0
    async with aclosing(campaigns.pages(task_id)) as pages:
        async for page in pages:
            if wanted:
                heard = await asyncio.to_thread(_heard, task_id, _those(page, behind, MAY_GO), names, wanted, heard)
            if fault_of:
                await asyncio.to_thread(_check_hours, asked, task_id, _those(page, behind, WAITS), fault_of)
            behind += len(page)
    variables = {**before.variables, **heard}
    if wanted and (faults := spoken_faults(metadata, before, variables, inline=not settings.public_base_url)):
        raise invalid_request({"call_metadata": faults})


def _those(page: Iterable[tuple[str, Row]], behind: int, marks: frozenset[Mark]) -> _Numbers:
    """With one of these marks, but for those that were forgotten."""
    places = enumerate(page, start=behind + 1)
    return {place: row for place, (mark, row) in places if mark in marks and row.number}


def _heard(
    task_id: str, numbers: _Numbers, names: Sequence[str], wanted: Iterable[str], before: Mapping[str, str]
) -> dict[str, str]:
    """Of each variable that is wanted the value that takes longest to say, up to here."""
    values: dict[str, list[str]] = {name: [before[name]] if name in before else [] for name in wanted}
    for place, row in numbers.items():
        its = dict(zip(names, row.variables or (), strict=False))
        for name, said in values.items():
            value = its.get(name)
            if value is not None:
                said.append(value)
            else:
                sentence = f"Must name only variables that each number has: {task_id}-{place} has no {name}."
                raise invalid_request({"call_metadata": {"message": [sentence]}})
    return {name: longest(said) for name, said in values.items() if said}


def _check_hours(asked: str, task_id: str, numbers: _Numbers, fault_of: FaultOf) -> None:
    for place, row in numbers.items():
        if fault := fault_of(zones_of_row(row), row.expires_ms):
            told = f"{fault[1]} So it is with {task_id}-{place}, which waits."
            raise invalid_request({asked: [told]})
