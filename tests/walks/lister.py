"""Lists of tasks and calls tell what each task tells, whatever is asked for and however it is cut into pages."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from tests.walks.gate import NAMES
from tests.walks.walker import Walker
from tests.walks.watcher import Watcher, need

Row = dict[str, Any]


class Lister:
    """Reads lists of all names, and holds them against each other."""

    def __init__(self, walker: Walker, watcher: Watcher) -> None:
        self.walker, self.watcher = walker, watcher

    def look(self) -> None:
        for name in NAMES:
            self.tasks(name)
            self.calls(name)

    def pages(self, whose: str, path: str, /, **filters: object) -> list[Row]:
        found: list[Row] = []
        asked = {"limit": self.walker.random.choice([1, 3, 50, 200]), **filters}
        while True:
            answer = self.walker.ask(whose, "GET", f"{path}?{urlencode(asked)}")
            need(answer.status == 200, path, asked, answer.text)
            page = answer.json()
            found += page[path]
            if not page["next_cursor"]:
                return found
            asked["cursor"] = page["next_cursor"]

    def tasks(self, name: str) -> None:
        found = self.pages(name, "tasks")
        own = {task for task in self.walker.there() if self.walker.tasks[task] == name}
        need({one["task_id"] for one in found} == own, name, "lists", found, own)
        need(len(found) == len(own), name, "lists one twice", found)
        times = [one["created_at"] for one in found]
        need(times == sorted(times, reverse=True), name, times)
        for one in found:
            state = self.watcher.get(one["task_id"], f"task-status/{one['task_id']}")
            told = {field: one[field] for field in state}
            need(told == state, "listed as", told, "and told as", state)
        if not found:
            return
        some = self.walker.random.choice(found)
        wanted: list[tuple[dict[str, str], Callable[[Row], bool]]] = [
            ({"kind": some["kind"]}, lambda one: one["kind"] == some["kind"]),
            ({"status": some["status"]}, lambda one: one["status"] == some["status"]),
            ({"name": "Nam"}, lambda one: (one["name"] or "").startswith("Nam")),
            ({"external_id": "mine"}, lambda one: one["external_id"] == "mine"),
            ({"created_from": some["created_at"]}, lambda one: one["created_at"] >= some["created_at"]),
            ({"created_to": some["created_at"]}, lambda one: one["created_at"] < some["created_at"]),
        ]
        self.filtered(name, "tasks", found, wanted, "task_id")

    def calls(self, name: str) -> None:
        found = self.pages(name, "calls")
        rows = {
            row["call_id"]: row
            for task in self.walker.there()
            if self.walker.tasks[task] == name
            for row in self.watcher.rows(task)
        }
        by_id = {one["call_id"]: one for one in found}
        need(len(by_id) == len(found), name, "lists a call twice", found)
        for call, row in rows.items():
            need(not row["attempts"] or call in by_id, name, call, "is not listed", row)
        for one in found:
            row = rows.get(one["call_id"], {})
            need({field: one[field] for field in row} == row, "listed as", one, "and told as", row)
        if not found:
            return
        some = self.walker.random.choice(found)
        wanted: list[tuple[dict[str, str], Callable[[Row], bool]]] = [
            ({"outcome": some["outcome"]}, lambda one: one["outcome"] == some["outcome"]),
            (
                {"waiting_for": some["waiting_for"] or "retry"},
                lambda one: one["waiting_for"] == (some["waiting_for"] or "retry"),
            ),
            ({"undelivered": "false"}, lambda one: True),
            ({"created_to": "2099-01-01T00:00:00Z"}, lambda one: True),
        ]
        if some["to_number"]:
            # Without created_from only the last day's tasks count.
            number = {"to_number": some["to_number"], "created_from": "2020-01-01T00:00:00Z"}
            wanted.append((number, lambda one: one["to_number"] == some["to_number"]))
        self.filtered(name, "calls", found, wanted, "call_id")

    def filtered(self, name: str, path: str, found: Iterable[Row], wanted: Any, key: str) -> None:
        for chosen in ([one] for one in wanted):
            self.compare(name, path, found, chosen, key)
        self.compare(name, path, found, self.walker.random.sample(wanted, 2), key)

    def compare(self, name: str, path: str, found: Iterable[Row], chosen: Any, key: str) -> None:
        filters: dict[str, str] = {}
        for one, _ in chosen:
            filters |= one
        told = [one[key] for one in self.pages(name, path, **filters)]
        right = [one[key] for one in found if all(fits(one) for _, fits in chosen)]
        need(told == right, path, filters, "told", told, "instead of", right)
