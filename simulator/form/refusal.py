"""Twilio's error answers: code, message and HTTP status in one JSON body."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """HTTP status and message of one Twilio error code; `{subject}` is the value complained of."""

    http_status: int
    message: str


# Codes and texts: https://www.twilio.com/docs/api/errors; statuses of 5xx as its pages say.
MEANINGS: dict[int, Meaning] = {
    10004: Meaning(400, "Call concurrency limit exceeded"),
    10001: Meaning(403, "Account is not active"),
    10005: Meaning(403, "Voice calling has been disabled for this account"),
    20001: Meaning(400, "{subject}"),
    20003: Meaning(401, "Authenticate"),
    20004: Meaning(405, "Method not allowed"),
    20005: Meaning(403, "Account not active"),
    20006: Meaning(403, "Access Denied"),
    20008: Meaning(403, "Resource not accessible with Test Account Credentials"),
    20009: Meaning(409, "Cannot delete this resource before it is complete"),
    20010: Meaning(403, "Action disabled for account"),
    20403: Meaning(403, "Forbidden"),
    20404: Meaning(404, "The requested resource {subject} was not found"),
    20413: Meaning(413, "Request Entity Too Large"),
    20426: Meaning(426, "Upgrade Required"),
    20429: Meaning(429, "Too Many Requests"),
    20500: Meaning(500, "An internal server error has occurred"),
    20503: Meaning(503, "Service is unavailable. Please try again"),
    21201: Meaning(400, "No 'To' number is specified"),
    21202: Meaning(400, "The phone number you are attempting to call, {subject}, is a premium number."),
    21203: Meaning(400, "International calling is not enabled for this account: {subject}"),
    21205: Meaning(400, "Url is not a valid URL: {subject}"),
    21206: Meaning(400, "Invalid SendDigits: {subject}"),
    21208: Meaning(400, "Invalid Timeout: {subject}"),
    21209: Meaning(400, "Invalid Method: {subject}"),
    21210: Meaning(
        400,
        "The source phone number provided, {subject}, is not yet verified for your account. You "
        "may only make calls from phone numbers that you've verified or purchased from Twilio.",
    ),
    21211: Meaning(400, "The phone number you are attempting to call, {subject}, is not valid."),
    21212: Meaning(400, "From is not a valid phone number: {subject}"),
    21213: Meaning(400, "No 'From' number is specified"),
    21214: Meaning(400, "The phone number you are attempting to call, {subject}, cannot be reached."),
    21215: Meaning(
        400,
        "Account not authorized to call {subject}. Perhaps you need to enable some international "
        "permissions: https://www.twilio.com/console/voice/calls/geo-permissions/low-risk",
    ),
    21216: Meaning(400, "Account not allowed to call {subject}"),
    21217: Meaning(400, "Phone number {subject} does not appear to be valid"),
    21218: Meaning(400, "Invalid ApplicationSid: {subject}"),
    21219: Meaning(
        400,
        "The number {subject} is unverified. Trial accounts may only make calls to verified numbers.",
    ),
    21220: Meaning(400, "Call is not in-progress. Cannot redirect."),
    21234: Meaning(400, "Invalid Machine Detection configuration value: {subject}"),
    21609: Meaning(400, "The StatusCallback URL {subject} is not a valid URL."),
    32018: Meaning(400, "Twiml parameter is longer than 4000 characters"),
}


class RefusalError(Exception):
    """A request Twilio answers with an error; nothing was done."""

    def __init__(self, code: int, subject: str = "", http_status: int | None = None) -> None:
        meaning = MEANINGS.get(code, Meaning(400, f"Error {code}"))
        self.code = code
        self.http_status = http_status or meaning.http_status
        self.message = meaning.message.replace("{subject}", subject)
        super().__init__(f"{code} {self.message}")

    def problem(self) -> dict[str, object]:
        """The same as problem details (RFC 9457), as Twilio's newer APIs answer."""
        return {
            "type": f"https://www.twilio.com/docs/api/errors/{self.code}",
            "title": self.message,
            "status": self.http_status,
            "code": self.code,
            "detail": self.message,
        }

    def body(self) -> dict[str, object]:
        """The JSON of Twilio's own error answers."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.http_status,
        }
