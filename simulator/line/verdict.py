"""Whom answering-machine detection takes the callee for, and when.

https://www.twilio.com/docs/voice/answering-machine-detection
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.calls.script import FAX, HUMAN, MACHINE_ENDS, MACHINE_START, UNKNOWN, Script
from simulator.form.detection import DETECT_MESSAGE_END, Detection

_FAX_TONE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who it is told that answered, and how long after the answer, in the call's own seconds."""

    answered_by: str
    seconds: float


def verdict(script: Script, detection: Detection) -> Verdict:
    """What the request's thresholds make of the callee's greeting; `unknown` when they take too long."""
    found = _heard(script, detection)
    if found.seconds > detection.timeout_seconds:
        return Verdict(UNKNOWN, detection.timeout_seconds)
    return found


def _heard(script: Script, detection: Detection) -> Verdict:
    if script.answered_by == UNKNOWN:  # nobody says a word
        return Verdict(UNKNOWN, detection.silence_timeout_ms / 1000)
    if script.answered_by == FAX:
        return Verdict(FAX, _FAX_TONE_SECONDS)
    threshold_seconds, silence_seconds = detection.speech_threshold_ms / 1000, detection.speech_end_threshold_ms / 1000
    if script.greeting_seconds < threshold_seconds:
        return Verdict(HUMAN, script.greeting_seconds + silence_seconds)
    if detection.mode != DETECT_MESSAGE_END:
        return Verdict(MACHINE_START, threshold_seconds)
    beep, silence, _ = MACHINE_ENDS
    end = silence if script.answered_by == HUMAN else script.answered_by
    return Verdict(end, script.greeting_seconds + (0 if end == beep else silence_seconds))
