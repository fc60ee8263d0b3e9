"""
What keeps a request from its answer, raised by the HTTP client and turned into outcomes by the telephone.

TwilioFault
├── NotProcessed     Twilio did not process the request: it never left, or Twilio said so (429)
├── NotTaken         Twilio, or something on the way to it, refused the request
└── OutcomeInDoubt   the request may have been processed: no answer, 5xx, or an unreadable one
"""


class TwilioFault(Exception):
    """A REST request without the answer that was asked for."""


class NotProcessed(TwilioFault):
    """Twilio did not process the request; repeating it is safe. `by_twilio`: it said so itself, with its own code."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None, *, by_twilio: bool = False) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds
        self.by_twilio = by_twilio


class NotTaken(TwilioFault):
    """The request was refused; `code` is Twilio's, None if the refusal is not Twilio's own."""

    def __init__(self, code: int | None, http_status: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.http_status = http_status


class OutcomeInDoubt(TwilioFault):
    """Nobody knows whether Twilio processed the request."""
