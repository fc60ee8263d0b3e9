"""What `<Say>` speaks at once; a text that is empty or too long is passed over without a word.

https://www.twilio.com/docs/api/errors/13520 and https://www.twilio.com/docs/api/errors/13521
"""

from __future__ import annotations

from urllib.parse import quote

#: Kind of voice -> the most bytes of a text; the basic voices have no kind.
MOST_BYTES = {"Polly": 3000, "Google": 5000}
MOST_BYTES_BASIC = 4096
MOST_ENCODED_CHARACTERS = 4500


def unspoken(text: str, voice: str) -> tuple[int, str] | None:
    """Twilio's warning, code and message, why nothing of it is heard; None if all of it is."""
    if not text:
        return 13520, "Say: Invalid text"
    most = MOST_BYTES.get(voice.partition(".")[0], MOST_BYTES_BASIC)
    if len(text.encode()) > most or len(quote(text, safe="")) > MOST_ENCODED_CHARACTERS:
        return 13521, "<Say> element character limits exceeded"
    return None
