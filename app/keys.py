"""API keys: `name:secret`, of which only the name is ever shown."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: A shorter secret is accepted, with a warning: it can be guessed.
GOOD_SECRET_CHARACTERS: Final = 16
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_SECRET: Final = re.compile(r"[!-~]{1,512}", re.ASCII)

BEARER: Final = "bearer"
HEADER: Final = "X-API-Key"


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    digest: bytes = field(repr=False)
    is_long: bool


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that are accepted; an empty ring counts as false. Two keys may share a name while one is replaced."""

    keys: tuple[_Key, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Reads comma-separated `name:secret`; raises ValueError, whose words show no secret."""
        entries = [entry.strip() for entry in text.split(",")] if text.strip() else []
        return cls(tuple(_parse(entry, place) for place, entry in enumerate(entries, start=1)))

    def __bool__(self) -> bool:
        return bool(self.keys)

    def short_names(self) -> list[str]:
        """Names of the keys whose secrets are so short that they can be guessed."""
        return sorted({key.name for key in self.keys if not key.is_long})

    def name_of(self, secret: str) -> str | None:
        """The name of the key with this secret. How long it takes says nothing about any key."""
        given = _digest(secret)
        name = None
        for key in self.keys:
            if hmac.compare_digest(key.digest, given):
                name = key.name
        return name


def presented_secret(headers: Mapping[str, str]) -> str:
    """The secret of `Authorization: Bearer <secret>`, else of `X-API-Key: <secret>`; '' without one."""
    scheme, _, secret = headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == BEARER else headers.get(HEADER, "").strip()


def _parse(entry: str, place: int) -> _Key:
    name, colon, secret = entry.partition(":")
    if not colon:
        raise ValueError(f"entry {place} has no colon")
    if not _NAME.fullmatch(name):
        raise ValueError(f"the name of entry {place} is not 1 to 64 letters, digits, dots, dashes or underscores")
    if not _SECRET.fullmatch(secret):
        raise ValueError(f"the secret of entry {place} is not 1 to 512 printable ASCII characters")
    return _Key(name, _digest(secret), len(secret) >= GOOD_SECRET_CHARACTERS)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
