"""The spoken answer as TwiML."""

from functools import lru_cache

from twilio.twiml.voice_response import VoiceResponse

from schemas.spoken.speech import Speech
from schemas.spoken.voicing import speak


@lru_cache(maxsize=128)  # most calls of a campaign say the same
def inline_twiml(speech: Speech) -> str:
    """TwiML that speaks and hangs up, to be sent along with the call."""
    answer = VoiceResponse()
    speak(answer, speech)
    answer.hangup()
    return str(answer)
