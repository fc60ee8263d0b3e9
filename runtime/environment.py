"""Reading settings: every fault is collected, so that one message can name them all."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from runtime import redis_url
from schemas.e164 import E164_PREFIX, number_of
from schemas.errors import SettingsError
from schemas.hints.nearest import nearest
from schemas.hours.setting import read_windows
from schemas.hours.window import Hours
from schemas.numbers.trunk import without_trunk

Number = TypeVar("Number", int, float)

#: What templates, and languages that had nothing to fill in, leave in place of a value.
UNFILLED: Final = re.compile(
    r"(?i:none|null|nil|undefined)|<[^<>]*>|\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Z_][A-Z0-9_]*|\{\{.*\}\}", re.ASCII
)
#: The same in place of a part of a URL, but for an option's value: certificates may be wanted of nobody, by `none`.
_UNFILLED_URL: Final = re.compile(rf"[^:]+://(.*[/:@])?({UNFILLED.pattern})([/:@?;].*)?", re.ASCII)
UNFILLED_SENTENCE: Final = "is what a template holds before it is filled in: give it its value, or take it away"

_HTTP: Final = ("http", "https")
#: Of a shorter name, one that is like it may be another program's: API_KEY, LOGLEVEL.
_SHORTEST_MEANT: Final = 11
#: What an address may be made of (RFC 3986), that of a webhook of ours apart.
_BASE_URL: Final = re.compile(r"(?!.*/api/v1/(celery/)?twilio(/|$))([!-$&-[\]-~]|%[0-9A-Fa-f]{2})*", re.ASCII)

#: A name of RFC 1123, 2.1, or an address.
_HOST: Final = re.compile(
    r"(?=.{1,253}$)((?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?|[0-9a-f:.]*:[0-9a-f:.]*)"
)


def is_unfilled(value: str) -> bool:
    """Whether a template, or a language that had nothing to fill in, left it, or a part of the URL that it is."""
    return bool(UNFILLED.fullmatch(value) or _UNFILLED_URL.fullmatch(value))


class Environment:
    """The environment's variables, read one by one; `check` raises if any was faulty."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._faults: list[str] = []
        self._asked: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """The variable without surrounding blanks; an empty one counts as not set."""
        self._asked.add(name)
        return self._filled(name, self._variables.get(name, "").strip()) or default

    def content(self, name: str) -> str:
        """What stands in the file that the variable names; nothing if it names none."""
        path, found = self.text(name), ""
        with suppress(OSError, UnicodeDecodeError):
            found = Path(path).read_text("utf-8-sig").strip() if path else ""
        if path and not found:
            self._fault(name, "the path of a file that can be read, and in which something stands")
        return found

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        """A number from `least` to `most`."""
        sentence = f"a number from {least} to {most}"
        return self._parse(name, default, float, lambda value: least <= value <= most, sentence)

    def whole(self, name: str, default: int, *, least: int = 1, most: int) -> int:
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
        if value and not redis_url.is_url(value, schemes):
            self._fault(name, f"a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    def origin(self, name: str, default: str) -> str:
        """A URL of http or https that ends with its host or port, but for a slash that is left out."""
        value = self.text(name, default).rstrip("/")
        if not _leads_to_host(value) or "@" in value or urlsplit(value)[2:] != ("", "", ""):
            self._fault(name, "http:// or https:// and a host, perhaps a port, and nothing after it")
            return default
        return value

    def public_url(self, name: str) -> str:
        """
        A URL of http or https for others to reach us under, or nothing; without a slash at its end, and its host in
        lower case, as whoever asks for it may write it (RFC 3986, 6.2.2.1) and so sign it.

        Twilio takes no host name with an underscore (https://www.twilio.com/docs/voice/api/call-resource).
        """
        value = self.text(name).rstrip("/")
        if value and (not _leads_to_host(value) or urlsplit(value)[3:] != ("", "")):
            wanted = "a URL that begins with http:// or https://, its host of letters, digits, hyphens and dots"
            self._fault(name, f"{wanted}, without ? and #")
            return value
        if not _BASE_URL.fullmatch(value):
            self._fault(name, "what stands before /api/v1/ in the addresses of our webhooks, without that, in ASCII")
            return value
        return _with_host_in_lower_case(value)

    def redis_url(self, name: str, default: str, kept: str = "") -> str:
        """As redis_url.read takes it; without one, that which was `kept` in a file of its own, if any."""
        value = self.text(name)
        if kept and not value:
            name = f"what stands in the file of {name}_FILE"
            value = self._filled(name, kept)
        try:
            return redis_url.read((value or default).rstrip("/"))
        except ValueError as error:
            self._fault(name, str(error))
            return default

    def result_backend(self, name: str, default: str) -> str:
        """A URL of whatever Celery keeps results in; of a Redis, one as redis_url takes it."""
        scheme = self.text(name).partition("://")[0]
        is_redis = scheme in {*redis_url.SCHEMES, "sentinel"}
        return self.redis_url(name, default) if is_redis else self.text(name, default)

    def phone_number(self, name: str) -> str:
        """A number in E.164, or nothing."""
        value = self.text(name)
        number = number_of(value)
        if value and number is None:
            self._fault(name, "a phone number in E.164 format (e.g., +1234567890)")
        return number or ""

    def prefixes(self, name: str) -> tuple[str, ...]:
        """Beginnings of numbers in E.164, separated by commas. None begins with what is dialled before it at home."""
        text = self.text(name)
        items = tuple(item.strip() for item in text.split(",")) if text else ()
        if not all(E164_PREFIX.fullmatch(item) and without_trunk(f"{item}9") == f"{item}9" for item in items):
            told = "beginnings of E.164 numbers, separated by commas (e.g., +1,+4420), without a trunk prefix (+44020)"
            self._fault(name, told)
        return items

    def windows(self, name: str) -> Hours | None:
        """Windows of local time, or none."""
        try:
            return read_windows(self.text(name)) if self.text(name) else None
        except ValueError as error:
            self._fault(name, str(error))
            return None

    def flag(self, name: str, default: int = 0) -> bool:
        """Whether it is 1, or not set and 1 by default."""
        value = self.text(name, str(default))
        if value not in {"0", "1"}:
            self._fault(name, "1 or 0")
        return value == "1"

    def refuse(self, sentence: str) -> None:
        """Adds a fault, once."""
        self._faults += [sentence] if sentence not in self._faults else []

    def check(self) -> None:
        """Raises SettingsError if any variable read so far was faulty, or was misspelt and so not read."""
        known = {name for name in self._asked if len(name) >= _SHORTEST_MEANT and not self.text(name)}
        for name in sorted(set(self._variables) - self._asked):
            if self._variables[name].strip() and (meant := nearest(name, known) or nearest(f"{name}S", known)):
                self.refuse(f"{name} is no setting, and {meant} is perhaps meant: name it so, or take it away")
        if self._faults:
            raise SettingsError("Wrong settings: " + "; ".join(self._faults) + ".")

    def _filled(self, name: str, value: str) -> str:
        if is_unfilled(value):
            self.refuse(f"{name} {UNFILLED_SENTENCE}")
            return ""
        return value

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

    def _fault(self, name: str, wanted: str) -> None:
        self.refuse(f"{name} must be {wanted}")


def _leads_to_host(value: str) -> bool:
    is_whole = redis_url.is_url(value, _HTTP) and not {"?", "#"} & set(value) and urlsplit(value).port != 0
    return is_whole and bool(_HOST.fullmatch(urlsplit(value).hostname or ""))


def _with_host_in_lower_case(value: str) -> str:
    parts = urlsplit(value)
    login, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=login + at + host.lower()).geturl()
