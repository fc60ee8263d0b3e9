"""The spoken answers of POST /incoming-call, as TwiML."""

from dataclasses import replace
from typing import Final

from twilio.twiml.voice_response import VoiceResponse

from schemas.options.recorded import Gather, OnMachine
from schemas.records import CallRecord
from schemas.spoken.speech import Speech
from schemas.spoken.voicing import speak

THANKS: Final = "Thank you. Goodbye."
NOT_OURS: Final = "This number takes no calls. Goodbye."
OPTED_OUT: Final = "You will not be called again. Goodbye."
NOT_NOTED: Final = "We could not note what you pressed. Please call us again. Goodbye."

#: How long a caller may think before pressing a digit; and, if there is nothing to answer, before opting out.
GATHER_SECONDS: Final = 8
OPT_OUT_SECONDS: Final = 4

_MACHINE, _FAX = "machine", "fax"


def answer_to(call: CallRecord, answered_by: str, default_message: str, action_url: str) -> str:
    """What whoever answered is told; a machine is asked for no key, and nobody hears of a call that was cancelled."""
    if call.hang_up:
        return hung_up()
    options = call.options
    by_machine, by_fax = answered_by.startswith(_MACHINE), answered_by.startswith(_FAX)
    on_machine = options.machine.on_machine
    if (by_fax and on_machine is not OnMachine.SPEAK) or (by_machine and on_machine is OnMachine.HANG_UP):
        return hung_up()
    metadata = call.metadata
    if by_machine and options.machine.message:
        metadata = metadata | {"message": options.machine.message}
    speech = Speech.of(metadata, default_message, options.variables)
    if by_machine or by_fax:
        return spoken(replace(speech, gather=False), action_url)
    prompt = Speech.of({"message": options.gather.prompt}, "", options.variables) if options.gather else None
    if prompt:
        speech = replace(speech, pieces=speech.pieces + prompt.pieces)
    return spoken(speech, action_url, options.gather or _opting_out(call))


def _opting_out(call: CallRecord) -> Gather | None:
    """One key, if there is nothing else to press."""
    if not call.options.opt_out_digit:
        return None
    return Gather(timeout_seconds=GATHER_SECONDS if call.metadata.get("gather_input") else OPT_OUT_SECONDS)


def spoken(speech: Speech, action_url: str, gather: Gather | None = None) -> str:
    """
    Speaks and hangs up; with `gather`, keys that are pressed during or after it are posted to `action_url`.

    If one key is wanted, every key is one; of several, `#` ends.
    """
    answer = VoiceResponse()
    place = answer
    if gather:
        place = answer.gather(
            num_digits=gather.num_digits,
            timeout=gather.timeout_seconds,
            finish_on_key="" if gather.num_digits == 1 else "#",
            action=action_url,
            method="POST",
        )
    elif speech.gather:
        place = answer.gather(num_digits=1, timeout=GATHER_SECONDS, action=action_url, method="POST")
    speak(place, speech)
    answer.hangup()
    return str(answer)


def short(text: str) -> str:
    """Says one sentence and hangs up."""
    answer = VoiceResponse()
    answer.say(text)
    answer.hangup()
    return str(answer)


def hung_up() -> str:
    """Hangs up without a word."""
    answer = VoiceResponse()
    answer.hangup()
    return str(answer)
