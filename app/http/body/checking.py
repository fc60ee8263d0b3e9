"""Bodies in JSON: bytes -> JSON -> validated data, and every fault as a sentence with its place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from functools import wraps
from itertools import islice
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
from marshmallow import Schema, ValidationError

from app.context import SCALES
from app.errors import InvalidRequest, TooManyRequests, UnsupportedMedia
from app.http.body.codings import codings_of, unfold
from app.http.body.reading import BODY_LIMIT_BYTES, read_body
from app.http.body.strict_json import parse_json
from app.store.turns import turn
from schemas.bodies.metadata import MEANT_KEYS
from schemas.bodies.part import UNKNOWN, Body
from schemas.bodies.requests import load
from schemas.e164 import E164_SENTENCE
from schemas.hints.nearest import nearest
from schemas.hints.seen import seen
from schemas.hints.shown import shown

#: What is longer is no ordinary single call: to check it and to carry it out may take tens of milliseconds.
_LONG_BYTES: Final = 4096
_JSON: Final = re.compile(r"(?i:application/json|[^/]+/[^/]+\+json)")
_MOST_ERRORS: Final = 50
_MOST_NAME_CHARACTERS: Final = 100
_MISPLACED: Final = "Must stand in the body, not in the address."
_ABSENT: Final = object()

#: What a handler's decorator `json_schema` asked for, checked.
BODY: Final = web.RequestKey("body", dict[str, Any])
#: The bytes that it was read from.
RAW_BODY: Final = web.RequestKey("raw_body", bytes)


def with_body(handler: Handler) -> Handler:
    """
    The handler, given the checked body that its decorator json_schema of aiohttp-apispec asks for. It raises
    InvalidRequest, UnsupportedMedia, and what read_body and unfold raise.

    The middleware of aiohttp-apispec does the same through webargs, which costs more.
    """
    (asked,) = handler.__schemas__  # type: ignore[attr-defined]  # the decorator put it there
    schema: Schema = asked["schema"]

    @wraps(handler)
    async def read_and_handle(request: web.Request) -> web.StreamResponse:
        _check_media(request)
        _check_query(request, schema)
        codings, sent = codings_of(request), await read_body(request)
        async with turn() if codings or len(sent) > _LONG_BYTES else nullcontext():
            request[BODY] = _checked(request, sent, codings, schema)
            return await handler(request)

    return read_and_handle


def without_fields(handler: Handler) -> Handler:
    """The handler, for a request that has nothing to say: no body, an empty one or an empty object."""

    @wraps(handler)
    async def read_and_handle(request: web.Request) -> web.StreamResponse:
        if request.body_exists and (sent := await read_body(request)):
            _check_media(request)
            _checked(request, sent, codings_of(request), Body())
        return await handler(request)

    return read_and_handle


def _check_media(request: web.Request) -> None:
    # Not request.content_type: that reads the parameters too, of which some take a tenth of a second.
    media = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(media):
        declared = shown(media) if "Content-Type" in request.headers else "none"
        raise UnsupportedMedia(f"{UnsupportedMedia.sentence.removesuffix('.')}; seen: {declared}.")


def _check_query(request: web.Request, schema: Schema) -> None:
    """Raises InvalidRequest for fields that stand in the address, where nobody would heed them: dry_run, say."""
    if "?" in request.raw_path and (misplaced := schema.load_fields.keys() & request.query.keys()):
        raise invalid_request({name: [_MISPLACED] for name in sorted(misplaced)})


def _checked(request: web.Request, sent: bytes, codings: list[str], schema: Schema) -> dict[str, Any]:
    body = request[RAW_BODY] = unfold(sent, codings, BODY_LIMIT_BYTES) if codings else sent
    if (scales := request.get(SCALES)) and (wait_seconds := scales.lay(len(body))):
        raise TooManyRequests("This API key sends too much.", wait_seconds)
    value = parse_json(body)
    try:
        return load(schema, {} if value is None and not schema.load_fields else value)
    except ValidationError as error:
        raise invalid_request(error.messages_dict, value, schema.load_fields) from error


def invalid_request(messages: Mapping[Any, Any], body: Any = _ABSENT, known: Iterable[str] = ()) -> InvalidRequest:
    """
    A 400 from marshmallow's tree of messages; its detail is the first of them.

    With the body it also says what was seen there, and with the fields that are known which one was perhaps meant.
    """
    flat = list(islice(_flatten(messages, "", body), _MOST_ERRORS))
    errors: dict[str, list[str]] = {}
    for path, sentence, value in flat:
        told = [sentence, *_hints(path, sentence, value, known)]
        errors.setdefault(path or "body", []).extend(told)
    path, sentence, value = flat[0]
    hint = "".join(f"; {hint[0].lower()}{hint[1:-1]}" for hint in _hints(path, sentence, value, known))
    return InvalidRequest(_detail(path, sentence, hint), errors)


def _hints(path: str, sentence: str, value: Any, known: Iterable[str]) -> list[str]:
    if sentence == UNKNOWN:
        meant = _meant(path, known)
        return [f"Perhaps meant: {meant}."] if meant else []
    if value is _ABSENT or not path:
        return []
    phrase = seen(path, sentence, value)
    return [f"Seen: {phrase}."] if phrase else []


def _meant(name: str, known: Iterable[str]) -> str | None:
    """Where a field that is unknown here may belong: they are few, so that all are looked at."""
    if "call_metadata" in known and name in MEANT_KEYS:
        return f"call_metadata.{name}"
    return nearest(name, known)


def _detail(path: str, sentence: str, hint: str) -> str:
    if not path or (path, sentence) == ("to_number", E164_SENTENCE):
        return sentence
    if sentence == UNKNOWN:
        return f"Unknown field: {path}{hint}."
    full_stop = "." if sentence.endswith(".") else ""
    sentence = f"{sentence.removesuffix('.')}{hint}{full_stop}"
    if sentence.startswith("Must "):
        return f"{path} {sentence[0].lower()}{sentence[1:]}"
    return f"{path}: {sentence}"


def _shown(name: str) -> str:
    return name if len(name) <= _MOST_NAME_CHARACTERS else f"{name[:_MOST_NAME_CHARACTERS]}…"


def _flatten(messages: Any, path: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    """Each sentence with its place, and what the body has there."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            if key == "_schema" and inner != [UNKNOWN]:  # so marshmallow calls what is about the whole
                yield from _flatten(inner, path, value)
            else:
                name = _shown(str(key))
                yield from _flatten(inner, f"{path}.{name}" if path else name, _at(value, key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flatten(inner, path, value)
    else:
        yield path, str(messages), value


def _at(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(key, _ABSENT)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else _ABSENT
