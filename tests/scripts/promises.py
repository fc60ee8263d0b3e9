"""What must hold after each event, whatever came before it."""

from collections import Counter

from hypothesis.stateful import RuleBasedStateMachine, invariant
from redis import Redis

from schemas import keys
from schemas.campaigns.marks import Mark
from tests.scripts.conftest import Store

CALLS_PER_SECOND, SINGLES_PER_MINUTE, MOST_LIVE = 4, 120, 5
DELAY_SECONDS, MOST_OF_CAMPAIGN = 1, 2

#: Seconds since 1970 as floats are exact to a fraction of a microsecond.
SLACK_SECONDS = 0.000_01

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


class Promises(RuleBasedStateMachine):
    """What is known of calls, and what every order of events must keep true of them."""

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

    def _check_windows(self, arrived: list[tuple[float, str]], most: int, seconds: float) -> None:
        times = sorted(at for at, _ in arrived)
        for first, beyond in zip(times, times[most:], strict=False):
            assert beyond - first >= seconds - SLACK_SECONDS
