"""The server that is fuzzed: a real process in front of a real Redis, with nobody who would dial."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.app.away import Away
from tests.fuzz.hooks import PUBLIC_BASE_URL
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, FROM_NUMBER

SECRET: Final = "secret-of-the-fuzzer"

#: No limit but those of one request stands in the way of tens of thousands.
_SETTINGS: Final = {
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    "TWILIO_PHONE_NUMBER": FROM_NUMBER,
    "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
    "PUBLIC_BASE_URL": PUBLIC_BASE_URL,
    "REQUESTS_PER_SECOND_PER_KEY": "100000",
    "TRUSTED_PROXIES": "127.0.0.1",
    "ALLOW_PREMIUM": "1",
}


@contextmanager
def served(folder: Path, *, keys: bool) -> Iterator[Away]:
    """A web tier, with an API key or without."""
    folder.mkdir(exist_ok=True)
    with Away(folder, _SETTINGS | ({"API_KEYS": f"fuzz:{SECRET}"} if keys else {})) as away:
        yield away.start()
