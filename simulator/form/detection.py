"""Answering-machine detection, as a request asks for it.

https://www.twilio.com/docs/voice/answering-machine-detection
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.form.parameter import Document, Form, address, flag, whole_number, word

ENABLE, DETECT_MESSAGE_END = "Enable", "DetectMessageEnd"
#: "Invalid Machine Detection configuration value".
_INVALID = 21234


@dataclass(frozen=True, slots=True)
class Detection:
    """`mode` is `Enable` or `DetectMessageEnd`; with `asynchronous` the verdict goes to the callback only."""

    mode: str
    asynchronous: bool
    callback: Document
    timeout_seconds: int
    speech_threshold_ms: int
    speech_end_threshold_ms: int
    silence_timeout_ms: int


def read_detection(form: Form) -> Detection | None:
    """What is asked for; None if nothing is. Every parameter is checked all the same."""
    prefix = "MachineDetection"
    detection = Detection(
        mode=word(form, prefix, (ENABLE, DETECT_MESSAGE_END), _INVALID),
        asynchronous=flag(form, "AsyncAmd"),
        callback=address(form, "AsyncAmdStatusCallback", 21609),
        timeout_seconds=whole_number(form, f"{prefix}Timeout", 30, range(3, 60), _INVALID),
        speech_threshold_ms=whole_number(form, f"{prefix}SpeechThreshold", 2400, range(1000, 6001), _INVALID),
        speech_end_threshold_ms=whole_number(form, f"{prefix}SpeechEndThreshold", 1200, range(500, 5001), _INVALID),
        silence_timeout_ms=whole_number(form, f"{prefix}SilenceTimeout", 5000, range(2000, 10_001), _INVALID),
    )
    return detection if detection.mode else None
