"""Answers in JSON."""

import json
from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web
from multidict import CIMultiDict

_CONTENT_TYPE: Final = {"Content-Type": "application/json; charset=utf-8"}


def json_answer(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> web.Response:
    """What web.json_response answers, at a third of its price."""
    try:
        text = orjson.dumps(body)
    except TypeError:  # half of a surrogate pair, or a whole number of more than 64 bits
        text = json.dumps(body).encode()
    return web.Response(body=text, headers=CIMultiDict(_CONTENT_TYPE, **(headers or {})))
