"""What every error looks like, whatever came in."""

import json
from typing import Any, Final

#: Words that only the inside of the service knows.
_INSIDE: Final = (b"Traceback", b"redis://", b"127.0.0.1", b'File "', b"Error(")


def fault_of(content_type: str, body: bytes) -> str:
    """What is wrong with the body of an error; '' if nothing."""
    if not content_type.startswith("application/json"):
        return f"it is not JSON but {content_type!r}"
    try:
        told = json.loads(body)
    except ValueError as error:
        return f"it is not JSON: {error}"
    if not isinstance(told, dict) or not {"detail"} <= set(told) <= {"detail", "errors"}:
        return f"it has not the fields detail and errors: {body[:200]!r}"
    is_sentence = isinstance(told["detail"], str) and told["detail"].strip()
    if not is_sentence or not _are_sentences_by_field(told.get("errors", {})):
        return f"it is not a sentence, and errors as field -> sentences: {body[:200]!r}"
    if any(word in body for word in _INSIDE):
        return f"it tells of the inside: {body[:200]!r}"
    return ""


def _are_sentences_by_field(errors: Any) -> bool:
    return isinstance(errors, dict) and all(
        isinstance(lines, list) and lines and all(isinstance(line, str) and line for line in lines)
        for lines in errors.values()
    )
