"""A speech in the verbs of TwiML."""

from typing import Any, Protocol

from schemas.spoken.speech import Speech
from schemas.spoken.template import Pause


class Place(Protocol):
    """What verbs can be put into: a response, or what waits for keys meanwhile."""

    def say(self, message: Any = None, voice: Any = None, *, language: Any = None) -> Any:
        """Speaks."""

    def pause(self, length: Any = None) -> Any:
        """Is silent for so many seconds."""


def speak(place: Place, speech: Speech) -> None:
    """Says all of it."""
    for piece in speech.pieces:
        if isinstance(piece, Pause):
            place.pause(length=piece.seconds)
        else:
            place.say(piece, voice=speech.voice, language=speech.language)
