"""A model of the promises: all that happens to calls, in any order."""

from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from schemas.scripts.begin import Go
from schemas.scripts.outcome import Settlement, in_doubt, later, placed, refused
from schemas.states import CallState
from tests.scripts.promises import DELAY_SECONDS, MOST_OF_CAMPAIGN, Promises

OUTCOMES = st.sampled_from(["placed", "placed", "number", "later", "unknown", "account", "ambiguous"])
REFUSALS = ("number", "account", "ambiguous")

#: What is picked must not depend on anything but the drawn number: Redis's clock runs on between two runs of a case.
SEEDS = st.integers(0, 2**16)
LATE = (0.0, 0.0, 0.03, 0.1)
WAITS = st.sampled_from([0.1, 0.26, 0.5, 1.02, 3.0])


class Calls(Promises):
    """All that happens to calls, in any order."""

    @initialize()
    def begin_with_some(self) -> None:
        self.accept_calls(rank=2, delay_ms=0, count=6)
        self.accept_campaign(size=5)
        self.accept_campaign(size=5)

    @rule(rank=st.integers(1, 3), delay_ms=st.sampled_from([0, 0, 1500]), count=st.integers(1, 4))
    def accept_calls(self, rank: int, delay_ms: int, count: int) -> None:
        for _ in range(count):
            self.store.call(rank=rank, delay_ms=delay_ms)

    @rule(size=st.integers(1, 5))
    def accept_campaign(self, size: int) -> None:
        numbers = [f"+1303555{index:04d}" for index in range(size)]
        campaign = self.store.campaign(*numbers, max_live=MOST_OF_CAMPAIGN, delay_seconds=DELAY_SECONDS)
        self.campaigns[campaign] = size

    @rule(most=st.integers(1, 10))
    def admit(self, most: int) -> None:
        for call in self.store.ledger.admit(most):
            assert call not in self.live
            self.admitted.append(call)
            self.live.add(call)

    @rule(seed=SEEDS)
    def begin(self, seed: int) -> None:
        """Every message comes to a worker, in any order; requests take their time to Twilio."""
        random = Random(seed)
        for call in random.sample(self.admitted, len(self.admitted)):
            permission = self.store.ledger.begin(call, f"attempt {len(self.arrived)}")
            if isinstance(permission, Go):
                assert call not in self.cancelled
                arrives_us = int(self.store.task(call)["arrives_us"])
                self.late[call] = random.choice(LATE)
                self.arrived.append((arrives_us / 1e6 + self.passed_seconds + self.late[call], call))
                self.admitted.remove(call)
                self.dialling.append(call)

    @rule(most=st.integers(1, 10), seed=SEEDS, seconds=WAITS)
    def wait_admit_and_begin(self, most: int, seed: int, seconds: float) -> None:
        """What beat and the workers do all day."""
        self.wait(seconds)
        self.admit(most)
        self.begin(seed)

    @rule(pick=SEEDS, kind=OUTCOMES)
    def settle(self, pick: int, kind: str) -> None:
        if not self.dialling:
            return
        call = _one_of(self.dialling, pick)
        results = {
            "placed": placed(f"CA{len(self.arrived)}{call}", "queued", 60),
            "later": later(0.1),
            "unknown": in_doubt("no answer"),
        }
        result = results[kind] if kind in results else refused(kind, "Refused", by_twilio=True)
        late_seconds = self.late[call] if kind in {"placed", *REFUSALS} else None
        settlement = self.store.outcome(call, result, late=late_seconds)
        assert settlement.verdict == "done"
        self.dialling.remove(call)
        self._note(call, settlement)
        self.not_processed[call] += settlement.state == CallState.WAITING

    @rule()
    def account_is_well(self) -> None:
        """Else most cases would be about a held account."""
        self.store.redis.delete("tw:hold")

    @rule(pick=SEEDS, status=st.sampled_from(["completed", "busy", "ringing"]))
    def hear_of(self, pick: int, status: str) -> None:
        placed = sorted(self.live - set(self.admitted) - set(self.dialling))
        if not placed:
            return
        call = _one_of(placed, pick)
        self._note(call, self.store.callback(call, status, sid=self.store.task(call).get("sid", f"CA{call}")))

    @rule(pick=SEEDS)
    def lose_message(self, pick: int) -> None:
        if not self.admitted:
            return
        call = _one_of(self.admitted, pick)
        self.store.ledger.put_back(call)
        self.live.discard(call)
        self.admitted.remove(call)

    @rule(pick=SEEDS)
    def cancel_campaign(self, pick: int) -> None:
        if not self.campaigns:
            return
        campaign = _one_of(sorted(self.campaigns), pick)
        self.store.cancel(campaign)
        gone = {call for call in self.admitted if call.startswith(campaign)}
        self.cancelled |= gone
        self.admitted = [call for call in self.admitted if call not in gone]
        self.live -= gone

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        self.store.pass_time(seconds)
        self.passed_seconds += seconds

    def _note(self, call: str, settlement: Settlement) -> None:
        if settlement.state in {CallState.WAITING, CallState.REJECTED, CallState.ENDED, CallState.CANCELLED}:
            self.live.discard(call)


def _one_of(calls: list[str], pick: int) -> str:
    return calls[pick % len(calls)]
