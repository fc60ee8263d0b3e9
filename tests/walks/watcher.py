"""What must hold of tasks whatever was done to them: counts, rows, events, words, files and overviews agree."""

import csv
import io
from collections import Counter
from typing import Any

from tests.walks.gate import NAMES, Fault
from tests.walks.walker import Walker

COUNT_OF = {
    "waiting": "waiting",
    "live": "live",
    "answered": "completed",
    "machine": "completed",
    "busy": "busy",
    "no_answer": "no_answer",
    "failed": "failed",
    "cancelled": "canceled",
    "hung_up": "canceled",
    "expired": "canceled",
    "do_not_call": "canceled",
    "unknown": "unknown",
}


def need(holds: object, *told: object) -> None:
    if not holds:
        raise Fault(" ".join(map(str, told)))


class Watcher:
    """Looks at all that a walker made."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker

    def get(self, task: str, path: str, **headers: str) -> Any:
        answer = self.walker.ask(self.walker.tasks[task], "GET", path, **headers)
        need(answer.status == 200, path, answer.status, answer.text)
        return answer.text if headers else answer.json()

    def all(self) -> None:
        for task in self.walker.there():
            self.one(task)

    def some(self) -> None:
        """A task, if there is one."""
        if tasks := self.walker.there():
            self.one(self.walker.random.choice(tasks))

    def one(self, task: str) -> None:
        before = self.get(task, f"task-status/{task}")
        rows = self.rows(task)
        flat = list(csv.DictReader(io.StringIO(self.get(task, f"tasks/{task}/calls", Accept="text/csv"))))
        self.status(task, before)
        if task in self.walker.bulk:
            self.counts(task, before, rows)
        self.file(task, rows, flat)
        self.parts(task, rows)
        self.events(task)

    def rows(self, task: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor, limit = "", self.walker.random.choice([1, 3, 200])
        while True:
            page = self.get(task, f"tasks/{task}/calls?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
            rows += page["calls"]
            cursor = page["next_cursor"]
            if not cursor:
                return rows

    def status(self, task: str, state: dict[str, Any]) -> None:
        need(state["created_at"] <= state["updated_at"], task, "changed before it was made", state)
        if task in self.walker.world.gate.cancelled and task in self.walker.bulk:
            need(state["status"] == "REVOKED", task, "was cancelled", state)

    def counts(self, task: str, state: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        counts = state["result"]["counts"]
        total = counts["total"]
        need(sum(counts.values()) == 2 * total, task, "counts", counts)
        need(min(counts.values()) >= 0, task, "counts", counts)
        need(len(rows) == total, task, "has", len(rows), "rows", counts)
        tally = Counter(COUNT_OF[row["outcome"]] for row in rows)
        need(all(counts[name] == tally[name] for name in counts if name != "total"), task, counts, tally, rows)
        words = Counter(row["waiting_for"] for row in rows if row["waiting_for"])
        need(state["result"]["waiting_for"] == dict(words), task, state["result"]["waiting_for"], words, rows)
        settled = total - counts["waiting"] - counts["live"]
        need(state["progress"] == settled * 100 // total, task, state)
        if settled < total:
            need(state["status"] in {"PENDING", "PROGRESS", "REVOKED"}, task, state)
        else:
            need(state["status"] in {"SUCCESS", "FAILURE", "REVOKED"}, task, state)

    def file(self, task: str, rows: list[dict[str, Any]], flat: list[dict[str, str]]) -> None:
        need(len(rows) == len(flat), task, "has", len(rows), "rows, and in CSV", len(flat))
        for row, line in zip(rows, flat, strict=True):
            for name in ("call_id", "to_number", "external_id", "outcome", "waiting_for"):
                need(line[name].removeprefix("'") == (row[name] or ""), task, name, row, line)
            need(line["attempts"] == str(len(row["attempts"])), task, row, line)
            last = row["attempts"][-1] if row["attempts"] else {}
            for name in ("call_sid", "call_status", "answered_by", "digits", "ended_at"):
                need(line[name] == str(last.get(name) or ""), task, name, row, line)

    def parts(self, task: str, rows: list[dict[str, Any]]) -> None:
        for row in self.walker.random.sample(rows, min(2, len(rows))):
            told = self.get(task, f"task-status/{row['call_id']}")
            need(told["result"]["outcome"] == row["outcome"], task, told, row)
            need(told["result"].get("waiting_for") == row["waiting_for"], task, told, row)

    def events(self, task: str) -> None:
        found: list[dict[str, Any]] = []
        while page := self.get(task, f"tasks/{task}/events?after={len(found)}&limit=200")["events"]:
            found += page
        need([one["n"] for one in found] == list(range(1, len(found) + 1)), task, found)
        numbers: dict[str, list[int]] = {}
        finals: Counter[tuple[str, str]] = Counter()
        for one in found:
            if one["kind"] == "call":
                fields = one["fields"]
                numbers.setdefault(one["call_id"], []).append(int(fields["SequenceNumber"]))
                if "MoreAttempts" in fields and "Correction" not in fields and fields["CallStatus"] != "canceled":
                    finals[one["call_id"], fields["Attempt"]] += 1
        need(all(each == list(range(len(each))) for each in numbers.values()), task, numbers)
        need(all(count == 1 for count in finals.values()), task, finals)

    def overviews(self) -> None:
        """Each name's tells what its tasks do."""
        for name in NAMES:
            waiting, live = self.sum_of(name)
            told = self.walker.ask(name, "GET", "overview").json()
            on_their_way = told["live"]["by_state"].get("dispatched", 0)
            words = sum(told["waiting"]["by_waiting_for"].values())
            need(told["waiting"]["total"] + on_their_way == waiting, name, waiting, told["waiting"], told["live"])
            need(told["waiting"]["total"] == words, name, told["waiting"])
            need(sum(told["live"]["by_state"].values()) - on_their_way == live, name, live, told["live"])

    def sum_of(self, name: str) -> tuple[int, int]:
        waiting = live = 0
        for task, whose in self.walker.tasks.items():
            if whose != name or task in self.walker.deleted:
                continue
            result = self.get(task, f"task-status/{task}")["result"]
            if task in self.walker.bulk:
                waiting += result["counts"]["waiting"]
                live += result["counts"]["live"]
            else:
                waiting += result["outcome"] == "waiting"
                live += result["outcome"] == "live"
        return waiting, live
