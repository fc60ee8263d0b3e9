"""What must hold whenever a request leaves for Twilio."""

import json
from collections import defaultdict
from collections.abc import Mapping

from runtime.zones.numbers import zones_of
from schemas import keys
from schemas.hours.opening import Opening
from schemas.hours.plan import Policy, next_plan
from schemas.hours.window import Hours
from schemas.options.recorded import CallOptions
from schemas.spoken import template
from tests.scripts.conftest import Store

NAMES = {"alice": "secret-of-alice-1", "bob": "secret-of-bob-12"}
MOST_A_NUMBER = 3
_SLACK_MS = 200


class Fault(AssertionError):
    """What must not be."""


class Gate:
    """Looks at each call that is let go."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store, self.policy = store, policy
        self.cancelled: set[str] = set()  #: tasks and calls of which nothing may go any more
        self.dialled: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)

    def check(self, call: str, now: float) -> None:
        """Raises Fault if it must not go."""
        record = self.store.task(call)
        campaign = self.store.task(record["bulk"]) if "bulk" in record else {}
        if "paused" in record or "paused" in campaign or campaign.get("state", "active") != "active":
            raise Fault(f"{call} leaves though its task is paused or over: {record} {campaign}")
        if call in self.cancelled or record.get("bulk") in self.cancelled:
            raise Fault(f"{call} leaves after its cancel: {record} {campaign}")
        self._check_time(call, record, campaign, now * 1000)
        self._check_words(call, record, campaign)
        client = record.get("client") or campaign.get("client", "")
        for on_list in ("service", f"of:{client}"):
            if self.store.redis.zscore(f"{keys.PREFIX}optouts:{on_list}", record["to"]) is not None:
                raise Fault(f"{call} leaves to a number on the list {on_list}")
        attempts = self.dialled[client, record["to"]]
        attempts[call + record.get("attempt_number", "1")] = now
        if sum(at > now - 86_399 for at in attempts.values()) > MOST_A_NUMBER:
            raise Fault(f"{call} is attempt {attempts} of {client} at {record['to']}")

    def _check_words(self, call: str, record: Mapping[str, str], campaign: Mapping[str, str]) -> None:
        """Nobody hears a variable's name."""
        metadata = json.loads(record.get("metadata") or campaign.get("metadata") or "{}")
        variables = CallOptions.read({**campaign, **record}).variables
        if sentence := template.fault(metadata.get("message", ""), variables):
            raise Fault(f"{call}: {sentence} {record} {campaign}")

    def _check_time(self, call: str, record: Mapping[str, str], campaign: Mapping[str, str], now_ms: float) -> None:
        for its in (record, campaign):
            if int(its.get("expires_ms", now_ms + 1)) <= now_ms or int(its.get("due_ms", 0)) > now_ms + _SLACK_MS:
                raise Fault(f"{call} leaves before its time, or after its end: {now_ms} {record} {campaign}")
        windows = record.get("windows") or campaign.get("windows")
        if windows or self.policy.hours:
            own = Hours.parse(windows) if windows else None
            zones = (record["timezone"],) if record.get("timezone") else zones_of(record["to"])
            opening = next_plan(own, self.policy, lambda: zones, round(now_ms))
            if not isinstance(opening, Opening) or opening.opens_ms > now_ms + _SLACK_MS:
                raise Fault(f"{call} leaves outside its windows: {now_ms} {windows} {zones} {opening}")
