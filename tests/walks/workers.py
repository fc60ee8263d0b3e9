"""Workers, a beat and a Twilio that does what a number's end says; now and then an answer is late, or never comes."""

from random import Random
from typing import Any

from schemas.scripts.begin import Barred, Capped, Go
from schemas.scripts.outcome import in_doubt, placed, refused
from tests.scripts.conftest import Store
from tests.walks.gate import Fault, Gate
from worker.calls.planning import plan_closed

ENDS = {"0100": "completed", "0101": "busy", "0102": "no-answer", "0103": "failed", "0104": "completed"}


class Workers:
    """They work when they are told."""

    def __init__(self, store: Store, gate: Gate, random: Random) -> None:
        self.store, self.gate, self.random = store, gate, random
        self.live: list[tuple[float, str, str, str, int]] = []  #: until when, call, SID, its end, number of the attempt
        self.leaving: list[tuple[str, str]] = []  #: call, and its tries
        self.claims = self.sids = 0

    def work(self, now: float) -> None:
        """Does what is due."""
        self.store.ledger.pulse("worker")
        self.store.ledger.clock("beat")
        for call, tries in list(self.leaving):
            its = self.store.task(call)
            if its.get("tries") != tries or its["state"] not in {"dialling", "confirming"}:
                self.leaving.remove((call, tries))
            elif self.random.random() < 0.3:
                self.leaving.remove((call, tries))
                self._answer(call, now, late=True)
        for _ in range(2):
            self._sweep()
            self._end_some(now)
            for call in self.store.ledger.admit(20):
                self._place(call, now)
        self._sweep()

    def _sweep(self) -> None:
        ledger = self.store.ledger
        while plan_closed(ledger, self.gate.policy) or ledger.step():
            pass
        while ledger.forget_on():
            pass

    def _end_some(self, now: float) -> None:
        for one in [one for one in self.live if one[0] <= now]:
            self.live.remove(one)
            _, call, sid, status, attempt = one
            fields = {"duration_seconds": "7", **({"answered_by": "human"} if status == "completed" else {})}
            told = self.store.callback(call, status, sid, attempt_number=attempt, fields=fields)
            if told.verdict not in {"done", "late"}:
                raise Fault(f"{call} {status}: {told}")

    def _place(self, call: str, now: float) -> None:
        ledger = self.store.ledger
        self.claims += 1
        if self.random.random() < 0.03:
            return  # the message gets lost
        permission = ledger.begin(call, f"claim {self.claims}")
        if isinstance(permission, Barred):
            ledger.bar(call)
        elif isinstance(permission, Capped):
            ledger.cap(call)
        elif isinstance(permission, Go):
            self.gate.check(call, now)
            self._answer(call, now)
        else:
            ledger.put_back(call)

    def _answer(self, call: str, now: float, *, late: bool = False) -> None:
        chance, doubtful = self.random.random(), in_doubt("no answer")
        if chance < 0.04:
            self.store.outcome(call, refused("number", "Twilio error 21211", by_twilio=True))
        elif chance < 0.06:
            self.store.outcome(call, doubtful)
            self.store.give_up(call)
            if chance > 0.05:
                self._ring(call, now, 30)
        elif chance < 0.07:
            self.store.outcome(call, doubtful)
            self._ring(call, now, 5)
        elif chance < 0.2 and not late:
            self.leaving.append((call, self.store.task(call)["tries"]))
        elif chance < 0.3 and late:
            self.store.outcome(call, refused("ambiguous", "Twilio error 20001", by_twilio=True))
        else:
            sid = self._ring(call, now, self.random.choice([1, 7, 30]))
            self.store.outcome(call, placed(sid, "queued", 60))

    def _ring(self, call: str, now: float, seconds: float) -> str:
        """Until its end, under a SID."""
        record: dict[str, Any] = self.store.task(call)
        self.sids += 1
        sid = f"CA{self.sids:032d}"
        attempt = int(record.get("attempt_number", 1))
        self.live.append((now + seconds, call, sid, ENDS[record["to"][-4:]], attempt))
        return sid
