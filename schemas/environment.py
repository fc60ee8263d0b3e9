"""Reading settings: every fault is collected, so that one message can name them all."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from schemas import redis_url
from schemas.errors import SettingsError
from schemas.fields import E164, E164_PREFIX

Number = TypeVar("Number", int, float)


class Environment:
    """The environment's variables, read one by one; `check` raises if any was faulty."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """The variable without surrounding blanks; an empty one counts as not set."""
        return self._variables.get(name, "").strip() or default

    def number(self, name: str, default: float, *, least: float = 1e-5, most: float = 1e9) -> float:
        """A number from `least` to `most`."""
        sentence = f"a number from {least:f} to {most:.0f}"
        return self._parse(name, default, float, lambda value: least <= value <= most, sentence)

    def whole(self, name: str, default: int, *, least: int = 1, most: int = 10**9) -> int:
        """A whole number from `least` to `most`."""
        sentence = f"a whole number from {least} to {most}"
        return self._parse(name, default, int, lambda value: least <= value <= most, sentence)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of some words, in any case."""
        by_folded = {word.casefold(): word for word in choices}
        value = by_folded.get(self.text(name, default).casefold())
        if value is None:
            self._fault(name, f"one of {', '.join(choices)}")
        return value or default

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        """A URL of one of the schemes, without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        if value and not _is_url(value, schemes):
            self._fault(name, f"a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    def redis_url(self, name: str, default: str) -> str:
        """
        A URL of a Redis, or those of its sentinels with semicolons between them.

        Certificates are checked unless it says otherwise.
        """
        value = self.text(name, default).rstrip("/")
        sentinels = value.startswith("sentinel://")
        schemes = ("sentinel",) if sentinels else redis_url.SCHEMES
        if not all(_is_url(part, schemes) for part in (value.split(";") if sentinels else [value])):
            wanted = " or ".join(f"{scheme}://" for scheme in redis_url.SCHEMES)
            self._fault(name, f"a URL that begins with {wanted}, or sentinel://host:port;sentinel://host:port")
            return value
        try:
            return redis_url.with_certificates(value)
        except ValueError:
            self._fault(name, f"a URL whose ssl_cert_reqs is one of {', '.join(redis_url.REQUIREMENTS)}")
            return value

    def phone_number(self, name: str) -> str:
        """A number in E.164, or nothing."""
        value = self.text(name)
        if value and not E164.fullmatch(value):
            self._fault(name, "a phone number in E.164 format (e.g., +1234567890)")
        return value

    def phone_numbers(self, name: str) -> frozenset[str]:
        """Numbers in E.164, separated by commas."""
        return frozenset(self._list(name, E164, "phone numbers in E.164 format, separated by commas"))

    def prefixes(self, name: str) -> tuple[str, ...]:
        """Beginnings of numbers in E.164, separated by commas."""
        return self._list(name, E164_PREFIX, "beginnings of E.164 numbers, separated by commas (e.g., +1,+4420)")

    def flag(self, name: str) -> bool:
        """Whether it is 1; 0 or nothing means that it is not."""
        value = self.text(name, "0")
        if value not in {"0", "1"}:
            self._fault(name, "1 or 0")
        return value == "1"

    def refuse(self, sentence: str) -> None:
        """Adds a fault that is not about the shape of one variable."""
        self._faults.append(sentence)

    def check(self) -> None:
        """Raises SettingsError if any variable read so far was faulty."""
        if self._faults:
            raise SettingsError("Wrong settings: " + "; ".join(self._faults) + ".")

    def _parse(
        self,
        name: str,
        default: Number,
        read: Callable[[str], Number],
        fits: Callable[[Number], bool],
        wanted: str,
    ) -> Number:
        text = self.text(name)
        if not text:
            return default
        try:
            value = read(text)
        except ValueError:
            self._fault(name, wanted)
            return default
        if not fits(value):
            self._fault(name, wanted)
        return value

    def _list(self, name: str, form: re.Pattern[str], wanted: str) -> tuple[str, ...]:
        text = self.text(name)
        items = tuple(item.strip() for item in text.split(",")) if text else ()
        if not all(form.fullmatch(item) for item in items):
            self._fault(name, wanted)
        return items

    def _fault(self, name: str, wanted: str) -> None:
        self.refuse(f"{name} must be {wanted}")


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc or parts.path)
