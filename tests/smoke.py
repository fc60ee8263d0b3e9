"""
Walks through the whole API of a running server and checks every answer: python -m tests.smoke http://localhost:8001

It cancels what it scheduled. Real calls are placed with --really only. Where keys are asked for, API_KEY is the secret
of one.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import requests

from tests.smoke_answers import COUNTS, E164_SENTENCE, HEALTH, QUEUED, RARE, STATE, Wrong, expect, instant

BASE_PATH = "/api/v1/celery/twilio"
DEADLINE_SECONDS = 30.0
ANSWER_SECONDS = 10.0
SINGLE_NUMBER = "+1234567890"
BULK_NUMBERS = ["+1234567891", "+1234567892", "+1234567893", "+1234567891"]
SCHEDULED_NUMBER = "+1234567894"


class Walk:
    """One walk through one server."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.http = requests.Session()
        if api_key:
            self.http.headers["Authorization"] = f"Bearer {api_key}"
        self.waiting: list[str] = []  #: tasks to be cancelled at the end
        self.health: dict[str, Any] = {}

    def look(self) -> None:
        """Steps that place no call."""
        body = self.ask("GET", "/health", 200, HEALTH | {"simulated"}, show=("status", "workers", "beat", "simulated"))
        self.health = body
        expect(abs(datetime.now(UTC) - instant(body["timestamp"])) < timedelta(minutes=5), "the server's clock is off")
        body = self.ask("POST", "/queue-single-call", 400, {"detail", "code", "errors"}, json={"to_number": "1234"})
        seen = 'Seen: "1234": + and the country code are missing in front.'
        refusal = {"detail": E164_SENTENCE, "code": "invalid_request", "errors": {"to_number": [E164_SENTENCE, seen]}}
        expect(body == refusal, f"the refusal says {body}")
        self.ask("GET", "/task-status/no-such-task", 404, {"detail", "code"}, detail="Task no-such-task not found")
        text = "Task no-such-task not found or could not be cancelled"
        self.ask("DELETE", "/cancel-task/no-such-task", 404, {"detail", "code"}, detail=text)
        self.page("/api/docs", "swagger-ui")
        self.page("/api/docs/openapi.json", "/queue-single-call")

    def single(self) -> None:
        """A call with a delay, followed until Twilio has it."""
        metadata = {"customer_id": "12345", "call_type": "smoke_test", "priority": "high", "message": "A smoke test"}
        order = {"to_number": SINGLE_NUMBER, "call_metadata": metadata, "delay_seconds": 2}
        body = self.queue("/queue-single-call", order, {"estimated_completion"})
        expect(body["message"] == f"Call to {SINGLE_NUMBER} queued successfully", f"the message is {body['message']!r}")
        estimate = instant(body["estimated_completion"]) - instant(body["created_at"])
        expect(estimate >= timedelta(seconds=62), f"the estimate is only {estimate} after the creation")
        if not self.health["workers"]:
            raise Wrong("no worker is running (/health counts 0), so nobody will place the call")
        state = self.follow(body["task_id"])
        expect(state["status"] == "SUCCESS", f"the call ended as {state['status']}: {state['error']}")
        result = state["result"]
        expect(result["to_number"] == SINGLE_NUMBER, f"Twilio was given {result['to_number']}")
        expect(str(result["call_sid"]).startswith("CA"), f"the call's SID is {result['call_sid']!r}")
        self.waiting.remove(body["task_id"])

    def bulk(self) -> None:
        """A slow campaign, cancelled."""
        order = {"phone_numbers": BULK_NUMBERS, "delay_between_calls": 300, "max_concurrent_calls": 1}
        figures = {"total_calls": 3, "duplicates_removed": 1, "estimated_duration_minutes": 15}
        body = self.queue("/queue-bulk-calls", order, set(figures))
        found = {name: body[name] for name in figures}
        expect(found == figures, f"the figures are {found}")
        result = self.state(body["task_id"])["result"]
        counts = result["counts"]
        expect(set(counts) == COUNTS | {"total"}, f"the counts are {sorted(counts)}")
        expect(counts["total"] == sum(counts[name] for name in COUNTS) == 3, f"the counts do not add up: {counts}")
        self.cancel(body["task_id"])

    def schedule(self) -> None:
        """A call of tomorrow, asked for twice under one Idempotency-Key, and cancelled."""
        due = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat().replace("+00:00", "Z")
        order = {"to_number": SCHEDULED_NUMBER, "schedule_time": due, "timezone": "Asia/Kolkata"}
        key = {"Idempotency-Key": str(uuid4())}
        body = self.queue("/schedule-call", order, {"estimated_completion"}, headers=key)
        expect(body["message"] == f"Call to {SCHEDULED_NUMBER} scheduled for {due}", f"it says {body['message']!r}")
        expect(body["estimated_completion"] == due, f"the estimate is {body['estimated_completion']}, not {due}")
        again = self.ask("POST", "/schedule-call", 200, set(body), json=order, headers=key, show=("task_id",))
        expect(again == body, "the same Idempotency-Key gave another answer")
        expect(self.state(body["task_id"])["status"] == "PENDING", "tomorrow's call is not PENDING")
        self.cancel(body["task_id"])

    def queue(self, path: str, order: object, further: set[str], **options: Any) -> dict[str, Any]:
        body = self.ask("POST", path, 200, QUEUED | further, json=order, show=("task_id",), **options)
        self.waiting.append(body["task_id"])
        expect(body["success"] is True, f"success is {body['success']!r}")
        unexpected = [one for one in body["warnings"] if not one.startswith("The same request was accepted ")]
        expect(unexpected == [], f"it warns: {unexpected}")
        instant(body["created_at"])
        return body

    def follow(self, task_id: str) -> dict[str, Any]:
        """The call's state once it is decided whether Twilio took it."""
        began = time.monotonic()
        state = self.state(task_id)
        while state["status"] in {"PENDING", "PROGRESS"}:
            waited = time.monotonic() - began
            last = f"{state['status']}, {state['message']}"
            expect(waited < DEADLINE_SECONDS, f"Twilio does not have the call after {waited:.0f} s: {last}")
            time.sleep(0.5)
            state = self.state(task_id, quiet=True)
        print(f"ok    followed the call for {time.monotonic() - began:.1f} s: {state['status']}, {state['message']}")
        return state

    def state(self, task_id: str, *, quiet: bool = False) -> dict[str, Any]:
        show = None if quiet else ("status", "progress", "message")
        return self.ask("GET", f"/task-status/{task_id}", 200, STATE, show=show)

    def cancel(self, task_id: str) -> None:
        """Cancels a task, which afterwards is REVOKED; to cancel it again is answered the same."""
        good = {"success": True, "message": f"Task {task_id} cancelled successfully", "task_id": task_id}
        for _ in range(2):
            body = self.ask("DELETE", f"/cancel-task/{task_id}", 200, set(good), show=("message",))
            told, _, left = body["message"].partition("; ")  # a campaign's first call may have left by now
            expect(body | {"message": told} == good, f"the answer to the cancel is {body}")
            expect(not left or "had left for Twilio already" in left, f"the answer to the cancel adds {left!r}")
        self.waiting.remove(task_id)
        expect(self.state(task_id)["status"] == "REVOKED", "the cancelled task is not REVOKED")

    def page(self, path: str, needle: str) -> None:
        answer, milliseconds = self.timed("GET", path)
        print(
            f"{'ok' if answer.ok else 'WRONG':5} GET {path}: {answer.status_code},"
            f" {len(answer.text)} characters, {milliseconds} ms"
        )
        expect(answer.status_code == 200 and needle in answer.text, f"GET {path} does not show {needle}")

    def ask(
        self,
        method: str,
        path: str,
        status: int,
        fields: set[str],
        *,
        show: tuple[str, ...] | None = ("detail",),
        detail: str | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """The body of an answer, which must have this status and exactly these fields."""
        answer, milliseconds = self.timed(method, BASE_PATH + path, **options)
        step = f"{method} {path}"
        try:
            body = answer.json()
        except requests.JSONDecodeError:
            raise Wrong(f"{step} answered {answer.status_code} and no JSON: {answer.text[:200]}") from None
        good = answer.status_code == status and set(body) - RARE == fields and detail in {None, body.get("detail")}
        if show is not None or not good:
            seen = ", ".join(f"{name}={body[name]}" for name in show or () if name in body)
            print(f"{'ok' if good else 'WRONG':5} {step}: {answer.status_code}, {seen}, {milliseconds} ms")
        wanted = f"{status} with {sorted(fields)}" + (f" and {detail!r}" if detail else "")
        expect(good, f"{step} answered {answer.status_code} {body}; wanted: {wanted}")
        return dict(body)

    def timed(self, method: str, path: str, **options: Any) -> tuple[requests.Response, int]:
        began = time.perf_counter()
        answer = self.http.request(method, self.base_url + path, timeout=ANSWER_SECONDS, **options)
        return answer, round((time.perf_counter() - began) * 1000)

    def clean(self) -> None:
        """Cancels what a failed step left waiting."""
        for task_id in self.waiting:
            answer, _ = self.timed("DELETE", f"{BASE_PATH}/cancel-task/{task_id}")
            print(f"      cancelled {task_id}, which was left over: {answer.status_code}")


def walk(base_url: str, really: bool, api_key: str) -> list[str]:
    """What failed."""
    one = Walk(base_url, api_key)
    failed: list[str] = []
    steps: list[Callable[[], None]] = [one.look, one.single, one.bulk, one.schedule, one.clean]
    for step in steps:
        try:
            step()
        except (Wrong, requests.RequestException) as error:
            away = isinstance(error, requests.ConnectionError)
            failed.append(f"{step.__name__}: {f'nobody answers at {base_url}' if away else error}")
            print(f"WRONG {failed[-1]}")
        if not one.health:
            break
        if not one.health["simulated"] and not really:
            failed.append("no call was tried: this server dials through the real Twilio; --really places real calls")
            break
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description="Walks through the whole API of a running server.")
    parser.add_argument("base_url", nargs="?", default="http://localhost:8001")
    parser.add_argument("--really", action="store_true", help="place real calls, which cost money")
    options = parser.parse_args()
    failed = walk(options.base_url, options.really, os.environ.get("API_KEY", ""))
    print(f"FAILED: {'; '.join(failed)}" if failed else f"Everything works at {options.base_url}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
