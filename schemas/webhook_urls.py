"""Our own webhooks, as Twilio is told of them, and what it posts to them."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

INCOMING_CALL_PATH: Final = "/api/v1/twilio/incoming-call"
CALL_STATUS_PATH: Final = "/api/v1/twilio/call-status"

#: Twilio's connection overrides: by default it repeats a webhook only when it could not connect. Errors and slow
#: answers are to be repeated too, four times, within the 15 seconds that it gives one webhook in all.
#: Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
CONNECTION_OVERRIDES: Final = "#ct=2000&rt=5000&rc=4&rp=5xx,ct,rt"

#: `machine_detection` of the metadata -> MachineDetection of Twilio.
MACHINE_DETECTION: Final = {"enable": "Enable", "detect_message_end": "DetectMessageEnd"}

#: What a URL without a port leads to.
USUAL_PORTS: Final = {"http": 80, "https": 443}


def own_url(public_base_url: str, path: str, call_id: str, attempt_number: int = 1) -> str:
    """
    The URL of a webhook for one attempt of a call.

    It carries the call's id, for news may overtake Twilio's answer with the SID, and which attempt they are about.
    """
    return f"{public_base_url}{path}?call={call_id}&attempt={attempt_number}{CONNECTION_OVERRIDES}"


def leads_to_us(url: str, public_base_url: str) -> bool:
    """
    Whether a URL is of our own host and port, however they are written, or of the host at its scheme's usual port: what
    is signed for that one counts at ours, for Twilio may leave the port out of what it signs.
    """
    if not public_base_url:
        return False
    ours = urlsplit(public_base_url)
    return _place(urlsplit(url)) in {_place(ours), _place(ours._replace(netloc=_host(ours)))}


def is_own_webhook(url: str, public_base_url: str, path: str) -> bool:
    """Whether a URL is exactly that of our webhook at this path, but for how its host and port are written."""
    parts = urlsplit(url)
    bare = parts._replace(netloc="").geturl() == urlsplit(public_base_url + path)._replace(netloc="").geturl()
    is_ours = _place(parts) == _place(urlsplit(public_base_url))
    return bool(public_base_url) and is_ours and bare and "@" not in parts.netloc and not url.endswith(("?", "#"))


def _host(parts: SplitResult) -> str:
    """As it stands in a URL, without login and port."""
    return f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""


def _place(parts: SplitResult) -> tuple[str, int | None]:
    return (parts.hostname or "").rstrip("."), parts.port or USUAL_PORTS.get(parts.scheme)
