"""When a call that waits may leave: what its client and the operator allow, together."""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from schemas.hours.opening import MOST_DAYS, Opening, Rule, next_opening
from schemas.hours.window import Hours

#: Where the called party is decides, an opening must come within these of the call's start: later ones are taken for a
#: mistake, or for zones that are hardly ever open together.
MOST_WAIT_DAYS: Final = 14

_DAY_MS: Final = 86_400_000

#: The time zones in which a call's party may be; asked only when a window needs them, for to find out takes time.
ZonesOf: TypeAlias = Callable[[], tuple[str, ...]]


class Unplanned(StrEnum):
    """Why there is no opening."""

    NEVER_OPEN = "never_open"  #: the client's hours, wherever the called party is
    NO_ZONE = "no_zone"
    NO_COMMON_HOUR = "no_common_hour"


class Policy(NamedTuple):
    """CALLING_WINDOWS, which are for every call, in the called party's zone."""

    hours: Hours | None = None

    @property
    def name(self) -> str:
        """By which a plan tells under which policy it was made; '' without one."""
        text = self.hours.text() if self.hours else ""
        return hashlib.sha256(text.encode()).hexdigest()[:8] if text else ""


def plan(
    own: Hours | None, policy: Policy, zones_of: ZonesOf, at_ms: int, until_ms: int | None = None
) -> Opening | Unplanned | None:
    """The opening of a new call, from `at_ms` on and before `until_ms`; None if it may leave at any time."""
    if own is None and policy.hours is None:
        return None
    if own is not None and not ever_opens(own, at_ms):
        return Unplanned.NEVER_OPEN
    by_recipient = policy.hours is not None or own is None or own.of_recipient
    rules = _rules(own, policy, zones_of)
    if rules is None:
        return Unplanned.NO_ZONE
    last_ms = at_ms + (MOST_WAIT_DAYS if by_recipient else MOST_DAYS) * _DAY_MS
    return next_opening(rules, at_ms, min(last_ms, until_ms or last_ms)) or Unplanned.NO_COMMON_HOUR


def next_plan(own: Hours | None, policy: Policy, zones_of: ZonesOf, at_ms: int) -> Opening | Unplanned | None:
    """The opening of one that waits, after its last: however late it comes."""
    if own is None and policy.hours is None:
        return None
    rules = _rules(own, policy, zones_of)
    if rules is None:
        return Unplanned.NO_ZONE
    return next_opening(rules, at_ms, at_ms + MOST_DAYS * _DAY_MS) or Unplanned.NO_COMMON_HOUR


def needs_zones(own: Hours | None, policy: Policy) -> bool:
    """Whether it matters where the called party is."""
    return policy.hours is not None or (own is not None and own.of_recipient)


def _rules(own: Hours | None, policy: Policy, zones_of: ZonesOf) -> list[Rule] | None:
    """None if a zone is needed and not known."""
    of_recipient = [hours for hours in (own, policy.hours) if hours is not None and hours.of_recipient]
    zones = zones_of() if of_recipient else ()
    if of_recipient and not zones:
        return None
    elsewhere = [Rule(own, (own.timezone,))] if own is not None and not own.of_recipient else []
    return elsewhere + [Rule(hours, zones) for hours in of_recipient]


def never_closes(own: Hours, policy: Policy, at_ms: int) -> bool:
    """Whether there is no closing of both, and so no next opening, within MOST_DAYS."""
    rules = [Rule(one, (_anywhere(one),)) for one in (own, policy.hours) if one is not None]
    far_ms = at_ms + MOST_DAYS * _DAY_MS
    opening = next_opening(rules, at_ms, far_ms)
    return opening is not None and opening.closes_ms >= far_ms


def _anywhere(hours: Hours) -> str:
    return "UTC" if hours.of_recipient else hours.timezone


def ever_opens(hours: Hours, at_ms: int) -> bool:
    """Whether they open at all, wherever the called party is."""
    return next_opening([Rule(hours, (_anywhere(hours),))], at_ms, at_ms + MOST_DAYS * _DAY_MS) is not None
