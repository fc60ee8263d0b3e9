"""What happens on the line after the answer: TwiML is read and heard, digits are pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from simulator.calls.call import Call
from simulator.calls.clock import Clock
from simulator.calls.script import HUMAN
from simulator.form.parameter import Document
from simulator.form.url import is_url
from simulator.line.speech import unspoken
from simulator.line.twiml import TwimlError, Verb, read_twiml
from simulator.webhooks.call_fields import Fields, voice_fields
from simulator.webhooks.signature import Signer
from simulator.webhooks.webhook import LONGEST_BODY_BYTES, WebhookAnswer, Webhooks

MOST_DOCUMENTS = 50
MOST_REPEATS = 100
SPOKEN_CHARACTERS_PER_SECOND = 15.0
PRESS_AFTER_SECONDS = 0.5
#: What the keys of SendDigits take: two of them are pauses.
TONE_SECONDS = 0.1
KEY_SECONDS = {"w": 0.5, "W": 1.0}
CONTENT_TYPES = ("text/xml", "application/xml")
FAILURE_CODES = {"ct": 11205, "dns": 11210, "redirects": 11215}
NOT_IMITATED = frozenset(
    {"Conference", "Connect", "Dial", "Enqueue", "Leave", "Pay", "Prompt", "Record", "Refer"}
    | {"Reject", "Siprec", "Sms", "Start", "Stop", "Stream", "Transcription"}
)


@dataclass(frozen=True, slots=True)
class _Next:
    """The document to go on with, and the digits it is told about; no document: the call ends."""

    document: Document | None
    digits: str | None = None


class Conversation:
    """Executes one call's TwiML. With a scripted length of the call speech takes no time, so that
    all of it is heard; a call that lasts as long as its TwiML takes time to speak."""

    def __init__(
        self,
        call: Call,
        clock: Clock,
        webhooks: Webhooks,
        signer: Signer,
        on_heard: Callable[[Call, str], None],
        on_error: Callable[[Call, int, str, str], None],
    ) -> None:
        self._call = call
        self._clock = clock
        self._webhooks = webhooks
        self._signer = signer
        self._on_heard = on_heard
        self._on_error = on_error
        self._speech_takes_time = call.script.talk_seconds is None
        self._digits_left = call.script.digits if call.script.answered_by == HUMAN else ""
        self._base_url = ""

    async def send_digits(self) -> None:
        """Press the keys that the request wants pressed as soon as somebody answers: an extension."""
        digits = self._call.request.send_digits
        if digits:
            self._hear(f"SendDigits: {digits}")
            await self._clock.sleep(sum(KEY_SECONDS.get(key, TONE_SECONDS) for key in digits))

    async def run(self, start: Document) -> None:
        """Read documents until one ends the call or none follows."""
        following = _Next(start)
        for _ in range(MOST_DOCUMENTS):
            if following.document is None:
                return
            try:
                verbs = await self._verbs_of(following.document, following.digits)
                following = await self._execute(verbs)
            except TwimlError as error:
                self._note_error(error.code, error.message, self._base_url)
                self._hear("Say: We are sorry, an application error has occurred. Goodbye.")
                return
        self._note_error(12200, f"more than {MOST_DOCUMENTS} documents in one call", self._base_url)

    async def _verbs_of(self, document: Document, digits: str | None) -> list[Verb]:
        if not document.url:
            return read_twiml(document.twiml.encode()) if document.twiml else []
        extra = [] if digits is None else [("Digits", digits)]
        self._base_url = document.url
        try:
            return await self._fetch(document, extra)
        except TwimlError as error:
            fallback = self._call.fallback
            if not fallback.url:
                raise
            self._note_error(error.code, error.message, document.url)
            self._base_url = fallback.url
            extra += [("ErrorCode", str(error.code)), ("ErrorUrl", document.url)]
            return await self._fetch(fallback, extra)

    async def _fetch(self, document: Document, extra: Fields) -> list[Verb]:
        fields = voice_fields(self._call, self._call.status) + extra
        answer = await self._webhooks.send(document.url, document.method, fields, self._signer)
        return read_twiml(_checked(answer))

    async def _execute(self, verbs: list[Verb]) -> _Next:
        for verb in verbs:
            if verb.name in ("Say", "Play", "Pause"):
                await self._sound(verb)
            elif verb.name == "Gather":
                following = await self._gather(verb)
                if following is not None:
                    return following
            elif verb.name == "Redirect":
                target = self._target(verb, verb.spoken(), Document(url=self._base_url))
                self._hear(f"Redirect: {target.url}")
                return _Next(target)
            elif verb.name == "Hangup":
                self._hear("Hangup")
                return _Next(None)
            elif verb.name in NOT_IMITATED:
                self._hear(f"{verb.name}: not imitated by the simulator")
            else:
                self._note_error(12200, f"<{verb.name}> is no TwiML verb", self._base_url)
        return _Next(None)

    async def _sound(self, verb: Verb) -> None:
        if verb.name == "Pause":
            seconds = verb.number("length", 1)
            self._hear(f"Pause: {seconds:g} s")
            await self._clock.sleep(seconds)
            return
        text = verb.spoken()
        if verb.name == "Say":
            self._note_voice(verb)
            if warning := unspoken(text, verb.attributes.get("voice", "")):
                self._note_error(*warning, self._base_url)
                return
        # loop="0" means for ever.
        loop = int(verb.number("loop", 1)) or MOST_REPEATS
        for _ in range(min(loop, MOST_REPEATS)):
            self._hear(f"{verb.name}: {text}")
            if self._speech_takes_time:
                await self._clock.sleep(len(text) / SPOKEN_CHARACTERS_PER_SECOND)

    def _note_voice(self, say: Verb) -> None:
        for attribute, noted in (("voice", self._call.voices), ("language", self._call.languages)):
            name = say.attributes.get(attribute) or "default"
            if name not in noted:
                noted.append(name)

    async def _gather(self, gather: Verb) -> _Next | None:
        for verb in gather.children:
            if verb.name in ("Say", "Play", "Pause"):
                await self._sound(verb)
        digits = self._press(gather)
        if digits:
            await self._clock.sleep(PRESS_AFTER_SECONDS)
            self._call.digits_pressed += digits
            self._hear(f"Gather: pressed {digits}")
        else:
            await self._clock.sleep(gather.number("timeout", 5))
            self._hear("Gather: nothing pressed")
            if gather.attributes.get("actionOnEmptyResult") != "true":
                return None
        finish = gather.attributes.get("finishOnKey", "#")
        action = gather.attributes.get("action", "")
        if not action and not self._base_url:
            return None
        here = Document(url=self._base_url)
        told = digits.rstrip(finish) if finish else digits
        return _Next(self._target(gather, action, here), told)

    def _press(self, gather: Verb) -> str:
        """Take the keys this Gather accepts from those the callee is going to press."""
        if "dtmf" not in gather.attributes.get("input", "dtmf"):
            return ""
        finish = gather.attributes.get("finishOnKey", "#")
        most = int(gather.number("numDigits", 0)) or len(self._digits_left)
        taken = self._digits_left[:most]
        for position, key in enumerate(taken):
            if finish and key in finish:
                taken = taken[: position + 1]
                break
        self._digits_left = self._digits_left[len(taken) :]
        return taken

    def _target(self, verb: Verb, address: str, here: Document) -> Document:
        method = verb.attributes.get("method", "POST").upper()
        url = urljoin(self._base_url, address) if address else here.url
        if not is_url(url):
            raise TwimlError(11100, f"invalid URL in <{verb.name}>: {address}")
        return replace(here, url=url, method="GET" if method == "GET" else "POST")

    def _hear(self, line: str) -> None:
        self._call.heard.append(line)
        self._on_heard(self._call, line)

    def _note_error(self, code: int, message: str, url: str) -> None:
        self._on_error(self._call, code, message, url)


def _checked(answer: WebhookAnswer) -> bytes:
    """The TwiML in an answer, or the error Twilio logs for it."""
    if answer.failure is not None:
        raise TwimlError(FAILURE_CODES.get(answer.failure, 11200), f"no answer: {answer.failure}")
    if not answer.accepted:
        raise TwimlError(11200, f"got HTTP {answer.http_status} to {answer.url}")
    if len(answer.body) > LONGEST_BODY_BYTES:
        raise TwimlError(11750, "TwiML response body too large")
    if answer.content_type not in CONTENT_TYPES:
        raise TwimlError(12300, f"invalid content type: {answer.content_type}")
    return answer.body
