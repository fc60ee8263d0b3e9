"""Against toll fraud: which numbers may be dialled, from which, and how many a day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.security.caller_ids import CallerIds
from app.security.webhook_hosts import WebhookHosts
from runtime.dialled.rules import NumberRules
from schemas.bodies.fields import SKIP

FROM_SENTENCE: Final = "Must be TWILIO_PHONE_NUMBER or one of ALLOWED_FROM_NUMBERS, and no other name's."
HOST_SENTENCE: Final = "Must be at one of the hosts that ALLOWED_WEBHOOK_HOSTS names."


@dataclass(frozen=True, slots=True)
class DialRules:
    """The operator's rules."""

    numbers: NumberRules  #: that may be dialled
    caller_ids: CallerIds
    webhook_hosts: WebhookHosts
    most_calls_per_day: int  #: accepted in one UTC day; 0 for any number. See accept.lua

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
            if fault := self.numbers.fault(to, [from_number]):
                errors["to_number"] = [fault]
        elif not skips(body):
            errors |= self.faults_of_rows(body, several or [from_number])
        return errors

    def refuses(self, to: str, from_numbers: Collection[str]) -> bool:
        """Whether a rule forbids to call the number from one of these."""
        return self.numbers.fault(to, from_numbers) is not None

    def faults_of_rows(self, body: Mapping[str, Any], froms: Collection[str]) -> dict[str, Any]:
        """The same of a body's numbers alone, that are called from these."""
        if numbers := body.get("phone_numbers"):
            found: dict[int, Any] = {
                place: [fault] for place, to in enumerate(numbers) if (fault := self.numbers.fault(to, froms))
            }
            return {"phone_numbers": found} if found else {}
        recipients = enumerate(body["recipients"])
        found = {
            place: {"to_number": [fault]}
            for place, one in recipients
            if (fault := self.numbers.fault(one["to_number"], froms))
        }
        return {"recipients": found} if found else {}

    @property
    def are_open(self) -> bool:
        """Whether calls may go to any country, as many a day as anybody likes."""
        return not self.numbers.allowed and not self.most_calls_per_day


def skips(body: Mapping[str, Any]) -> bool:
    """Whether the body wants numbers that cannot be called to be left out, and not to be refused for them."""
    return body.get("invalid_numbers") == SKIP
