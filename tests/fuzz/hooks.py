"""
What Schemathesis is told besides the document: who Twilio is, which rules no schema can say, what an error looks like.

It loads this by name, in a process of its own; see tests/fuzz/document.py.
"""

import os
import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import available_timezones

import requests
import schemathesis

from app.http.idempotency import HEADER as KEY_HEADER
from app.http.idempotency import LIMIT_CHARACTERS
from app.paths import STREAM_PATH
from app.security.signature import HEADER, sign
from schemas.e164 import E164
from schemas.moment import MOMENT
from schemas.numbers.emergency import EMERGENCY_NUMBERS
from schemas.options.recorded import MOST_CALL_SECONDS
from schemas.spoken.template import NAME
from tests.fuzz.addresses import by_address
from tests.fuzz.shape import fault_of
from tests.processes import AUTH_TOKEN, FROM_NUMBER

#: Name of the variable by which this process learns of the server's keys.
KEYS_VARIABLE: Final = "FUZZED_SERVER_HAS_KEYS"
PUBLIC_BASE_URL: Final = "https://calls.example.com"

_ZONES: Final = available_timezones()
#: A field -> those that must not be given beside it.
_EXCLUDE: Final = {
    "phone_numbers": {"recipients"},
    "from_number": {"from_numbers"},
    "webhook_url": {"machine", "gather", "opt_out_digit", "send_digits"},
    "machine": {"send_digits"},
    "delay_seconds": {"schedule_time", "timezone"},
}
#: A field -> what of the metadata must not be given beside it.
_SAID_BY_METADATA: Final = {"priority": "priority", "machine": "machine_detection", "gather": "gather_input"}
_MOST_CALL_SECONDS: Final = 3600  #: the default of MAX_CALL_SECONDS
_CALLED: Final = "+12025550123"  #: in place of a number that would call itself


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """What Twilio posts is tried too; on a server with keys, "none" is no way to be let in."""
    raw_schema["paths"] = by_address(raw_schema)
    del raw_schema["paths"][STREAM_PATH]  # whose answer ends when one leaves; tests/app/test_stream.py tries it
    if os.environ[KEYS_VARIABLE]:
        raw_schema["security"] = [need for need in raw_schema["security"] if need]


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Comes from another address each time, for wrong keys are counted; signs every other webhook as Twilio does."""
    case.headers = dict(case.headers or {})
    case.body = _within_rules(case.body)
    key = str(case.headers.get(KEY_HEADER, ""))
    if len(key) > LIMIT_CHARACTERS or key != key.strip():
        case.headers[KEY_HEADER] = "k" * (LIMIT_CHARACTERS + 1)  # quotes, parameters and blanks around it do not count
    case.headers["X-Forwarded-For"] = ".".join(str(random.randint(1, 254)) for _ in range(4))
    if HEADER in case.headers and random.random() < 0.5:
        sent = requests.Request(**case.as_transport_kwargs(base_url=PUBLIC_BASE_URL)).prepare()
        text = sent.body.decode("utf-8", "replace") if isinstance(sent.body, bytes) else str(sent.body or "")
        case.headers[HEADER] = sign(sent.url or "", parse_qsl(text, keep_blank_values=True), AUTH_TOKEN)


@schemathesis.check
def error_shape(ctx: Any, response: Any, case: Any) -> None:
    """Every error is JSON of one shape."""
    if response.status_code >= 400:
        fault = fault_of(response.status_code, response.headers["content-type"][0], response.content)
        assert not fault, fault


def _within_rules(body: Any) -> Any:
    """Makes what follows the schema also follow the rules that it cannot say; what breaks it stays as it is."""
    if not isinstance(body, dict):
        return body
    body = dict(body)
    moment, zone = body.get("schedule_time"), body.get("timezone")
    if isinstance(moment, str) and MOMENT.fullmatch(moment):
        soon = datetime.now(UTC) + timedelta(days=2 + len(str(body)) % 300)
        body["schedule_time"] = soon.isoformat(timespec="seconds")[:19] + random.choice(
            ["Z", "+05:30", ".25-0800", ".1234567Z", ",5+05"]
        )
    if isinstance(zone, str) and zone not in _ZONES:
        body["timezone"] = "Asia/Kolkata"
    caller = str(body.get("from_number", FROM_NUMBER))
    never = EMERGENCY_NUMBERS | ({caller} if E164.fullmatch(caller) else set())
    if str(body.get("to_number")) in never:
        body["to_number"] = _CALLED
    if isinstance(numbers := body.get("phone_numbers"), list):
        body["phone_numbers"] = [_CALLED if str(number) in never else number for number in numbers]
    return _without_what_excludes(body)


def _retry_within_rules(retry: dict[str, Any]) -> dict[str, Any]:
    """No machine where nobody looks for one, and no window, for there may be none."""
    retry = {name: value for name, value in retry.items() if not (name == "next_window" and value is True)}
    if isinstance(outcomes := retry.get("on"), list):
        retry["on"] = ["busy" if one == "machine" else one for one in outcomes]
    return retry


def _without_what_excludes(body: dict[str, Any]) -> dict[str, Any]:
    """Of fields that exclude each other, those that come first."""
    for first, others in _EXCLUDE.items():
        if first in body:
            body = {name: value for name, value in body.items() if name not in others}
    if isinstance(metadata := body.get("call_metadata"), dict):
        twice = {its for name, its in _SAID_BY_METADATA.items() if body.get(name) is not None}
        body["call_metadata"] = {name: value for name, value in metadata.items() if name not in twice}
    if isinstance(seconds := body.get("max_call_seconds"), int | float) and seconds > _MOST_CALL_SECONDS:
        body["max_call_seconds"] = _MOST_CALL_SECONDS if seconds <= MOST_CALL_SECONDS else seconds
    if isinstance(retry := body.get("retry"), dict):
        body["retry"] = _retry_within_rules(retry)
    if isinstance(windows := body.get("calling_windows"), dict) and isinstance(windows.get("timezone", ""), str | None):
        body["calling_windows"] = windows | {"timezone": "Asia/Kolkata"}
    if isinstance(machine := body.get("machine"), dict) and machine.get("on_machine") != "leave_message":
        body["machine"] = {name: value for name, value in machine.items() if name != "message"}
    if isinstance(variables := body.get("variables"), dict):
        body["variables"] = {name: value for name, value in variables.items() if NAME.fullmatch(name)}
    if "expires_at" in body:
        body["expires_at"] = (datetime.now(UTC) + timedelta(days=360)).isoformat()
    return body
