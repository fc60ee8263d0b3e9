"""The spoken answer as TwiML."""

from twilio.twiml.voice_response import VoiceResponse

from schemas.speech import Speech


def inline_twiml(speech: Speech) -> str:
    """TwiML that speaks and hangs up, to be sent along with the call."""
    answer = VoiceResponse()
    answer.say(speech.text, voice=speech.voice, language=speech.language)
    answer.hangup()
    return str(answer)
