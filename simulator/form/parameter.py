"""Parameters of a form, read one by one; one with a wrong value raises the error that Twilio has for it.

Where Twilio's dictionary has none of its own, it is 20001.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from simulator.form.refusal import RefusalError
from simulator.form.url import is_url

Form = Mapping[str, Sequence[str]]
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Document:
    """Where something comes from or goes to: a URL with its HTTP method, or TwiML itself, or neither."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""


def first(form: Form, name: str) -> str:
    """The first value of a parameter, or an empty string."""
    values = form.get(name)
    return values[0].strip() if values else ""


def method(form: Form, name: str) -> str:
    """GET or POST, which is the default; else Twilio error 21209."""
    text = first(form, name)
    if text.upper() not in ("", "GET", "POST"):
        raise RefusalError(21209, f"{name}={text}")
    return text.upper() or "POST"


def address(form: Form, name: str, code: int, method_name: str = "") -> Document:
    """A URL with the method that belongs to it, by default `<name>Method`; an empty one if it is not given."""
    url = first(form, name)
    if url and not is_url(url):
        raise RefusalError(code, url[:100])
    return Document(url=url, method=method(form, method_name or f"{name}Method"))


def whole_number(form: Form, name: str, default: int, bounds: range, code: int) -> int:
    """A number within bounds."""
    text = first(form, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) in bounds):
        raise RefusalError(code, f"{name}={text[:100]}")
    return int(text)


def word(form: Form, name: str, choices: Collection[str], code: int = 20001) -> str:
    """One of some words, or an empty string."""
    text = first(form, name)
    if text and text not in choices:
        raise RefusalError(code, f"{name}={text[:100]}")
    return text


def words(form: Form, name: str, choices: Collection[str]) -> frozenset[str]:
    """Some words, each a value of its own or behind blanks."""
    given = frozenset(" ".join(form.get(name, ())).split())
    if not given <= frozenset(choices):
        raise RefusalError(20001, f"{name}={' '.join(sorted(given))[:100]}")
    return given


def flag(form: Form, name: str) -> bool:
    """`true`, or `false`, which is the default."""
    text = first(form, name)
    if text.lower() not in ("", "true", "false"):
        raise RefusalError(20001, f"{name}={text[:100]}")
    return text.lower() == "true"
