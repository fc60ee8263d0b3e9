"""Reminds a clinic's patients of their appointments, each at hours that suit them, and only before it begins.

python examples/clinic_reminders.py patients.csv --events https://example.com/events

The file's columns: id, name, number, appointment (2026-12-03T09:30-05:00, as the clinic's clock will say), and timezone
(America/Denver): where that is empty, the number tells. To run it twice is safe: the file is the Idempotency-Key.
--dry-run only says when each would be called; --any-hour is for trying it out. With keys, API_KEY is the secret of one.
"""

import argparse
import csv
import hashlib
import os
import sys
from datetime import datetime
from pathlib import Path

import requests

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat"]
HOURS = [{"days": WEEKDAYS, "start": "09:00", "end": "20:00"}, {"days": ["sun"], "start": "12:00", "end": "20:00"}]
ANY_HOUR = [{"days": [*WEEKDAYS, "sun"], "start": "00:00", "end": "24:00"}]
CAMPAIGN = {
    "name": "Reminders",
    "invalid_numbers": "skip",
    "delay_between_calls": 1,
    "call_metadata": {"message": "Hello {{name}}. {{pause 1}} We expect you on {{day}} at {{time}}."},
    "machine": {"on_machine": "leave_message", "message": "Hello {{name}}. Please call the clinic about {{day}}."},
    "gather": {"num_digits": 1, "timeout_seconds": 10, "prompt": "Press 1 to confirm, 9 for no more such calls."},
    "retry": {"max_attempts": 3, "delay_seconds": 3600, "on": ["busy", "no_answer"]},
    "opt_out_digit": "9",
}


def recipient(row: dict[str, str]) -> dict[str, object]:
    """A patient, as the API is told of them."""
    at = datetime.fromisoformat(row["appointment"])
    said = {"name": row["name"], "day": f"{at:%A}, {at:%B} {at.day}", "time": f"{at:%H:%M}"}
    its = {"to_number": row["number"], "external_id": row["id"], "expires_at": at.isoformat(), "variables": said}
    return {**its, "timezone": row["timezone"] or None}


parser = argparse.ArgumentParser(description="Calls patients to remind them of their appointments.")
parser.add_argument("file", type=Path)
parser.add_argument("--url", default="http://127.0.0.1:8001")
parser.add_argument("--events", help="where clinic_receiver.py is reached")
parser.add_argument("--any-hour", action="store_true")
parser.add_argument("--dry-run", action="store_true")
options, content = (given := parser.parse_args()), given.file.read_bytes()
patients = [recipient(row) for row in csv.DictReader(content.decode("utf-8-sig").splitlines())]
body = {**CAMPAIGN, "recipients": patients, "dry_run": options.dry_run, "status_callback_url": options.events}
body["calling_windows"] = {"timezone": "recipient", "windows": ANY_HOUR if options.any_hour else HOURS}
headers = {"Idempotency-Key": hashlib.sha256(content).hexdigest(), "X-API-Key": os.environ.get("API_KEY", "")}
url = f"{options.url}/api/v1/celery/twilio/queue-bulk-calls"
told = (answer := requests.post(url, json=body, headers=headers, timeout=30)).json()
print(told["message"] if answer.ok else told["detail"], told.get("task_id") or "", flush=True)
for one in told.get("numbers") or told.get("skipped", []):
    print(patients[one["index"]]["external_id"], one.get("first_slot") or one["reason"], flush=True)
sys.exit(0 if answer.ok else 1)
