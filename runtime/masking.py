"""Hiding phone numbers and passwords in what is written for operators."""

import re
from collections.abc import MutableMapping
from typing import Any, Final

#: Country and region stay readable, and the end tells two calls apart.
_SHOWN_AT_START: Final = 5
_SHOWN_AT_END: Final = 2
_HIDDEN: Final = "…"

#: A number in E.164, in a URL too; and bare digits that are neither part of an id in hexadecimal nor of a time.
_NUMBER: Final = re.compile(r"(?:\+|%2B)\d{5,15}|(?<![\w.+-])[1-9]\d{9,14}(?![\w-])", re.ASCII | re.IGNORECASE)

#: What each of them has; most texts have not, and to see that is cheap.
_DIGITS: Final = re.compile(r"\d{5}", re.ASCII)

#: What a URL leads to.
_TARGET: Final = re.compile(r"(?<=://)\S+")

#: Who logs in at a URL, whatever the URL is good for.
_LOGIN: Final = re.compile(r"(?<=://)[^\s/?#]*@")


def mask_number(number: str) -> str:
    """`+12025550134` as `+1202…34`; of a short one less is shown, so that something always stays hidden."""
    end = _SHOWN_AT_END if len(number) > _SHOWN_AT_START + _SHOWN_AT_END else 0
    start = min(_SHOWN_AT_START, len(number) // 2)
    return number[:start] + _HIDDEN + number[len(number) - end :]


def mask_numbers(text: str) -> str:
    """The text with every phone number in it masked."""
    if not _DIGITS.search(text):
        return text
    return _NUMBER.sub(lambda found: mask_number(found[0]), text)


def mask_refusal(text: str) -> str:
    """Why one call was refused, for everybody: without its number, and without what a URL in it leads to."""
    return mask_numbers(_TARGET.sub(_HIDDEN, text) if "://" in text else text)


def mask_logins(text: str) -> str:
    """The text with the user's name and password of every URL in it masked."""
    return _LOGIN.sub(f"{_HIDDEN}@", text) if "://" in text else text


def mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """
    Masks numbers and logins in what libraries log and in tracebacks.

    It is a processor of structlog, and of its ProcessorFormatter.

    What the program itself logs holds none, so it is left alone.
    """
    if not event.get("_from_structlog", True):
        event["event"] = mask_logins(mask_numbers(event["event"]))
    if "exception" in event:
        event["exception"] = mask_logins(mask_numbers(event["exception"]))
    return event
