"""
Surprises on the way to Twilio, raised by the HTTP client and turned into outcomes by the telephone.

TwilioFault
├── NotProcessed     Twilio did not process the request: no connection was made, or it said so (429)
└── OutcomeInDoubt   the request may have been processed: no answer, 5xx, or an unreadable one
"""


class TwilioFault(Exception):
    """A REST request without a readable answer."""


class NotProcessed(TwilioFault):
    """Twilio did not process the request; repeating it is safe."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class OutcomeInDoubt(TwilioFault):
    """Nobody knows whether Twilio processed the request."""
