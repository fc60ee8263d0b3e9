"""Our own webhooks, as Twilio is told of them, and what it posts to them."""

from typing import Final

INCOMING_CALL_PATH: Final = "/api/v1/twilio/incoming-call"
CALL_STATUS_PATH: Final = "/api/v1/twilio/call-status"

#: Twilio's connection overrides: by default it repeats a webhook only when it could not connect. Errors and slow
#: answers are to be repeated too, four times, within the 15 seconds that it gives one webhook in all.
#: Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
CONNECTION_OVERRIDES: Final = "#ct=2000&rt=5000&rc=4&rp=5xx,ct,rt"

#: `machine_detection` of the metadata -> MachineDetection of Twilio.
MACHINE_DETECTION: Final = {"enable": "Enable", "detect_message_end": "DetectMessageEnd"}


def own_url(public_base_url: str, path: str, call_id: str) -> str:
    """The URL of a webhook for one call, whose id it carries: news may overtake Twilio's answer with the SID."""
    return f"{public_base_url}{path}?call={call_id}{CONNECTION_OVERRIDES}"
