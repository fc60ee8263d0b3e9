"""What must agree in all that Redis holds of a campaign."""

from collections import Counter
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

from schemas.campaigns.marks import COUNT_OF_MARK, Mark
from schemas.records import COUNTS

if TYPE_CHECKING:
    from tests.walks.moves.books import Books

_LIVE = {"dispatched", "dialling", "confirming", "placed"}
_WAITING = {Mark.WAITING, Mark.AGAIN}
_BY_STATUS = {"busy": Mark.BUSY, "no-answer": Mark.NO_ANSWER, "failed": Mark.FAILED, "canceled": Mark.FAILED}


def expected_mark(its: Mapping[str, str]) -> str:
    """The mark of a row, by the record of its call."""
    state, status = its["state"], its.get("call_status", "")
    if state == "cancelled":
        return its.get("last_mark") or {"expired": Mark.EXPIRED, "do_not_call": Mark.DO_NOT_CALL}.get(
            its.get("reason", ""), Mark.CANCELLED
        )
    plain = {"waiting": Mark.AGAIN, "dispatched": Mark.DISPATCHED, "rejected": Mark.FAILED, "unknown": Mark.UNKNOWN}
    if state in plain or state in _LIVE:
        return plain.get(state, Mark.LIVE)
    if its.get("hang_up") == "1" and status in {"completed", "canceled"}:
        return Mark.HUNG_UP
    if status == "completed":
        return Mark.MACHINE if its.get("answered_by", "").startswith(("machine", "fax")) else Mark.ANSWERED
    return _BY_STATUS.get(status, Mark.UNKNOWN)


class Campaign:
    """One campaign, as the books have it."""

    def __init__(self, books: "Books", name: str) -> None:
        self.books, self.name, self.its = books, name, books.campaigns[name]

    def check(self) -> None:
        """Marks, counts and places agree."""
        name, its = self.name, self.its
        marks: str = self.books.shelf.get(f"marks:{name}")
        total = int(its["total"])
        self.books.need(len(marks) == total == len(self.books.shelf.get(f"rows:{name}")), name, its, marks)
        for place, mark in enumerate(marks, start=1):
            record = self.books.calls.get(f"{name}-{place}")
            if record is None:
                never = {Mark.WAITING, Mark.CANCELLED, Mark.EXPIRED, Mark.DO_NOT_CALL}
                self.books.need(mark in never, name, place, mark, "has no record")
            else:
                self.books.need(mark == expected_mark(record), name, place, mark, expected_mark(record), record)
        tally = Counter(COUNT_OF_MARK[Mark(mark)] for mark in marks if mark not in _WAITING)
        for count in COUNTS:
            self.books.need(int(its.get(count, 0)) == tally[count], name, count, its, tally, marks)
        waits = sum(mark in _WAITING for mark in marks)
        ended = its["state"] != "active"
        self.books.need(ended or int(its.get("counted", 0)) == waits, name, its, waits, "wait")
        self.books.need(not ended or int(its.get("counted", 0)) in {0, waits}, name, its, waits, "wait")
        first = marks.find(Mark.WAITING)
        self.books.need(int(its["next"]) == (first if first >= 0 else total), name, its, marks)
        settled = not waits and not tally["live"]
        self.books.need(its["state"] != "finished" or not waits, name, its, marks)
        self.books.need(its["state"] != "active" or not settled, name, its, marks, "is settled")
        self.books.need((f"task:{name}" in self.books.shelf.ending) == settled, name, its, marks, "ends or not")
        self.books.need(
            f"retry:{name}" not in self.books.shelf.all or name in self.books.shelf.get("steps"),
            name,
            its,
            "waits for a step",
        )
        self._check_places(waits)

    def _check_places(self, waits: int) -> None:
        name, its = self.name, self.its
        line = self.books.lines.get(f"b:{its.get('rank', '2')}:{its.get('client', '')}", {})
        stands = [one for one, members in self.books.lines.items() if name in members]
        full = int(its.get("live", 0)) >= int(its["max_live"])
        may = its["state"] == "active" and waits and not full and not {"paused", "unplanned", "expired"} & its.keys()
        if not may:
            self.books.need(not stands, name, its, "stands in", stands)
        elif f"sets:{name}" not in self.books.shelf.all:
            self.books.need(name in line and len(stands) == 1, name, its, "stands in", stands)
        closing = self.books.shelf.get("closing")
        if its["state"] == "active" and "unplanned" in its and "expired" not in its:
            self.books.need(name in closing, name, its, "is not planned, and nobody will")
        if its["state"] == "active" and "expires_ms" in its and "expired" not in its:
            self.books.need(
                closing.get(name, inf) <= max(int(its["expires_ms"]), self.books.room.now_ms) + 12_000,
                name,
                its,
                "does not expire",
            )
        if waits and ("expired" in its or its["state"] == "cancelled"):
            self.books.need(name in self.books.shelf.get("steps"), name, its, "goes on, and nobody does it")
