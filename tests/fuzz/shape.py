"""What every error looks like, whatever came in."""

import json
from http import HTTPStatus
from typing import Any, Final

from tests.app.refusal import CODES

#: Words that only the inside of the service knows.
_INSIDE: Final = (b"Traceback", b"redis://", b"127.0.0.1", b'File "', b"Error(")


def fault_of(status: int, content_type: str, body: bytes) -> str:
    """What is wrong with the body of an error; '' if nothing."""
    if not content_type.startswith("application/json"):
        return f"it is not JSON but {content_type!r}"
    try:
        told = json.loads(body)
    except ValueError as error:
        return f"it is not JSON: {error}"
    fields = {"detail", "code", "errors"} if status == HTTPStatus.BAD_REQUEST else {"detail", "code"}
    if not isinstance(told, dict) or set(told) != fields:
        return f"it has not the fields {sorted(fields)}: {body[:200]!r}"
    is_sentence = isinstance(told["detail"], str) and told["detail"].strip()
    if not is_sentence or not _are_sentences_by_field(told.get("errors", {})):
        return f"it is not a sentence, and errors as field -> sentences: {body[:200]!r}"
    if told["code"] not in CODES.get(status, ()):
        return f"its code is none of {status}: {body[:200]!r}"
    # The names of fields may be the client's own words.
    sentences = [line for lines in told.get("errors", {}).values() for line in lines] or [told["detail"]]
    inside = any(word.decode() in sentence for word in _INSIDE for sentence in sentences)
    return f"it tells of the inside: {body[:200]!r}" if inside else ""


def _are_sentences_by_field(errors: Any) -> bool:
    return isinstance(errors, dict) and all(
        isinstance(lines, list) and lines and all(isinstance(line, str) and line for line in lines)
        for lines in errors.values()
    )
