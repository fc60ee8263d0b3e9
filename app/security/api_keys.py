"""API keys: `name:secret`, of which only the name is ever shown."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from app.security.named_secrets import named_entries

#: A shorter secret is accepted, with a warning: it can be guessed.
GOOD_SECRET_CHARACTERS: Final = 16


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
        entries = named_entries(text)
        if len({secret for _, secret in entries}) < len(set(entries)):
            raise ValueError("two names have the same secret")
        keys = (_Key(name, _digest(secret), len(secret) >= GOOD_SECRET_CHARACTERS) for name, secret in entries)
        return cls(tuple(keys))

    def __bool__(self) -> bool:
        return bool(self.keys)

    def names(self) -> frozenset[str]:
        """Names of all keys."""
        return frozenset(key.name for key in self.keys)

    def fingerprints(self) -> list[str]:
        """Of each key its name and a digest of its secret, to see whether two rings hold the same."""
        return [f"{key.name}:{key.digest.hex()}" for key in self.keys]

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


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
