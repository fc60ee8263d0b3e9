"""The workers' way to the records in Redis: the scripts, with what the operator's settings say."""

from collections.abc import Mapping, Sequence
from typing import Final

from redis import Redis

from runtime.scripts import ScriptRunner
from schemas import keys
from schemas.do_not_call.lists import bar, cap
from schemas.hours.closing import ClosedSome, Planned, Unzoned, closed, plan, unzoned, zone
from schemas.limits import Limits
from schemas.records import CallRecord
from schemas.scripts.admit import admit
from schemas.scripts.begin import Go, Permission, begin
from schemas.scripts.cancel import forget_on, step
from schemas.scripts.checks import DueCheck, Unread, due_check, postpone, put_back
from schemas.scripts.clock import Wakes, clock, pulse
from schemas.scripts.holds import probed
from schemas.scripts.news import Report, give_up, record_news
from schemas.scripts.outcome import Request, Result, Settlement, record_outcome

#: Above TWILIO_TIMEOUT_SECONDS, after which a worker that is still dialling counts as dead.
DIALLING_GRACE_SECONDS: Final = 5


class Ledger:
    """Records of calls. Methods raise redis.exceptions.RedisError when Redis is away: nothing is dialled then."""

    def __init__(
        self,
        redis: "Redis",
        limits: Limits,
        timeout_seconds: float,
        retention_days: int,
        replicas: int = 0,
        policy: str = "",
    ) -> None:
        self.redis = redis
        self._scripts = ScriptRunner(redis)
        self._limits = limits
        self._dialling_seconds = timeout_seconds + DIALLING_GRACE_SECONDS
        self._retention_days = retention_days
        self._replicas = replicas
        self._policy = policy

    def now_ms(self) -> int:
        """What time it is by Redis's clock, as in the records."""
        seconds, microseconds = self.redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def admit(self, most: int) -> list[str]:
        """Ids of the calls that may go now, at most `most`."""
        return self._scripts.run(admit(self._limits, most))

    def begin(self, call_id: str, claim: str, way_seconds: float = 0) -> Permission:
        """The last gate before the request leaves, which arrives `way_seconds` later; the same claim may ask again."""
        script = begin(call_id, claim, self._limits, self._dialling_seconds, way_seconds, self._policy)
        permission, replicated = self._scripts.run_replicated(script, self._replicas)
        return permission.known_to_replicas(replicated=replicated) if isinstance(permission, Go) else permission

    def bar(self, call_id: str) -> bool:
        """Cancels a call whose number is not to be called; whether it is cancelled."""
        return self._scripts.run(bar(call_id, self._retention_days))

    def cap(self, call_id: str) -> bool:
        """Lets a call wait whose number was called as often as it may be; whether it does."""
        return self._scripts.run(cap(call_id, self._limits, self._retention_days))

    def put_back(self, call_id: str, pause_seconds: float = 0) -> None:
        """A call that was admitted goes back in line, if no worker has begun it; no other call goes for so long."""
        self._scripts.run(put_back(call_id, self._retention_days, pause_seconds))

    def record_outcome(self, request: Request, result: Result) -> Settlement:
        """Records what came of a request, which the replicas are to know."""
        script = record_outcome(request, result, self._retention_days)
        settlement, replicated = self._scripts.run_replicated(script, self._replicas)
        return settlement._replace(replicated=replicated)

    def record_news(self, call_id: str, report: Report) -> Settlement:
        """Records what Twilio tells of a call."""
        return self._scripts.run(record_news(call_id, report, self._retention_days))

    def give_up(self, call: CallRecord, error: str) -> bool:
        """It could not be learnt whether Twilio took the call; False if that is no question any more."""
        return self._scripts.run(give_up(call.id, call.tries, error, self._retention_days))

    def look_again(self, call: CallRecord, seconds: float) -> None:
        """Looks at the call again after some seconds, unless its state changes before."""
        self._scripts.run(postpone(call.id, seconds, call.state))

    def probed(self, probe: str, *, passed: bool) -> None:
        """Records what a read as a probe of a held account found."""
        self._scripts.run(probed(probe, passed=passed))

    def due_check(self, lease_seconds: float) -> DueCheck:
        """What a sweep is to look at next: nobody else gets it during the lease."""
        return self._scripts.run(due_check(lease_seconds, self._retention_days))

    def forget_on(self) -> bool:
        """One step of forgetting numbers; whether a further one has something to do now."""
        return self._scripts.run(forget_on(self._retention_days))

    def step(self) -> bool:
        """One step of what was begun with very many rows; whether a further one has something to do now."""
        return self._scripts.run(step(self._retention_days))

    def closed(self) -> ClosedSome:
        """Some of what is closed, for this sweep to plan; what has expired ends."""
        return self._scripts.run(closed(self._retention_days))

    def plan(self, planned: Sequence[Planned]) -> None:
        """It goes in line for its next opening."""
        self._scripts.run(plan(self._policy, planned))

    def unzoned(self, campaign_id: str) -> Unzoned:
        """The campaign's next rows whose zones are to be looked up."""
        return self._scripts.run(unzoned(campaign_id))

    def zone(
        self, campaign_id: str, offset: int, letters: str, sets: Mapping[str, str], expiries: Mapping[int, int]
    ) -> None:
        """These rows come into sets, and some have an end."""
        self._scripts.run(zone(campaign_id, offset, letters, sets, expiries))

    def put_off(self, unread: Unread) -> None:
        """No sweep meets the call for a while."""
        self._scripts.run(postpone(unread.call_id, unread.again_seconds))

    def clock(self, beat: str) -> Wakes:
        """What beat has to do."""
        return self._scripts.run(clock(beat, self._limits, self._retention_days))

    def traceparent(self, task_id: str) -> str:
        """Where the trace of a task goes on, if its client began it."""
        return str(self.redis.hget(keys.task(task_id), "trace") or "")

    def pulse(self, worker: str, *, leaving: bool = False) -> None:
        """Says that a worker lives, or leaves."""
        self._scripts.run(pulse(worker, leaving=leaving))
