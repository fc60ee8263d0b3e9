"""A recording of the call, as a request asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.form.parameter import Document, Form, address, flag, word, words

EVENTS = ("in-progress", "completed", "absent")


@dataclass(frozen=True, slots=True)
class Recording:
    """How it is made, and where its news go; `events` are those of its callback."""

    channels: str
    track: str
    callback: Document
    events: frozenset[str]


def read_recording(form: Form) -> Recording | None:
    """What is asked for; None without `Record`. Every parameter is checked all the same."""
    word(form, "Trim", ("trim-silence", "do-not-trim"))
    recording = Recording(
        channels=word(form, "RecordingChannels", ("mono", "dual")) or "mono",
        track=word(form, "RecordingTrack", ("inbound", "outbound", "both")) or "both",
        callback=address(form, "RecordingStatusCallback", 21609),
        events=words(form, "RecordingStatusCallbackEvent", EVENTS) or frozenset({"completed"}),
    )
    return recording if flag(form, "Record") else None
