"""The workers' way to the records in Redis: one method a script."""

from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import Any, Final

from redis import Redis
from redis.exceptions import NoScriptError

from schemas import keys
from schemas.errors import RecordError
from schemas.limits import Limits
from schemas.records import VERSION, CallRecord, version_of
from schemas.scripts import source
from schemas.states import CallState, may_become
from worker.alarm import Alarm
from worker.verdicts import DueCheck, Go, Gone, Newer, Permission, Settlement, Unread, Wait, Wakes

#: Calls are admitted so long before their slot, so that their message is at a worker when it comes.
HORIZON_US: Final = 80_000
#: Beat wakes the workers so long before the next slot; at high rates one waking then admits several calls.
WAKE_US: Final = 50_000
#: A permission is given so long before the call leaves: messages are usually here by then, and need not ask twice.
LEAD_US: Final = 25_000
#: A message that no worker took within this time counts as lost.
DISPATCH_LOST_MS: Final = 10_000
#: Above TWILIO_TIMEOUT_SECONDS, after which a worker that is still dialling counts as dead.
DIALLING_GRACE_SECONDS: Final = 5
#: How long replicas are waited for. They take about as long as one way to them and back.
CONFIRM_MS: Final = 500
#: A newer worker is to meet a newer record soon; a damaged one needs a person.
NEWER_AGAIN_SECONDS: Final = 5
DAMAGED_AGAIN_SECONDS: Final = 86_400
_SCRIPTS: Final = ("admit", "begin", "settle", "cancel", "clock", "checks", "postpone", "halt", "pulse", "sweep_end")


class Ledger:
    """Records of calls. Methods raise redis.exceptions.RedisError when Redis is away: nothing is dialled then."""

    def __init__(
        self, redis: "Redis", limits: Limits, timeout_seconds: float, retention_days: int, replicas: int = 0
    ) -> None:
        self._redis = redis
        self._limits = limits
        self._paces = (*astuple(limits.account), *astuple(limits.singles))
        self._dialling_ms = round((timeout_seconds + DIALLING_GRACE_SECONDS) * 1000)
        self._retention_ms = retention_days * 86_400_000
        self._replicas = replicas
        self._scripts = {name: redis.register_script(source(name)) for name in _SCRIPTS}

    def admit(self, most: int) -> list[str]:
        """Ids of the calls that may go now, at most `most`."""
        limits = self._limits
        paces = limits.account.interval_us, limits.singles.interval_us
        admitted: list[str] = self._run("admit", *paces, limits.max_live_calls, HORIZON_US, most, DISPATCH_LOST_MS)
        return admitted

    def begin(self, call_id: str, attempt: str) -> Permission:
        """The last gate before the request leaves; the same attempt may ask again."""
        (verdict, *rest), confirmed = self._run_confirmed(
            self._replicas,
            "begin",
            call_id,
            attempt,
            self._dialling_ms,
            LEAD_US,
            *self._paces,
        )
        if verdict == "go":
            leaves_in_us, *fields = rest
            record = _pairs(fields)
            late_us = int(record["dialled_ms"]) * 1000 + int(leaves_in_us) - int(record["slot_us"])
            return Go(CallRecord.read(call_id, record), int(leaves_in_us) / 1e6, max(0, late_us) / 1e6, confirmed)
        if verdict == "wait":
            return Wait(int(rest[0]) / 1e6)
        return Newer(rest[0]) if verdict == "newer" else Gone(rest[0])

    def settle(  # noqa: PLR0913 - one argument for each thing that a change of state can carry
        self,
        call_id: str,
        to: CallState,
        fields: Mapping[str, str] | None = None,
        *,
        sid: str = "",
        check_seconds: float = 0,
        pause_seconds: float = 0,
        origins: frozenset[CallState] | None = None,
        attempt: int | None = None,
        late_seconds: float | None = None,
    ) -> Settlement:
        """
        Changes the call's state if the table allows it (and it comes from `origins`, if given).

        With `attempt`, the `tries` of the record that begin gave, nothing changes once there was a later attempt.
        `late_seconds`: how much later than planned its request can have reached Twilio, if that is known.
        """
        allowed = may_become(to) if origins is None else may_become(to) & origins
        (verdict, state, hang_up, _), confirmed = self._run_confirmed(
            0 if attempt is None else self._replicas,
            "settle",
            call_id,
            to,
            f",{','.join(sorted(allowed))},",
            "",
            sid,
            round(check_seconds * 1000),
            self._retention_ms,
            round(pause_seconds * 1e6),
            "",
            "" if attempt is None else attempt,
            "" if late_seconds is None else round(late_seconds * 1e6),
            *(item for pair in (fields or {}).items() for item in pair),
        )
        return Settlement(verdict, state, hang_up == "1", confirmed)

    def look_again(self, call: CallRecord, seconds: float) -> None:
        """Looks at the call again after some seconds, unless its state changes before."""
        self._run("postpone", call.id, call.state, round(seconds * 1000))

    def stop_campaign(self, campaign_id: str, error: str) -> None:
        """Dials no further number of the campaign."""
        self._run("cancel", campaign_id, "stopped", error, self._retention_ms)

    def halt(self, reason: str) -> None:
        """Admits no call until a probe of the account succeeds."""
        self._run("halt", "halt", reason)

    def probed(self, *, accepted: bool) -> None:
        """Records what a probe of a halted account found."""
        self._run("halt", "resume" if accepted else "probed", "")

    def due_check(self, sweep: str, lease_seconds: float) -> DueCheck:
        """What a sweep is to look at next: nobody else gets it during the lease."""
        now_ms, probe, *rest = self._run("checks", sweep, round(lease_seconds * 1000))
        step = DueCheck(int(now_ms), probe == "1")
        if not rest:
            return step
        call_id, fields = rest[0], _pairs(rest[1])
        try:
            if (version := version_of(call_id, fields)) > VERSION:
                reason = f"Its record is of version {version}, and this worker knows {VERSION}"
                return replace(step, unread=Unread(call_id, reason, NEWER_AGAIN_SECONDS))
            return replace(step, call=CallRecord.read(call_id, fields))
        except RecordError as error:
            return replace(step, unread=Unread(call_id, str(error), DAMAGED_AGAIN_SECONDS))

    def put_off(self, unread: Unread) -> None:
        """No sweep meets the call for a while."""
        self._run("postpone", unread.call_id, "", round(unread.again_seconds * 1000))

    def end_sweep(self, sweep: str) -> None:
        """The sweep has done its share."""
        self._run("sweep_end", sweep)

    def clock(self, beat: str) -> Wakes:
        """What beat has to do."""
        dispatch, sweep, sleep_ms = self._run("clock", self._limits.max_live_calls, WAKE_US, beat)
        return Wakes(dispatch == "1", sweep == "1", int(sleep_ms) / 1000)

    def traceparent(self, task_id: str) -> str:
        """Where the trace of a task goes on, if its client began it."""
        return str(self._redis.hget(keys.task(task_id), "trace") or "")

    def alarm(self) -> Alarm:
        """What a beat sleeps on."""
        return Alarm(self._redis)

    def pulse(self, worker: str, *, leaving: bool = False) -> None:
        """Says that a worker lives, or leaves."""
        self._run("pulse", worker, "1" if leaving else "0")

    def _run_confirmed(self, replicas: int, script: str, *args: str | int | float) -> tuple[Any, bool]:
        """What a script returned, and whether so many replicas have what it wrote."""
        if not replicas:
            return self._run(script, *args), True
        registered = self._scripts[script]
        pipeline = self._redis.pipeline(transaction=False)  # WAIT is about what its own connection wrote
        pipeline.evalsha(registered.sha, 1, keys.PREFIX, *args)
        pipeline.wait(replicas, CONFIRM_MS)
        answer, confirmed = pipeline.execute(raise_on_error=False)
        if isinstance(answer, NoScriptError):
            self._redis.script_load(registered.script)
            return self._run_confirmed(replicas, script, *args)
        for one in (answer, confirmed):
            if isinstance(one, Exception):
                raise one
        return answer, confirmed >= replicas

    def _run(self, script: str, *args: str | int | float) -> Any:
        return self._scripts[script](keys=[keys.PREFIX], args=list(args))


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
