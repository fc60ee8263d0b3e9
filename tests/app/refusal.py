"""What every refusal has in common."""

import re
from typing import Any

from redis import Redis

from tests.app.client import Answer

#: What programs are told with each status.
CODES = {
    400: {"invalid_request"},
    401: {"unauthorized"},
    403: {"forbidden"},
    404: {"not_found"},
    405: {"method_not_allowed"},
    408: {"timeout"},
    409: {"conflict"},
    412: {"precondition_failed"},
    413: {"too_large"},
    415: {"unsupported_media"},
    417: {"invalid_request"},
    422: {"idempotency_key_reused"},
    429: {"rate_limited", "daily_limit"},
    431: {"headers_too_large"},
    500: {"twilio_not_configured", "internal"},
    503: {"unavailable"},
}
E164_SENTENCE = "Phone number must be in E.164 format (e.g., +1234567890)"
#: How sentences begin that stand beside the one about a field: what was seen there, what was perhaps meant.
HINTS = ("Seen: ", "Perhaps meant: ")
_INSIDE = re.compile(r"Traceback|File \"|\.py\b|redis|localhost|127\.0\.0\.1|Exception|Error\(", re.IGNORECASE)


def refused(answer: Answer, status: int, redis: "Redis | None" = None) -> dict[str, Any]:
    """The body of a refusal: a code, and one sentence that tells nothing of the inside; and nothing was written."""
    assert answer.status == status, f"{answer.status}: {answer.text[:500]}"
    assert answer.body is not None, f"no JSON: {answer.text[:200]}"
    assert isinstance(answer.body["detail"], str)
    assert answer.body["detail"]
    assert not _INSIDE.search(answer.text[:10_000]), answer.text[:500]
    assert set(answer.body) == ({"detail", "code", "errors"} if status == 400 else {"detail", "code"})
    assert answer.body["code"] in CODES[status]
    if redis is not None:
        assert redis.dbsize() == 0
    return dict(answer.body)


def invalid(answer: Answer, redis: "Redis") -> dict[str, list[str]]:
    """The `errors` of a 400: field path -> sentences, which the detail is taken from; without what was seen there."""
    errors: dict[str, list[str]] = refused(answer, 400, redis)["errors"]
    assert errors
    for path, sentences in errors.items():
        assert path
        assert sentences
        assert all(isinstance(sentence, str) and sentence for sentence in sentences)
    return {path: [one for one in sentences if not one.startswith(HINTS)] for path, sentences in errors.items()}
