"""What a campaign's record begins with, and its rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from schemas.campaigns.rows import Row
from schemas.limits import campaign_interval_us
from schemas.options.stopping import packed_stop
from schemas.states import CampaignState

#: Fields that stand in the record as they were given.
_AS_GIVEN: Final = ("name", "external_id")


def given_rows(body: dict[str, Any], names: Sequence[str] | None = None) -> list[Row]:
    """
    A row for each number or recipient of a body, in their order; some may be there twice.

    `names` are those of the campaign's variables, if it has its record already.
    """
    if numbers := body.get("phone_numbers"):
        return list(map(Row, numbers))
    return list(_rows(body["recipients"], variable_names(body) if names is None else names))


def campaign_fields(body: dict[str, Any], total: int) -> dict[str, str]:
    """What a campaign's record says besides what that of a call does."""
    fields = {
        "kind": "bulk",
        "state": str(CampaignState.ACTIVE),
        "total": str(total),
        "delay_us": str(campaign_interval_us(body["delay_between_calls"])),
        "max_live": str(body["max_concurrent_calls"]),
    }
    fields |= {name: body[name] for name in _AS_GIVEN if body.get(name)}
    if body.get("stop_if"):
        fields["stop_if"] = packed_stop(body["stop_if"])
    if names := variable_names(body):
        fields["variable_names"] = json.dumps(names)
    if from_numbers := body.get("from_numbers"):
        fields |= {
            "from": from_numbers[0],
            "from_numbers": json.dumps(list(dict.fromkeys(from_numbers))),
            "from_given": "1",
        }
    return fields | ({"paused": "1", "paused_reason": ""} if body["start"] == "paused" else {})


def variable_names(body: dict[str, Any]) -> list[str]:
    """Of all variables that its recipients have, each once."""
    return list(dict.fromkeys(chain.from_iterable(one.get("variables", ()) for one in body.get("recipients") or ())))


def _rows(recipients: Iterable[dict[str, Any]], names: Sequence[str]) -> Iterable[Row]:
    return (
        Row(
            one["to_number"],
            one.get("external_id"),
            _values(one.get("variables"), names),
            one.get("timezone"),
            one.get("expires_at"),
        )
        for one in recipients
    )


def _values(variables: Mapping[str, str] | None, names: Sequence[str]) -> list[str | None] | None:
    """In the order of the names, without those that are missing at the end; None if there are none."""
    values = list(map(variables.get, names)) if variables else []
    while values and values[-1] is None:
        values.pop()
    return values or None
