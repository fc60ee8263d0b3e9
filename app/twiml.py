"""The spoken answers of POST /incoming-call, as TwiML."""

from typing import Final

from twilio.twiml.voice_response import VoiceResponse

from schemas.speech import Speech

THANKS: Final = "Thank you. Goodbye."
NOT_OURS: Final = "This number takes no calls. Goodbye."

#: How long a caller may think before pressing a digit.
GATHER_SECONDS: Final = 8


def spoken(speech: Speech, action_url: str) -> str:
    """Speaks and hangs up; with `gather`, a digit pressed during or after it is posted to `action_url`."""
    answer = VoiceResponse()
    place = answer
    if speech.gather:
        place = answer.gather(num_digits=1, timeout=GATHER_SECONDS, action=action_url, method="POST")
    place.say(speech.text, voice=speech.voice, language=speech.language)
    answer.hangup()
    return str(answer)


def short(text: str) -> str:
    """Says one sentence and hangs up."""
    answer = VoiceResponse()
    answer.say(text)
    answer.hangup()
    return str(answer)
