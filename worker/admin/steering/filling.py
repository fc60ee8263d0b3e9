"""`worker.admin recipients`: numbers of a file come into a campaign, held to what the web tier holds them to."""

import json
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from runtime.dialled.rules import NumberRules
from runtime.zones.numbers import zones_of
from schemas import keys
from schemas.campaigns.rows import Row
from schemas.do_not_call.lists import opted_out
from schemas.hours.plan import Policy, Unplanned, plan
from schemas.hours.window import Hours
from worker.admin.store import Store

_FIELDS: Final = ("client", "from", "from_numbers", "windows", "due_ms", "expires_ms")


@cache
def planned(
    own: Hours | None, policy: Policy, zones: tuple[str, ...], at_ms: int, until_ms: int | None
) -> Unplanned | None:
    """Why no call goes then to somebody in these zones; None if one does."""
    found = plan(own, policy, lambda: zones, at_ms, until_ms)
    return found if isinstance(found, Unplanned) else None


class Terms(NamedTuple):
    """What numbers that come into a campaign are held to."""

    client: str  #: whose do-not-call list counts besides the service's
    from_numbers: Sequence[str]
    rules: NumberRules
    windows: Hours | None
    policy: Policy
    begins_ms: int
    expires_ms: int | None

    @classmethod
    def of(cls, store: Store, campaign_id: str) -> "Terms":
        """Those of a campaign; of none that there is, those of the operator alone."""
        values: Sequence[Any] = store.redis.hmget(keys.task(campaign_id), _FIELDS)
        its: Mapping[str, str] = {name: value for name, value in zip(_FIELDS, values, strict=True) if value}
        several = its.get("from_numbers")
        return cls(
            its.get("client", ""),
            json.loads(several) if several else [its.get("from", "")],
            store.settings.numbers,
            Hours.parse(its["windows"]) if "windows" in its else None,
            store.settings.policy,
            max(round(time.time() * 1000), int(its.get("due_ms", 0))),
            int(its["expires_ms"]) if "expires_ms" in its else None,
        )

    def fault(self, row: Row) -> str | None:
        """Why the number must not be called, or never could be, in a sentence; None if it may."""
        if sentence := self.rules.fault(row.number, self.from_numbers):
            return sentence
        if self.expires_ms is not None and self.expires_ms <= self.begins_ms:
            return None  # whatever the numbers are, it takes none
        if self.windows is None and self.policy.hours is None:
            return None
        found = planned(self.windows, self.policy, zones_of(row.number), self.begins_ms, self.expires_ms)
        return f"{found}: It could not be called in what is left of the campaign." if found else None

    def listed(self, store: Store, rows: Sequence[Row]) -> frozenset[str]:
        """Numbers of these rows, a thousand at most, that are on a do-not-call list."""
        return store.run(opted_out(self.client, [row.number for row in rows]))
