"""One month of Twilio's bad days: a stack, its clients, and what became of every call."""

import time
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import requests

from tests.e2e.oracle import most_in_any_window
from tests.processes import BASE_PATH, START_SECONDS, wait_until
from tests.receiver import Receiver
from tests.stack import Stack

CALLS_PER_SECOND = 10


KEYS = {name: f"secret-of-{name}-for-bad-days" for name in ("one", "other", "junk")}


FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


SETTLE_SECONDS = 240.0
#: An event that fails is repeated, and holds back the later ones of its call for so long.
EVENT_SECONDS = 60.0
#: Of the calls that are not settled in time.
_MOST_TOLD = 20


@dataclass
class Verdict:
    """The figures of a month; all but the first three ought to be zero."""

    accepted: int
    created: int
    unknown: int  #: numbers of which no look-up could tell whether Twilio has them
    doubled: int  #: calls to a number beyond its first
    lost: int  #: numbers that failed, or never went, for what was not about them
    told_wrong: int  #: created, and reported failed or unknown
    unsettled: int
    without_final_event: int
    final_events_too_many: int
    too_many_in_a_second: int

    def __str__(self) -> str:
        return ", ".join(f"{field.name.replace('_', ' ')} {getattr(self, field.name)}" for field in fields(self))

    @property
    def clean(self) -> bool:
        """Whether all is as promised."""
        return not any(getattr(self, field.name) for field in fields(self)[3:])


class Month:
    """The stack, its clients, and what they were promised."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.receiver = Receiver()
        self.numbers: dict[str, str] = {}  #: number -> id of its call
        self._next = 0
        settings = {
            "CALLS_PER_SECOND": str(CALLS_PER_SECOND),
            "SINGLE_CALLS_PER_MINUTE": str(CALLS_PER_SECOND * 60),
            "MAX_LIVE_CALLS": "500",
            "TWILIO_TIMEOUT_SECONDS": "2",
            "RECONCILE_AFTER_SECONDS": "3",
            "API_KEYS": ",".join(f"{name}:{secret}" for name, secret in KEYS.items()),
        }
        self.stack = Stack(folder, settings, "--speed", "20", "--seed", str(seed))
        self.stack.env["PUBLIC_BASE_URL"] = self.stack.url

    def start(self) -> None:
        """Two workers and two beats, and the simulator before all else, lest it note calls later than they arrive."""
        if not self.stack.simulator.take_precedence():
            print("the simulator may not run before all else: it may note calls later than they arrive", flush=True)
        self.stack.start_web()
        for _ in range(2):
            self.stack.start_worker(concurrency=8)
            self.stack.start_beat()
        wait_until(lambda: self._health().get("workers") == 2, START_SECONDS, "the stack is healthy")

    def stop(self) -> None:
        self.stack.stop()
        self.receiver.close()

    def queue_single(self, name: str) -> None:
        number = self._number()
        body = {"to_number": number, "status_callback_url": f"{self.receiver.url}/{number}"}
        self.numbers[number] = self._post(name, "queue-single-call", body)

    def queue_campaign(self, name: str, size: int) -> None:
        numbers = [self._number() for _ in range(size)]
        body = {
            "phone_numbers": numbers,
            "delay_between_calls": 1,
            "max_concurrent_calls": 20,
            "status_callback_url": f"{self.receiver.url}/campaign",
        }
        task_id = self._post(name, "queue-bulk-calls", body)
        self.numbers |= {number: f"{task_id}-{place}" for place, number in enumerate(numbers, start=1)}

    def queue_junk(self, size: int) -> None:
        """Numbers whose exchange begins with 1, which none in North America does."""
        numbers = [f"+1202{1_000_000 + self._next + place}" for place in range(size)]
        self._next += size
        self._post("junk", "queue-bulk-calls", {"phone_numbers": numbers, "delay_between_calls": 1})

    def forge(self) -> None:
        """Nobody's signature changes nothing."""
        call = next(iter(self.numbers.values()))
        url = f"{self.stack.url}/api/v1/twilio/call-status?call={call}"
        form = {"CallSid": "CA" + "0" * 32, "CallStatus": "completed", "SequenceNumber": "3"}
        assert requests.post(url, form, headers={"X-Twilio-Signature": "forged"}, timeout=20).status_code == 403

    def verdict(self) -> Verdict:
        """Waits until all is settled, or nothing was for so long, and counts."""
        deadline = time.monotonic() + SETTLE_SECONDS
        states: dict[str, dict[str, Any]] = {}
        open_calls = dict(self.numbers)
        while open_calls and time.monotonic() < deadline:
            for number, call_id in list(open_calls.items()):
                states[number] = self._status(call_id)
                result = states[number]["result"] or {}
                ended = result.get("call_status") in {*FINAL, "unknown"}
                if ended or states[number]["status"] in {"FAILURE", "REVOKED"}:
                    del open_calls[number]
                    deadline = time.monotonic() + SETTLE_SECONDS
            time.sleep(1)
        for number, call_id in list(open_calls.items())[:_MOST_TOLD]:
            print(f"{call_id} goes on: {states[number].get('status')}, {states[number].get('message')}", flush=True)
        self._wait_for_events()
        return self._judge(states, unsettled=len(open_calls))

    def _wait_for_events(self) -> None:
        """Until each number has its final event, or none came for so long."""
        known, deadline = -1, time.monotonic() + EVENT_SECONDS
        while known < len(self.numbers) and time.monotonic() < deadline:
            if len(self._finals()) > known:
                known, deadline = len(self._finals()), time.monotonic() + EVENT_SECONDS
            time.sleep(0.5)
        time.sleep(3)  # for those that are too many

    def _finals(self) -> Counter[str]:
        """Final events that came, of each number."""
        return Counter(
            form["To"]
            for _, _, form, _ in self.receiver.events
            if form.get("CallStatus") in FINAL and form.get("Correction") != "true"
        )

    def _judge(self, states: dict[str, dict[str, Any]], unsettled: int) -> Verdict:
        calls = [call for call in self.stack.simulator.calls() if call["to"] in self.numbers]
        created = Counter(call["to"] for call in calls)
        unknown = {number for number, state in states.items() if _is_unknown(state)}
        failed = {number for number, state in states.items() if state["status"] == "FAILURE"} - unknown
        finals = self._finals()
        for number in [number for number in self.numbers if number not in finals][:_MOST_TOLD]:
            print(f"{self.numbers[number]} without a final event: {states[number]}", flush=True)
        arrivals = sorted(call["created_at"] for call in calls)
        return Verdict(
            accepted=len(self.numbers),
            created=len(calls),
            unknown=len(unknown),
            doubled=sum(count - 1 for count in created.values()),
            lost=sum(number not in created for number in self.numbers.keys() - unknown),
            told_wrong=sum(number in created for number in unknown | failed),
            unsettled=unsettled,
            without_final_event=sum(number not in finals for number in self.numbers),
            final_events_too_many=sum(count - 1 for count in finals.values()),
            too_many_in_a_second=max(0, most_in_any_window(arrivals, 1.0) - CALLS_PER_SECOND),
        )

    def _number(self) -> str:
        self._next += 1
        return f"+1303{200_000 + self._next:06d}9"

    def _post(self, name: str, endpoint: str, body: dict[str, Any]) -> str:
        answer = self.stack.post(endpoint, body, **{"X-API-Key": KEYS[name]})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def _status(self, call_id: str) -> dict[str, Any]:
        for secret in KEYS.values():
            url = f"{self.stack.url}{BASE_PATH}/task-status/{call_id}"
            answer = requests.get(url, headers={"X-API-Key": secret}, timeout=20)
            if answer.status_code == 200:
                return dict(answer.json())
        return {"status": "PENDING", "result": None}  # a number of a campaign that was not dialled yet

    def _health(self) -> dict[str, Any]:
        try:
            return self.stack.health()
        except requests.RequestException:
            return {}


def _is_unknown(state: dict[str, Any]) -> bool:
    return bool((state["result"] or {}).get("call_status") == "unknown")
