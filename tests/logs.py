"""What the processes of a test run logged, and whether it holds what no log may hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_SECRETS: Final = ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY")
_DIGITS: Final = re.compile(rb"(\+|%2B)?(\d{8,15})", re.IGNORECASE)
#: Shorter ones are words that logs hold for other reasons.
_LEAST_CHARACTERS: Final = 8


@dataclass
class Logs:
    """Files, and what was given to the processes that wrote them."""

    files: set[Path] = field(default_factory=set)
    secrets: set[bytes] = field(default_factory=set)
    texts: set[bytes] = field(default_factory=set)
    digits: set[bytes] = field(default_factory=set)

    def opened(self, file: Path, environment: Mapping[str, str]) -> None:
        """A process with this environment writes there."""
        self.files.add(file)
        secrets = [environment.get(name, "") for name in _SECRETS]
        secrets += [key.partition(":")[2] for key in environment.get("API_KEYS", "").split(",")]
        secrets += [urlsplit(url).password or "" for name, url in environment.items() if name.endswith("_URL")]
        self.secrets.update(secret.encode() for secret in secrets if len(secret) >= _LEAST_CHARACTERS)

    def sent(self, body: Any) -> None:
        """A client sent this to one of the processes."""
        if not isinstance(body, dict):
            return
        numbers = [body.get("to_number"), body.get("from_number"), *(body.get("phone_numbers") or ())]
        self.digits.update(str(number).removeprefix("+").encode() for number in numbers if number)
        if password := urlsplit(str(body.get("webhook_url") or "")).password:
            self.secrets.add(password.encode())
        message = str((body.get("call_metadata") or {}).get("message", ""))
        if len(message) >= _LEAST_CHARACTERS:
            self.texts.add(message.encode())

    def leaks(self) -> list[str]:
        """What was found where it must not be; the secrets themselves are not repeated."""
        return [f"{file.name}: {leak}" for file in sorted(self.files) for leak in self._leaks(file.read_bytes())]

    def _leaks(self, log: bytes) -> Iterator[str]:
        numbers = {digits for plus, digits in _DIGITS.findall(log) if plus or digits in self.digits}
        yield from (f"the number {number.decode()}" for number in sorted(numbers))
        yield from (f"the message {text.decode()!r}" for text in sorted(self.texts) if text in log)
        yield from ("a secret" for secret in self.secrets if secret in log)


#: Of the whole run: tests/processes.py adds to it, tests/conftest.py looks at it in the end.
RUN: Final = Logs()
