"""What a client wants done once somebody, or something, has answered: whether that can be."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.calls.wording import longest_variables
from schemas.bodies.metadata import PackedMetadata
from schemas.options.recorded import OnMachine
from schemas.spoken.speech import Speech, Twiml
from schemas.spoken.template import fault

Faults = dict[str, list[str]]

#: In the order in which faults are told.
OF_ANSWER: Final = ("machine", "gather", "opt_out_digit")

_NEEDS_US: Final = "Must not be given without PUBLIC_BASE_URL: nothing would reach this service."
_NEEDS_OUR_ANSWER: Final = "Must not be given beside webhook_url, which tells what is done with the answered call."
_NO_DETECTION: Final = "Must not be given beside send_digits: Twilio detects nothing where it presses keys."
TWICE: Final = "Must not be given beside call_metadata.{}, which says something else."
_ENDS_KEYS: Final = "Must not be # beside a gather of several keys, which # ends: pressed alone it would be none."
_NOTHING_LEFT: Final = "Must not be given unless on_machine is leave_message."


def answer_faults(body: Mapping[str, Any], metadata: PackedMetadata, *, has_webhook: bool, inline: bool) -> Faults:
    """What is wrong with machine, gather and opt_out_digit: field -> sentences."""
    given = [name for name in OF_ANSWER if name in body]
    if not given:
        return {}
    if has_webhook or inline:
        return {name: [_NEEDS_OUR_ANSWER if has_webhook else _NEEDS_US] for name in given}
    faults = dict(_clashes(body, metadata.values))
    variables = longest_variables(body)
    for path, text in _texts(body):
        if sentence := fault(text, variables):
            faults[path] = [sentence]
    if not faults and (sentence := prompt_fault(body.get("gather", {}).get("prompt"), metadata.values, variables)):
        faults["gather.prompt"] = [sentence]
    if not faults and (sentence := left_fault(body.get("machine", {}).get("message"), metadata.values, variables)):
        faults["machine.message"] = [sentence]
    return faults


def _clashes(body: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    machine = body.get("machine")
    if machine and "send_digits" in body:
        yield "machine", [_NO_DETECTION]
    if machine and metadata.get("machine_detection"):
        yield "machine", [TWICE.format("machine_detection")]
    if machine and "message" in machine and machine["on_machine"] != OnMachine.LEAVE_MESSAGE:
        yield "machine.message", [_NOTHING_LEFT]
    if body.get("opt_out_digit") == "#" and body.get("gather", {}).get("num_digits", 1) > 1:
        yield "opt_out_digit", [_ENDS_KEYS]
    if "gather" in body and metadata.get("gather_input"):
        yield "gather", [TWICE.format("gather_input")]


def _texts(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, field in (("machine", "message"), ("gather", "prompt")):
        if text := body.get(name, {}).get(field):
            yield f"{name}.{field}", text


def prompt_fault(prompt: str | None, metadata: Mapping[str, Any], variables: Mapping[str, str]) -> str | None:
    """Why Twilio would not speak all of the prompt. The message by itself was found to fit."""
    if not prompt or _is_spoken(f"{metadata.get('message') or ''} {prompt}", metadata, variables):
        return None
    return "Must be shorter: with call_metadata.message before it, it is more than Twilio speaks."


def left_fault(text: str | None, metadata: Mapping[str, Any], variables: Mapping[str, str]) -> str | None:
    """Why Twilio would not speak all of what is left on a machine."""
    if not text or _is_spoken(text, metadata, variables):
        return None
    return "Must be shorter: with what its variables stand for it is more than Twilio speaks."


def _is_spoken(text: str, metadata: Mapping[str, Any], variables: Mapping[str, str]) -> bool:
    speech = Speech.of({**metadata, "message": text}, variables=variables)
    return speech.most_characters(Twiml.FETCHED) is None
