"""What the request that creates a call says besides its numbers, as Twilio's SDK spells it."""

from typing import Any, Final

from schemas.options.recorded import OnMachine
from schemas.records import CallRecord
from schemas.spoken.speech import DEFAULT_TEXT, Speech
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH, MACHINE_DETECTION, own_url
from worker.twilio.twiml import inline_twiml

#: What finds out in time for what is to be done when a machine answers, in the words of metadata.
_DETECTION: Final = {OnMachine.HANG_UP: "enable", OnMachine.LEAVE_MESSAGE: "detect_message_end"}

EVENTS: Final = ["initiated", "ringing", "answered", "completed"]


def parameters(
    call: CallRecord, public_base_url: str, max_call_seconds: int, default_message: str = DEFAULT_TEXT
) -> dict[str, Any]:
    """How long the call may last, what to do when it is answered, where its news go, and whether machines are told."""
    return {
        "time_limit": min(max_call_seconds, call.options.max_call_seconds or max_call_seconds),
        **_answer_parameters(call, public_base_url, default_message),
        **_callback_parameters(call, public_base_url),
        **_detection_parameters(call),
        **_line_parameters(call, public_base_url),
    }


def parameters_of_client(call: CallRecord, public_base_url: str) -> frozenset[str]:
    """Names of the parameters whose URLs the client gave: all others are ours."""
    given = {"url": call.webhook_url, "status_callback": "" if public_base_url else call.status_callback_url}
    return frozenset(name for name, value in given.items() if value)


def _answer_parameters(call: CallRecord, public_base_url: str, default_message: str) -> dict[str, Any]:
    if call.webhook_url:
        return {"url": call.webhook_url}
    if public_base_url:
        return {"url": own_url(public_base_url, INCOMING_CALL_PATH, call.id, call.attempt_number)}
    return {"twiml": inline_twiml(Speech.of(call.metadata, default_message, call.options.variables))}


def _callback_parameters(call: CallRecord, public_base_url: str) -> dict[str, Any]:
    url = call.status_callback_url
    if public_base_url:
        url = own_url(public_base_url, CALL_STATUS_PATH, call.id, call.attempt_number)
    return {"status_callback": url, "status_callback_event": EVENTS} if url else {}


def _detection_parameters(call: CallRecord) -> dict[str, Any]:
    """
    What makes Twilio find out who answers before it runs any TwiML: a message is to be spoken to a person, or after a
    machine's beep, and who answered comes with the request for the TwiML.

    Source: https://www.twilio.com/docs/voice/answering-machine-detection
    """
    wanted = _DETECTION.get(call.options.machine.on_machine) or str(call.metadata.get("machine_detection"))
    detection = MACHINE_DETECTION.get(wanted)
    return {"machine_detection": detection} if detection else {}


def _line_parameters(call: CallRecord, public_base_url: str) -> dict[str, Any]:
    """How long it rings, what is pressed, and whether it is recorded; which recording that is, Twilio tells then."""
    options = call.options
    wanted = {"timeout": options.ring_timeout_seconds, "send_digits": options.send_digits, "record": options.record}
    told = {name: value for name, value in wanted.items() if value}
    if options.record and public_base_url:
        told["recording_status_callback"] = own_url(public_base_url, CALL_STATUS_PATH, call.id, call.attempt_number)
    return told
