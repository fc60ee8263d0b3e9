"""What a call does besides speaking its message, as its record or its campaign's holds it."""

import json
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

#: Fields that a campaign's record holds for each of its calls.
OPTION_FIELDS: Final = (
    "ring_timeout_seconds",
    "max_call_seconds",
    "send_digits",
    "record",
    "machine",
    "gather",
    "opt_out_digit",
    "variable_names",
)

#: Of those, what a record holds as a request has it.
AS_GIVEN: Final[tuple[str, ...]] = ("ring_timeout_seconds", "max_call_seconds", "send_digits", "opt_out_digit")

LEAST_CALL_SECONDS: Final = 60
MOST_CALL_SECONDS: Final = 14_400

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def too_long(max_call_seconds: int) -> str:
    """What is told of calls that were to last longer than the operator lets any."""
    return f"Must be a whole number from {LEAST_CALL_SECONDS} to {max_call_seconds}, MAX_CALL_SECONDS."


class OnMachine(StrEnum):
    """What is done when a machine answers."""

    SPEAK = "speak"  #: as to a person; nobody finds out who answers
    HANG_UP = "hang_up"
    LEAVE_MESSAGE = "leave_message"  #: after the beep


class Machine(NamedTuple):
    """What is done when a machine answers, and what is left on it; '': what a person would hear."""

    on_machine: OnMachine = OnMachine.SPEAK
    message: str = ""


class Gather(NamedTuple):
    """Keys that whoever answers is asked for."""

    num_digits: int = 1
    timeout_seconds: int = 8  #: to the first key, and from one to the next
    prompt: str = ""


class CallOptions(NamedTuple):
    """What a client asked for; nothing of it is what Twilio does by itself."""

    ring_timeout_seconds: int | None = None
    max_call_seconds: int | None = None
    send_digits: str = ""
    record: bool = False
    machine: Machine = Machine()
    gather: Gather | None = None
    opt_out_digit: str = ""
    variables: Mapping[str, str] = _NOTHING  #: what stands in the texts for `{{name}}`

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "CallOptions":
        """Reads a hash; raises ValueError or KeyError if it is damaged. Records of earlier versions have none."""
        if _FIELDS.isdisjoint(fields):
            return _NOTHING_ASKED
        return cls(
            ring_timeout_seconds=_seconds(fields, "ring_timeout_seconds"),
            max_call_seconds=_seconds(fields, "max_call_seconds"),
            send_digits=fields.get("send_digits", ""),
            record=fields.get("record") == "1",
            machine=_machine(fields.get("machine")),
            gather=_gather(fields.get("gather")),
            opt_out_digit=fields.get("opt_out_digit", ""),
            variables=_variables(fields.get("variables"), fields.get("variable_names")),
        )


_NOTHING_ASKED: Final = CallOptions()
_FIELDS: Final = frozenset({*OPTION_FIELDS, "variables"})


def _seconds(fields: Mapping[str, str], name: str) -> int | None:
    try:
        return int(fields[name]) if name in fields else None
    except ValueError:  # Python's own message would show the value
        raise ValueError(f"{name} is no whole number") from None


def _machine(packed: str | None) -> Machine:
    given = read_object(packed, "machine")
    return Machine(OnMachine(given["on_machine"]), str(given.get("message", ""))) if given else Machine()


def _gather(packed: str | None) -> Gather | None:
    given = read_object(packed, "gather")
    if not given:
        return None
    stated = {name: value for name, value in given.items() if value is not None}  # null was kept once
    given = Gather()._asdict() | stated
    return Gather(int(given["num_digits"]), int(given["timeout_seconds"]), str(given["prompt"]))


def read_object(packed: str | None, name: str) -> dict[str, Any]:
    """What a field holds as JSON; raises ValueError if that is no object."""
    if not packed:
        return {}
    found = json.loads(packed)
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no object")
    return found


def _variables(packed: str | None, names: str | None) -> Mapping[str, str]:
    """Of a campaign's call, values alone, whose names the campaign has: none for who reads the call without it."""
    if names or (packed and packed.startswith("[")):
        given = zip(json.loads(names or "[]"), json.loads(packed or "[]"), strict=False)
        return {name: str(value) for name, value in given if value is not None}
    variables = read_object(packed, "variables")
    if not all(isinstance(value, str) for value in variables.values()):
        raise ValueError("variables is no object of strings")
    return variables
