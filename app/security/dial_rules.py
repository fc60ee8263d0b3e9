"""Against toll fraud: which numbers may be dialled, from which, and how many a day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.security.caller_ids import CallerIds
from app.security.premium_prefixes import PREMIUM_PREFIXES
from app.security.webhook_hosts import WebhookHosts
from schemas.bodies.fields import SKIP
from schemas.emergency import EMERGENCY_NUMBERS, EMERGENCY_SENTENCE

PREFIX_SENTENCE: Final = "Must begin with one of the prefixes that ALLOWED_PREFIXES names."
BLOCKED_SENTENCE: Final = "Must not begin with one of the prefixes that BLOCKED_PREFIXES names."
PREMIUM_SENTENCE: Final = "Must not be a premium, shared-cost or satellite number: ALLOW_PREMIUM lets them be dialled."
FROM_SENTENCE: Final = "Must be TWILIO_PHONE_NUMBER or one of ALLOWED_FROM_NUMBERS, and no other name's."
HOST_SENTENCE: Final = "Must be at one of the hosts that ALLOWED_WEBHOOK_HOSTS names."
SELF_SENTENCE: Final = "Must not be the number that the call comes from: the service never dials its own from-number."


@dataclass(frozen=True, slots=True)
class DialRules:
    """The operator's rules."""

    prefixes: tuple[str, ...]  #: of numbers that may be dialled; () for any
    blocked_prefixes: tuple[str, ...]  #: of numbers that may not, unless a longer one may
    allow_premium: bool
    caller_ids: CallerIds
    webhook_hosts: WebhookHosts
    most_calls_per_day: int  #: accepted in one UTC day; 0 for any number. See accept.lua
    #: What each beginning that a rule names says of a number that begins with no longer one; a fault, or None.
    _verdicts: Mapping[str, str | None] = field(init=False, repr=False)
    _lengths: Sequence[int] = field(init=False, repr=False)  #: of these beginnings, the longest first

    def __post_init__(self) -> None:
        premium = () if self.allow_premium else PREMIUM_PREFIXES
        beginnings = {"", *self.prefixes, *self.blocked_prefixes, *premium}
        object.__setattr__(self, "_verdicts", {one: self._verdict(one) for one in beginnings})
        object.__setattr__(self, "_lengths", sorted({len(one) for one in beginnings}, reverse=True))

    def faults(self, body: Mapping[str, Any], name: str | None) -> dict[str, Any]:
        """What a rule forbids in a request of this name: field -> sentences, by place in a list; empty if nothing."""
        errors: dict[str, Any] = {}
        from_number = body.get("from_number") or self.caller_ids.default
        if several := body.get("from_numbers"):
            if "from_number" in body:
                errors["from_numbers"] = ["Must not be given beside from_number."]
            elif bad := [place for place, one in enumerate(several) if not self.caller_ids.allow(one, name)]:
                errors["from_numbers"] = {place: [FROM_SENTENCE] for place in bad}
        elif not self.caller_ids.allow(from_number, name):
            errors["from_number"] = [FROM_SENTENCE]
        if (to := body.get("to_number")) is not None:
            if fault := self._fault(to, [from_number]):
                errors["to_number"] = [fault]
        elif not skips(body):
            errors |= self.faults_of_rows(body, several or [from_number])
        return errors

    def refuses(self, to: str, from_numbers: Collection[str]) -> bool:
        """Whether a rule forbids to call the number from one of these."""
        return self._fault(to, from_numbers) is not None

    def faults_of_rows(self, body: Mapping[str, Any], froms: Collection[str]) -> dict[str, Any]:
        """The same of a body's numbers alone, that are called from these."""
        if numbers := body.get("phone_numbers"):
            found: dict[int, Any] = {
                place: [fault] for place, to in enumerate(numbers) if (fault := self._fault(to, froms))
            }
            return {"phone_numbers": found} if found else {}
        recipients = enumerate(body["recipients"])
        found = {
            place: {"to_number": [fault]}
            for place, one in recipients
            if (fault := self._fault(one["to_number"], froms))
        }
        return {"recipients": found} if found else {}

    @property
    def are_open(self) -> bool:
        """Whether calls may go to any country, as many a day as anybody likes."""
        return not self.prefixes and not self.most_calls_per_day

    def _fault(self, to: str, from_numbers: Collection[str]) -> str | None:
        if to in from_numbers:
            return SELF_SENTENCE
        if to in EMERGENCY_NUMBERS:
            return EMERGENCY_SENTENCE
        verdicts = self._verdicts
        for length in self._lengths:
            if (beginning := to[:length]) in verdicts:
                return verdicts[beginning]
        return None  # not reached: every number begins with the empty one

    def _verdict(self, beginning: str) -> str | None:
        allowed = _longest(beginning, self.prefixes)
        if self.prefixes and not allowed:
            return PREFIX_SENTENCE
        premium = 0 if self.allow_premium else _longest(beginning, PREMIUM_PREFIXES)
        if max(_longest(beginning, self.blocked_prefixes), premium) > allowed:
            return PREMIUM_SENTENCE if premium > allowed else BLOCKED_SENTENCE
        return None


def skips(body: Mapping[str, Any]) -> bool:
    """Whether the body wants numbers that cannot be called to be left out, and not to be refused for them."""
    return body.get("invalid_numbers") == SKIP


def _longest(number: str, prefixes: tuple[str, ...]) -> int:
    """Length of the longest prefix that the number begins with; 0 if there is none."""
    return max((len(prefix) for prefix in prefixes if number.startswith(prefix)), default=0)
