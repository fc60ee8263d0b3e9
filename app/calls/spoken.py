"""Whether what a call is to say can be said, and what of its metadata will not be heard."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from schemas.bodies.metadata import MEANT_KEYS
from schemas.hints.nearest import nearest
from schemas.hints.shown import shown
from schemas.spoken import voices
from schemas.spoken.speech import Speech, Twiml, name_of, unspeakable
from schemas.spoken.template import BRACES, fault

#: So short a message fits whatever is in it.
_SURELY_FITS_CHARACTERS: Final = 200

#: Nothing longer is one of the keys but for a letter.
_LONGEST_MISSPELT_CHARACTERS: Final = 1 + max(map(len, MEANT_KEYS))

_SPOKEN_KEYS: Final = ("message", "voice", "language", "gather_input")


def surely_fits(metadata: Mapping[str, Any]) -> bool:
    """Whether the message can be spoken, whatever variables there are."""
    message = metadata.get("message") or ""
    return len(message) <= _SURELY_FITS_CHARACTERS and BRACES not in message


def message_fault(metadata: Mapping[str, Any], variables: Mapping[str, str], *, inline: bool) -> str | None:
    """Why Twilio would not speak all of the message, as a sentence; `inline` if its TwiML goes along with the call."""
    message = metadata.get("message") or ""
    if template_fault := fault(message, variables):
        return template_fault
    if len(message) + sum(map(len, variables.values())) * message.count(BRACES) <= _SURELY_FITS_CHARACTERS:
        return None
    most = Speech.of(metadata, variables=variables).most_characters(Twiml.INLINE if inline else Twiml.FETCHED)
    if most is None:
        return None
    remedy = "; with PUBLIC_BASE_URL, by which Twilio fetches it, it may be longer" if inline else ""
    written = "with what its variables stand for" if variables else "as it is written"
    return f"Must be at most {most} characters long, {written}, for all of it to be spoken{remedy}."


def warnings(metadata: Mapping[str, Any], *, has_webhook: bool, inline: bool) -> list[str]:
    """What of the metadata is about the spoken answer and yet has no effect, in sentences."""
    if not metadata:
        return []
    told = list(_misspelt(metadata))
    if has_webhook:
        given = (key for key in _SPOKEN_KEYS if metadata.get(key))
        return told + [f"call_metadata.{key} has no effect: webhook_url tells what is said." for key in given]
    if inline and metadata.get("gather_input"):
        told.append(
            "call_metadata.gather_input has no effect: without PUBLIC_BASE_URL no pressed key reaches the service."
        )
    for key in ("voice", "language"):
        if not (name := metadata.get(key)):
            continue
        if name_of(name) is None:
            told.append(f"call_metadata.{key} has no effect: it is no name of a {key}.")
        else:
            told += _unknown(key, name)
    if unspeakable(metadata.get("message") or ""):
        told.append("call_metadata.message holds characters that cannot be spoken; they are left out.")
    return told


def _misspelt(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Keys that are but for a letter one that means something, and is not there itself; the first one of each."""
    missing = None
    for key in metadata:
        if len(key) > _LONGEST_MISSPELT_CHARACTERS or not _is_misspelt(key):
            continue
        missing = [one for one in MEANT_KEYS if metadata.get(one) is None] if missing is None else missing
        if meant := nearest(key, missing):
            missing.remove(meant)
            yield f"call_metadata.{key} means nothing to this service: perhaps {meant} was meant."


@lru_cache(maxsize=1024)
def _is_misspelt(key: str) -> bool:
    """Clients send the same few keys again and again."""
    return key not in MEANT_KEYS and nearest(key, MEANT_KEYS) is not None


def _unknown(key: str, name: str) -> Iterator[str]:
    """If Twilio has no such voice or language, as far as is known."""
    is_known = voices.knows_voice if key == "voice" else voices.knows_language
    if is_known(name):
        return
    meant = voices.voice_meant(name) if key == "voice" else voices.languages_meant(name)
    remedy = f"; perhaps {meant} was meant" if meant else ""
    yield (
        f"call_metadata.{key} {shown(name)} is no {key} of Twilio's as far as is known (on {voices.AS_OF}),"
        f" so that it may be spoken in another or not at all{remedy}."
    )
