"""Examples: made of those of the fields where an operation gives none, and of this moment when they are served."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from schemas.bodies.telling import day_told, instant_told

_INSTANT: Final = re.compile(r"<instant([+-]\d+)>")
_DAY: Final = re.compile(r"<day([+-]\d+)>")
_KEY: Final = re.compile(r"<key:(\w+)>")

IDEMPOTENCY_KEY: Final = "Idempotency-Key"


def key_of(operation: str) -> str:
    """The example of an operation's Idempotency-Key."""
    return f"<key:{operation}>"


def served(text: str, now: datetime, word: str) -> str:
    """A document with the times of now, and Idempotency-Keys that hold the word; equal for equal arguments."""
    text = _INSTANT.sub(lambda found: instant_told(int(found[1]), now), text)
    text = _DAY.sub(lambda found: day_told(int(found[1]), now), text)
    return _KEY.sub(lambda found: f"{found[1]}-{word}", text)


def add_missing(document: Mapping[str, Any]) -> None:
    """Gives each request and each answer an example, if its fields have some."""
    for operation in operations_of(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            if content.keys().isdisjoint({"example", "examples"}):
                made = _made(content["schema"], document)
                if made is not _NONE:
                    content["example"] = made


def operations_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation, webhooks too."""
    for items in (document["paths"], document.get("webhooks", {})):
        for methods in items.values():
            yield from methods.values()


_NONE: Final = object()


def _made(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """An example of a schema; _NONE if it says too little."""
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return _made(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return _made(schema[several][0], document)
    if "properties" in schema:
        made = {name: _made(inner, document) for name, inner in schema["properties"].items()}
        return {name: value for name, value in made.items() if value is not _NONE}
    if "items" in schema:
        item = _made(schema["items"], document)
        return _NONE if item is _NONE else [item]
    return schema["enum"][0] if schema.get("enum") else _NONE
