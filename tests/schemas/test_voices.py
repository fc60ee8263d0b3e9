"""Voices and languages of Twilio's: what is known passes, and what was meant instead is named."""

import pytest

from schemas.spoken.voices import LANGUAGES, knows_language, knows_voice, languages_meant, voice_meant


@pytest.mark.parametrize(
    "name",
    [
        "man",
        "woman",
        "alice",
        "Polly.Joanna",
        "Polly.Joanna-Neural",
        "Polly.Danielle-Generative",
        "Google.en-US-Standard-C",
        "Google.en-AU-Neural2-A",
        "Google.cmn-CN-Wavenet-D",
        "Google.de-DE-Chirp3-HD-Aoede",
        "Google.fil-PH-Standard-A",
    ],
)
def test_a_voice_that_twilio_documents_is_known(name: str) -> None:
    assert knows_voice(name)


@pytest.mark.parametrize(
    "name",
    ["Polly.Nobody", "Polly.Joanna-Loud", "Joanna", "Google.xx-XX-Standard-A", "Google.en-US", "Mary", "string", ""],
)
def test_another_voice_is_not_known(name: str) -> None:
    assert not knows_voice(name)


@pytest.mark.parametrize("name", [*LANGUAGES, "EN-us", "en-gb"])
def test_a_language_is_known_in_capitals_or_not(name: str) -> None:
    assert knows_language(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Spanish", "es-ES, es-MX or es-US"),
        ("es_MX", "es-MX"),
        ("es-AR", "es-ES, es-MX or es-US"),
        ("English", "en-AU, en-CA or en-GB"),
        ("german", "de-AT, de-CH or de-DE"),
        ("Klingon", ""),
        ("", ""),
    ],
)
def test_the_languages_that_were_meant_are_named(name: str, meant: str) -> None:
    assert not knows_language(name)
    assert languages_meant(name) == meant


@pytest.mark.parametrize(("name", "meant"), [("joanna", "Polly.Joanna"), ("polly.AMY", "Polly.Amy"), ("Man", "man")])
def test_the_voice_that_was_meant_is_named(name: str, meant: str) -> None:
    assert voice_meant(name) == meant
