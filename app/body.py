"""Request bodies: bytes -> JSON -> validated data, and every fault as a sentence with its place."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from functools import wraps
from itertools import islice
from typing import Any, Final, NoReturn

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from marshmallow import Schema, ValidationError

from app.errors import InvalidRequest, SlowBody, UnsupportedMedia
from schemas.fields import E164_SENTENCE
from schemas.requests import load

_MOST_ERRORS: Final = 50

#: Far below the depth at which reading, writing or comparing a value would fail somewhere on its way.
MOST_LEVELS: Final = 100

BODY_LIMIT_BYTES: Final = 1024 * 1024

#: From the end of a request's head to the end of its body.
BODY_SECONDS: Final = 15.0


#: What a handler's decorator `json_schema` asked for, checked.
BODY: Final = web.RequestKey("body", dict[str, Any])
#: The bytes that it was read from.
RAW_BODY: Final = web.RequestKey("raw_body", bytes)

#: More than 18 digits: orjson makes a fraction of a whole number that 64 bits do not hold.
_LONG_NUMBER: Final = re.compile(rb"\d{19}", re.ASCII)


def with_body(handler: Handler) -> Handler:
    """
    The handler, given the checked body that its decorator json_schema of aiohttp-apispec asks for.

    The middleware of aiohttp-apispec does the same through webargs, which costs more.
    """
    (asked,) = handler.__schemas__  # type: ignore[attr-defined]  # the decorator put it there
    schema: Schema = asked["schema"]

    @wraps(handler)
    async def read_and_handle(request: web.Request) -> web.StreamResponse:
        request[BODY] = await checked_body(request, schema)
        return await handler(request)

    return read_and_handle


async def checked_body(request: web.Request, schema: Schema) -> dict[str, Any]:
    """Reads and checks a body; raises InvalidRequest or UnsupportedMedia, and what read_body raises."""
    media = request.content_type
    if media != "application/json" and not media.endswith("+json"):
        raise UnsupportedMedia
    raw = request[RAW_BODY] = await read_body(request)
    value = parse_json(raw)
    try:
        return load(schema, value)
    except ValidationError as error:
        raise invalid_request(error.messages_dict) from error


async def read_body(request: web.Request) -> bytes:
    """The whole body; raises SlowBody, InvalidRequest for one that breaks off, or aiohttp's 413."""
    content = request.content
    try:
        if content.is_eof():  # nothing to wait for, so none of what aiohttp does for a body that comes in parts
            body = content.read_nowait()
            if len(body) > BODY_LIMIT_BYTES:
                raise web.HTTPRequestEntityTooLarge(BODY_LIMIT_BYTES)
            return body
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError as error:
        raise SlowBody from error
    except (web.RequestPayloadError, ConnectionError) as error:
        detail = "The body breaks off, or is not encoded as its headers say."
        raise InvalidRequest(detail, {"body": [detail]}) from error


def parse_json(body: bytes) -> Any:
    """Parses strict JSON; raises InvalidRequest with the place of the fault."""
    try:
        value = _loads(body)
        _check_depth(body, value)
        return value
    except json.JSONDecodeError as error:
        detail = f"The body is not valid JSON: {error.msg} at line {error.lineno} column {error.colno}."
    except UnicodeDecodeError as error:
        detail = f"The body is not valid JSON: it is not UTF-8 at byte {error.start}."
    except RecursionError:
        detail = f"The body is nested too deeply: {MOST_LEVELS} levels are the most."
    except ValueError as error:
        detail = f"The body is not valid JSON: {_first_line(error)}."
    raise InvalidRequest(detail, {"body": [detail]})


def _loads(body: bytes) -> Any:
    """By orjson, whose price is a fifth; what it refuses, or reads otherwise, by the standard library."""
    if not _LONG_NUMBER.search(body):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
    return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)


def _check_depth(body: bytes, value: Any) -> None:
    """Raises RecursionError when arrays and objects are nested deeper than MOST_LEVELS."""
    if body.count(b"[") + body.count(b"{") <= MOST_LEVELS:
        return
    level = [value]
    for _ in range(MOST_LEVELS + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    if level:
        raise RecursionError


def invalid_request(messages: Mapping[Any, Any]) -> InvalidRequest:
    """A 400 from marshmallow's tree of messages; its detail is the first of them."""
    flat = list(islice(_flatten(messages, ""), _MOST_ERRORS))
    errors: dict[str, list[str]] = {}
    for path, sentence in flat:
        errors.setdefault(path or "body", []).append(sentence)
    path, sentence = flat[0]
    return InvalidRequest(_detail(path, sentence), errors)


def _detail(path: str, sentence: str) -> str:
    if sentence == E164_SENTENCE or not path:
        return sentence
    if sentence == "Unknown field.":
        return f"Unknown field: {path}."
    if sentence.startswith(("Must ", "Missing ")):
        return f"{path} {sentence[0].lower()}{sentence[1:]}"
    return f"{path}: {sentence}"


def _flatten(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            name = "" if key == "_schema" else str(key)
            yield from _flatten(inner, f"{path}.{name}".strip("."))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flatten(inner, path)
    else:
        yield path, str(messages)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _first_line(error: ValueError) -> str:
    return str(error).partition(";")[0].partition("\n")[0]
