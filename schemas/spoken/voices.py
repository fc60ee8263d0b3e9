"""
What Twilio's <Say> is known to speak with, and in.

Sources: https://www.twilio.com/docs/voice/twiml/say/text-speech and
https://docs.aws.amazon.com/polly/latest/dg/available-voices.html. Both grow, so that a name which is not here is worth
a warning and no more. Of a voice of Google's, and of what comes behind the name of one of Amazon's, only the form is
known.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

AS_OF: Final = "2026-11-27"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_BASIC: Final = ("man", "woman", "alice")
_POLLY: Final = _words(
    """
    Aditi Adriano Alba Ambre Amy Andres Aria Arlet Arthur Astrid Ayanda Beatrice Bianca Brian Burcu Camila Carla Carmen
    Celine Chantal Conchita Cristiano Daniel Danielle Dora Elin Emma Enrique Ewa Filiz Florian Gabrielle Geraint Giorgio
    Gregory Gwyneth Hala Hannah Hans Hiujin Ida Ines Isabelle Ivy Jacek Jan Jasmine Jihye Jitka Joanna Joey Justin Kajal
    Karl Kazuha Kendra Kevin Kimberly Laura Lea Lennart Liam Lisa Liv Lorenzo Lotte Lucia Lupe Mads Maja Marlene Mathieu
    Matthew Maxim Mia Miguel Mizuki Naja Niamh Nicole Ola Olivia Patrick Pedro Penelope Raul Raveena Remi Ricardo Ruben
    Russell Ruth Sabrina Salli Seoyeon Sergio Sofie Stephen Suvi Takumi Tatyana Thiago Tiffany Tomoko Vicki Vitoria Zayd
    Zeina Zhiyu
    """
)
_ENGINE: Final = r"(-Neural|-Generative|-LongForm|-Long-Form)?"
_GOOGLE: Final = re.compile(r"Google\.([a-z]{2,3}-[A-Z]{2})-([A-Z][A-Za-z0-9]*-)+[A-Z][A-Za-z]*", re.ASCII)

#: What <Say> takes as its language; the basic voices take the first six besides.
LANGUAGES: Final = _words(
    """
    de en en-gb es fr it
    af-ZA am-ET ar-AE ar-XA arb bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-AT de-CH de-DE el-GR en-AU en-CA
    en-GB en-GB-WLS en-IE en-IN en-NZ en-SG en-US en-ZA es-ES es-MX es-US et-EE eu-ES fi-FI fil-PH fr-BE fr-CA fr-FR
    gl-ES gu-IN he-IL hi-IN hr-HR hu-HU id-ID is-IS it-IT ja-JP kn-IN ko-KR lt-LT lv-LV ml-IN mr-IN ms-MY nb-NO nl-BE
    nl-NL pa-IN pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sl-SI sr-RS sv-SE sw-KE ta-IN te-IN th-TH tr-TR uk-UA ur-IN vi-VN
    yue-CN yue-HK zh-CN zh-HK zh-TW
    """
)
_KNOWN_LANGUAGES: Final = frozenset(name.lower() for name in LANGUAGES)
_WITH_PLACE: Final = tuple(name for name in LANGUAGES if name[-1].isupper())
#: How people call what they want spoken, where its code is not its beginning.
_CODES: Final = {
    "german": "de", "deutsch": "de", "spanish": "es", "español": "es", "castilian": "es", "swedish": "sv",
    "chinese": "cmn", "mandarin": "cmn", "cantonese": "yue", "japanese": "ja", "polish": "pl", "portuguese": "pt",
    "turkish": "tr", "dutch": "nl", "greek": "el", "czech": "cs", "welsh": "cy", "hebrew": "he", "croatian": "hr",
    "norwegian": "nb", "korean": "ko", "danish": "da", "indonesian": "id", "icelandic": "is", "malay": "ms",
}  # fmt: skip
_SOME: Final = 3


def knows_voice(name: str) -> bool:
    """Whether it is a voice of Twilio's, as far as is known."""
    return name in _BASIC or _POLLY_VOICE.fullmatch(name) is not None or _is_googles(name)


def knows_language(name: str) -> bool:
    """Whether it is a language of Twilio's, as far as is known."""
    return name.lower() in _KNOWN_LANGUAGES


@lru_cache(maxsize=256)
def voice_meant(name: str) -> str:
    """A voice that was perhaps meant; '' if none is like it."""
    plain = name.lower().removeprefix("polly.")
    if plain in _BASIC:
        return plain
    return next((f"Polly.{voice}" for voice in sorted(_POLLY) if voice.lower() == plain), "")


@lru_cache(maxsize=256)
def languages_meant(name: str) -> str:
    """Up to three languages that were perhaps meant, as one names them in a sentence; '' if none is like it."""
    *others, last = list(_languages_meant(name.strip().lower().replace("_", "-")))[:_SOME] or [""]
    return f"{', '.join(others)} or {last}" if others else last


def _languages_meant(plain: str) -> Iterator[str]:
    exactly = [language for language in _WITH_PLACE if language.lower() == plain]
    code = _CODES.get(plain) or plain.partition("-")[0][:2]
    yield from exactly or (language for language in _WITH_PLACE if language.startswith(f"{code}-"))


def _is_googles(name: str) -> bool:
    found = _GOOGLE.fullmatch(name)
    return found is not None and found[1] in LANGUAGES


_POLLY_VOICE: Final = re.compile(rf"Polly\.({'|'.join(sorted(_POLLY))}){_ENGINE}", re.ASCII)
