"""What a call does besides speaking its message, as clients ask for it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from schemas.bodies.fields import whole
from schemas.bodies.part import Part
from schemas.bodies.telling import told
from schemas.options.recorded import LEAST_CALL_SECONDS, MOST_CALL_SECONDS, Gather, OnMachine
from schemas.records import PRIORITIES
from schemas.spoken.template import NAME, PAUSE

MOST_VARIABLES: Final = 20
MOST_VALUE_CHARACTERS: Final = 500

#: https://www.twilio.com/docs/voice/api/call-resource
_SEND_DIGITS: Final = r"^[0-9A-Da-d#*wW]{1,32}$"
_DIGITS_SENTENCE: Final = (
    "Must be 1 to 32 of the keys 0-9, A-D, # and *, w (half a second's pause) and W (one second's)."
)
_OPT_OUT: Final = r"^[0-9*#]$"
_OPT_OUT_SENTENCE: Final = "Must be one key: 0-9, * or #."
MOST_TEXT_CHARACTERS: Final = 3000
_TEXT_SENTENCE: Final = f"Must be 1 to {MOST_TEXT_CHARACTERS} characters long."
_MACHINE_SENTENCE: Final = f"Must be one of: {', '.join(OnMachine)}."
_PRIORITY_SENTENCE: Final = f"Must be one of: {', '.join(PRIORITIES)}."


class Flag(fields.Boolean):
    """true or false, as JSON has them: "yes" and 1 are neither."""

    default_error_messages = {"invalid": "Must be true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Variables(fields.Field[dict[str, str]]):
    """Names and what is spoken for them."""

    default_error_messages = {
        "invalid": "Must be a JSON object.",
        "many": f"Must hold at most {MOST_VARIABLES} variables.",
        "name": f"Must be named with a letter or _ and up to 39 letters, digits and _ more, and not {PAUSE}.",
        "value": f"Must be a string of at most {MOST_VALUE_CHARACTERS} characters.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {
            "type": "object",
            "maxProperties": MOST_VARIABLES,
            "propertyNames": {"pattern": f"^(?!{PAUSE}$){NAME.pattern}$"},
            "additionalProperties": {"type": "string", "maxLength": MOST_VALUE_CHARACTERS},
            "examples": [{"first_name": "Ada", "time": "half past nine"}],
            "description": "What is spoken for {{name}} in message, as text and never as markup",
            **self.metadata,
        }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if len(value) > MOST_VARIABLES:
            raise self.make_error("many")
        if (read := self.read(value)) is not None:
            return read
        faults = {name: [self.error_messages[key]] for name, text in value.items() if (key := _fault(name, text))}
        raise ValidationError(faults)

    @staticmethod
    def read(value: Any) -> dict[str, str] | None:
        """The variables; None if there is a fault."""
        if not isinstance(value, dict) or len(value) > MOST_VARIABLES:
            return None
        for name, text in value.items():
            if _fault(name, text):
                return None
        return value


def _fault(name: str, text: object) -> str | None:
    if not NAME.fullmatch(name) or name == PAUSE:
        return "name"
    return None if isinstance(text, str) and len(text) <= MOST_VALUE_CHARACTERS else "value"


def _text(description: str, example: str) -> fields.String:
    return fields.String(
        validate=validate.Length(1, MOST_TEXT_CHARACTERS, error=_TEXT_SENTENCE),
        error_messages={"invalid": "Must be a string."},
        metadata=told(description, example),
    )


class MachineOptions(Part):
    """What is done when a machine answers instead of a person."""

    on_machine = fields.String(
        required=True,
        validate=validate.OneOf([str(word) for word in OnMachine], error=_MACHINE_SENTENCE),
        error_messages={"invalid": _MACHINE_SENTENCE},
        metadata=told(
            "`speak`: as to a person. `hang_up`: Twilio finds out first, and a machine hears nothing. `leave_message`:"
            " Twilio waits for the beep, and the message is spoken after it; a fax is hung up",
            "leave_message",
        ),
    )
    message = _text(
        "What is left on the machine, with `leave_message`, 1 to 3,000 characters. Default: `call_metadata.message`",
        "This is the clinic. Please call us back.",
    )


class GatherOptions(Part):
    """Keys that the person called is asked for; a machine never is."""

    num_digits = whole(
        1,
        20,
        load_default=Gather().num_digits,
        metadata=told("How many keys, 1 to 20; of several, `#` ends. Default: 1, which may be any key", 1),
    )
    timeout_seconds = whole(
        1,
        60,
        load_default=Gather().timeout_seconds,
        metadata=told("How long the next key is waited for, 1 to 60. Default: 8", 10),
    )
    prompt = _text("What is said behind the message, 1 to 3,000 characters. Default: nothing", "Press 1 to confirm.")


class AnswerOptions(Schema):
    """What is done once somebody, or something, has answered."""

    machine = fields.Nested(
        MachineOptions, metadata={"description": "What is done when a machine answers. Default: it is spoken to"}
    )
    gather = fields.Nested(GatherOptions, metadata={"description": "Keys that are asked for. Default: none"})
    opt_out_digit = fields.String(
        validate=validate.Regexp(re.compile(_OPT_OUT[:-1] + r"\Z", re.ASCII), error=_OPT_OUT_SENTENCE),
        error_messages={"invalid": _OPT_OUT_SENTENCE},
        metadata=told(
            "Key by which the person called puts the number onto your do-not-call list: 0-9, `*` or `#`. Default: none",
            "9",
            pattern=_OPT_OUT,
        ),
    )


class EditableOptions(Schema):
    """How long it rings and lasts, and how soon it goes: that may change while it waits."""

    ring_timeout_seconds = whole(
        15,
        120,
        metadata={
            "description": "How long it rings before it counts as not answered; Twilio's 60 if not given",
            "examples": [30],
        },
    )
    max_call_seconds = whole(
        LEAST_CALL_SECONDS,
        MOST_CALL_SECONDS,
        metadata={
            "description": "After so long Twilio ends the call; at most MAX_CALL_SECONDS, which counts if not given",
            "examples": [600],
        },
    )
    priority = fields.String(
        validate=validate.OneOf(PRIORITIES, error=_PRIORITY_SENTENCE),
        error_messages={"invalid": _PRIORITY_SENTENCE},
        metadata={
            "description": "Which of one client's calls go first; may stand in call_metadata instead",
            "examples": ["normal"],
        },
    )


class LineOptions(AnswerOptions, EditableOptions):
    """What is pressed, and whether it is recorded, besides."""

    send_digits = fields.String(
        validate=validate.Regexp(re.compile(_SEND_DIGITS[:-1] + r"\Z", re.ASCII), error=_DIGITS_SENTENCE),
        error_messages={"invalid": _DIGITS_SENTENCE},
        metadata={
            "description": "Keys that are pressed once it is answered, as for an extension; w and W are pauses",
            "examples": ["ww1234#"],
            "pattern": _SEND_DIGITS,
        },
    )
    record = Flag(
        metadata={
            "description": "Whether Twilio records the call; result.recording_sid then tells which recording it is",
            "examples": [False],
        }
    )
