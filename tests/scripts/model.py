"""A model of the promises: events in any order, and what must hold after each."""

from collections import Counter
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from redis import Redis

from schemas import keys
from schemas.campaigns.marks import Mark
from schemas.scripts.begin import Go
from schemas.scripts.outcome import Settlement, in_doubt, later, placed, refused
from schemas.states import CallState
from tests.scripts.conftest import Store

CALLS_PER_SECOND, SINGLES_PER_MINUTE, MOST_LIVE = 4, 120, 5


DELAY_SECONDS, MOST_OF_CAMPAIGN = 1, 2


#: Seconds since 1970 as floats are exact to a fraction of a microsecond.
SLACK_SECONDS = 0.000_01


OUTCOMES = st.sampled_from(["placed", "placed", "number", "later", "unknown", "account", "ambiguous"])


REFUSALS = ("number", "account", "ambiguous")


#: What is picked must not depend on anything but the drawn number: Redis's clock runs on between two runs of a case.
SEEDS = st.integers(0, 2**16)


LATE = (0.0, 0.0, 0.03, 0.1)


#: What a row may be marked with whose record says so.
MARKS = {
    "waiting": {Mark.AGAIN},
    "dispatched": {Mark.DISPATCHED},
    "dialling": {Mark.LIVE},
    "confirming": {Mark.LIVE},
    "placed": {Mark.LIVE},
    "rejected": {Mark.FAILED},
    "unknown": {Mark.UNKNOWN},
    "cancelled": {Mark.CANCELLED},
    "completed": {Mark.ANSWERED, Mark.HUNG_UP},
    "busy": {Mark.BUSY},
}


WAITS = st.sampled_from([0.1, 0.26, 0.5, 1.02, 3.0])


class Calls(RuleBasedStateMachine):
    """What every order of events must keep true."""

    redis: "Redis"

    def __init__(self) -> None:
        super().__init__()
        self.redis.flushall()
        self.store = Store(self.redis, CALLS_PER_SECOND, SINGLES_PER_MINUTE, MOST_LIVE)
        self.passed_seconds = 0.0
        self.campaigns: dict[str, int] = {}
        self.cancelled: set[str] = set()
        self.admitted: list[str] = []
        self.dialling: list[str] = []
        self.live: set[str] = set()
        self.arrived: list[tuple[float, str]] = []  #: when a request reached Twilio, and of which call
        self.late: dict[str, float] = {}  #: how much later than planned the newest request of a call arrived
        self.not_processed: Counter[str] = Counter()

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

    @invariant()
    def no_more_is_live_than_allowed(self) -> None:
        assert self.store.redis.smembers("tw:live") == self.live
        assert len(self.live) <= MOST_LIVE
        for campaign in self.campaigns:
            assert sum(call.startswith(campaign) for call in self.live) <= MOST_OF_CAMPAIGN

    @invariant()
    def nobody_is_dialled_again_unless_twilio_did_not_process_it(self) -> None:
        for call, times in Counter(call for _, call in self.arrived).items():
            assert times <= 1 + self.not_processed[call]

    @invariant()
    def every_pace_is_kept(self) -> None:
        self._check_windows(self.arrived, CALLS_PER_SECOND, 1)
        campaigns = tuple(self.campaigns)
        singles = [(at, call) for at, call in self.arrived if not call.startswith(campaigns)]
        self._check_windows(singles, SINGLES_PER_MINUTE // 60, 1)
        for campaign in campaigns:
            self._check_windows(
                [(at, call) for at, call in self.arrived if call.startswith(campaign)], 1, DELAY_SECONDS
            )

    @invariant()
    def the_counts_of_a_campaign_add_up(self) -> None:
        for campaign, total in self.campaigns.items():
            task = self.store.task(campaign)
            counted = sum(
                int(task.get(name, 0))
                for name in ("live", "completed", "busy", "no_answer", "failed", "canceled", "unknown")
            )
            assert counted + self._waiting(campaign) == total
            assert int(task.get("live", 0)) == sum(call.startswith(campaign) for call in self.live)

    @invariant()
    def what_waits_in_campaigns_is_counted(self) -> None:
        redis = self.store.redis
        assert int(redis.hget("tw:in_campaigns", "") or 0) == sum(map(self._waiting, self.campaigns))

    @invariant()
    def every_row_is_marked_as_its_record_stands(self) -> None:
        for campaign, total in self.campaigns.items():
            marks = self.store.redis.get(keys.marks(campaign))
            assert len(marks) == total
            for place, mark in enumerate(marks, start=1):
                fields = self.store.task(f"{campaign}-{place}")
                if fields:
                    expected = MARKS[fields["state"]] if fields["state"] != "ended" else MARKS[fields["call_status"]]
                    assert mark in expected, (mark, fields)
                else:
                    assert mark in {Mark.WAITING, Mark.CANCELLED}
            next_place = int(self.store.task(campaign)["next"])
            assert Mark.WAITING not in marks[:next_place]
            assert next_place == total or marks[next_place] == Mark.WAITING

    @invariant()
    def calls_that_twilio_may_have_are_counted_with_when_each_began(self) -> None:
        redis = self.store.redis
        tasks = [redis.hgetall(name) for name in redis.scan_iter("tw:task:*")]
        assert {task["state"] for task in tasks if "talk_ms" in task} <= {"dialling", "confirming", "placed"}
        began = [int(task["talk_ms"]) for task in tasks if "talk_ms" in task]
        counted = [int(value or 0) for value in redis.hmget("tw:talk", "calls", "since_ms")]
        assert counted[0] == len(began)
        assert abs(counted[1] - sum(began)) <= len(began)

    def _waiting(self, campaign: str) -> int:
        never_began = str(self.store.redis.get(keys.marks(campaign))).count(Mark.WAITING)
        return never_began + int(self.store.redis.zcard(f"tw:again:{campaign}"))

    def _note(self, call: str, settlement: Settlement) -> None:
        if settlement.state in {CallState.WAITING, CallState.REJECTED, CallState.ENDED, CallState.CANCELLED}:
            self.live.discard(call)

    def _check_windows(self, arrived: list[tuple[float, str]], most: int, seconds: float) -> None:
        times = sorted(at for at, _ in arrived)
        for first, beyond in zip(times, times[most:], strict=False):
            assert beyond - first >= seconds - SLACK_SECONDS


def _one_of(calls: list[str], pick: int) -> str:
    return calls[pick % len(calls)]
