"""What Twilio posts to the web tier in tests."""

import io
from typing import Any
from urllib.parse import urlencode

from app.security.signature import HEADER, sign
from tests.app.client import PUBLIC, Client
from tests.processes import AUTH_TOKEN

EVENTS = ("initiated", "ringing", "in-progress", "completed")
FORM = "application/x-www-form-urlencoded"


def event(sequence: int) -> dict[str, str]:
    """The form of a call's event."""
    status = EVENTS[sequence]
    form = {
        "CallSid": "CA1",
        "To": "+12025550100",
        "From": "+15005550006",
        "CallStatus": status,
        "SequenceNumber": str(sequence),
        "Timestamp": f"Mon, 23 Nov 2026 12:00:{sequence:02d} +0000",
        "CalledZip": "",
    }
    if status == "completed":
        form |= {"CallDuration": "7", "AnsweredBy": "human"}
    return form


async def post(
    client: Client, path: str, form: dict[str, str], token: str = AUTH_TOKEN, **changed: Any
) -> tuple[int, str]:
    """Posts a form, signed unless `changed` says otherwise; status and text of the answer."""
    signature = changed.get("signature", sign(PUBLIC + changed.get("signed_path", path), list(form.items()), token))
    headers = (
        {"Content-Type": FORM} | ({HEADER: signature} if signature is not None else {}) | changed.get("headers", {})
    )
    body = io.BytesIO(changed.get("body", urlencode(form).encode()))
    async with client.http.post(path, data=body, headers=headers) as answer:
        return answer.status, await answer.text()
