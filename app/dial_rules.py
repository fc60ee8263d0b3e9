"""Against toll fraud: which numbers may be dialled, from which, and how many a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.body import invalid_request

PREFIX_SENTENCE: Final = "Must begin with one of the prefixes that ALLOWED_PREFIXES names."
FROM_SENTENCE: Final = "Must be TWILIO_PHONE_NUMBER or one of ALLOWED_FROM_NUMBERS."
SELF_SENTENCE: Final = "Must not be the number that the call comes from: the service never dials its own from-number."


@dataclass(frozen=True, slots=True)
class DialRules:
    """The operator's rules."""

    prefixes: tuple[str, ...]  #: of numbers that may be dialled; () for any
    from_numbers: frozenset[str]  #: besides the default one; empty for any
    default_from_number: str
    most_calls_per_day: int  #: accepted in one UTC day; 0 for any number. See accept.lua

    def check(self, body: Mapping[str, Any]) -> None:
        """Raises InvalidRequest, with the fields' paths, for a request that a rule forbids."""
        errors: dict[str, Any] = {}
        from_number = body.get("from_number") or self.default_from_number
        if self.from_numbers and from_number not in self.from_numbers and from_number != self.default_from_number:
            errors["from_number"] = [FROM_SENTENCE]
        if (to := body.get("to_number")) is not None:
            if fault := self._fault(to, from_number):
                errors["to_number"] = [fault]
        else:
            faults = {place: self._fault(to, from_number) for place, to in enumerate(body["phone_numbers"])}
            if any(faults.values()):
                errors["phone_numbers"] = {place: [fault] for place, fault in faults.items() if fault}
        if errors:
            raise invalid_request(errors)

    def _fault(self, to: str, from_number: str) -> str | None:
        if to == from_number:
            return SELF_SENTENCE
        return PREFIX_SENTENCE if self.prefixes and not to.startswith(self.prefixes) else None
