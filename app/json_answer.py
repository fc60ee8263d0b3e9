"""Answers in JSON."""

import json
from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web
from multidict import CIMultiDict

from app.headers import API_HEADERS

_HEADERS: Final = CIMultiDict(API_HEADERS | {"Content-Type": "application/json; charset=utf-8"})


def json_answer(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> web.Response:
    """What web.json_response answers, at a third of its price."""
    try:
        text = orjson.dumps(body)
    except TypeError:  # half of a surrogate pair, or a whole number of more than 64 bits
        text = json.dumps(body).encode()
    response = web.Response(body=text, headers=_HEADERS)
    if headers:
        response.headers.update(headers)
    return response
