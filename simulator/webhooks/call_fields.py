"""The form fields Twilio sends about a call (https://www.twilio.com/docs/voice/twiml and
https://www.twilio.com/docs/voice/api/call-resource)."""

from __future__ import annotations

import time

from simulator.calls.call import ENDED, IN_PROGRESS, RINGING, Call
from simulator.calls.moment import rfc2822
from simulator.form.recording import Recording

Fields = list[tuple[str, str]]
_PLACES = ("Called", "To", "Caller", "From")


def voice_fields(call: Call, call_status: str) -> Fields:
    """What every voice webhook carries; the geography is empty but for the country of +1."""
    request = call.request
    fields = [
        ("CallSid", call.sid),
        ("AccountSid", call.account_sid),
        ("From", request.from_),
        ("To", request.to),
        ("Caller", request.from_),
        ("Called", request.to),
        ("CallStatus", call_status),
        ("ApiVersion", "2010-04-01"),
        ("Direction", "outbound-api"),
    ]
    for place in _PLACES:
        number = request.to if place in ("Called", "To") else request.from_
        country = "US" if number.startswith("+1") else ""
        fields += [(f"{place}City", ""), (f"{place}State", ""), (f"{place}Zip", "")]
        fields.append((f"{place}Country", country))
    if call.answered_by:
        fields.append(("AnsweredBy", call.answered_by))
    return fields


def status_fields(call: Call, call_status: str, sequence_number: int) -> Fields:
    """A status callback; the last one says how long the call was, and is billed in minutes."""
    fields = voice_fields(call, call_status)
    fields += [
        ("Timestamp", rfc2822(time.time())),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", str(sequence_number)),
    ]
    if call_status in (RINGING, IN_PROGRESS):
        fields.append(("StirStatus", "B"))
    if call_status in ENDED:
        fields += [
            ("CallDuration", str(call.duration_seconds)),
            ("Duration", str(call.billed_minutes)),
            ("SipResponseCode", str(call.sip_response_code or 200)),
        ]
        if call.recording_sid and call.duration_seconds:
            fields += _recorded(call)
    return fields


def _recorded(call: Call) -> Fields:
    sid = call.recording_sid or ""
    return [
        ("RecordingUrl", f"https://api.twilio.com/2010-04-01/Accounts/{call.account_sid}/Recordings/{sid}"),
        ("RecordingSid", sid),
        ("RecordingDuration", str(call.duration_seconds)),
    ]


def recording_fields(call: Call, recording: Recording, recording_status: str) -> Fields:
    """A recording's callback (https://www.twilio.com/docs/voice/api/recording)."""
    return [
        ("AccountSid", call.account_sid),
        ("CallSid", call.sid),
        *_recorded(call),
        ("RecordingStatus", recording_status),
        ("RecordingChannels", "2" if recording.channels == "dual" else "1"),
        ("RecordingTrack", recording.track),
        ("RecordingSource", "OutboundAPI"),
        ("RecordingStartTime", rfc2822(call.answered_at or time.time())),
    ]
