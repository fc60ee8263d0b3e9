"""The scripts on a real Redis, with time that tests can move."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from runtime.scripts import ScriptRunner
from schemas import keys
from schemas.campaigns.rows import Row
from schemas.limits import Limits, campaign_interval_us
from schemas.lua.script import Script
from schemas.records import CallRecord
from schemas.scripts.accept import Acceptance, NewTask, accept
from schemas.scripts.begin import Go, Wait
from schemas.scripts.cancel import Cancellation, cancel
from schemas.scripts.news import Report, Source, give_up
from schemas.scripts.outcome import Request, Result, Settlement, placed
from worker.ledger import Ledger

#: Makes everything older; two fields in microseconds are no instants.
_AGE = """
local us = {slots = true, left = true, streak = true}
local dated = {lines = true, line = true, again = true, checks = true, stuck = true, leases = true, doubt = true,
  workers = true, beats = true, mail = true, parts = true, campaigns = true, steps = true, closing = true,
  tasks = true}
local hashes = {pace = true, hold = true, task = true, zones = true}
for _, key in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do
  local kind = string.match(string.sub(key, #KEYS[1] + 1), '^[^:]+')
  if us[kind] or dated[kind] then
    for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      redis.call('ZINCRBY', key, -ARGV[1] * (us[kind] and 1e6 or 1e3), member)
    end
  elseif kind == 'talk' then -- a sum of instants
    local calls = redis.call('HGET', key, 'calls')
    redis.call('HINCRBY', key, 'since_ms', string.format('%d', -calls * ARGV[1] * 1e3))
  elseif hashes[kind] then
    local fields = redis.call('HGETALL', key)
    for index = 1, #fields, 2 do
      local unit = string.match(fields[index], '_([mu]s)$')
      if unit and fields[index] ~= 'delay_us' and fields[index] ~= 'way_us' then
        local older = tonumber(fields[index + 1]) - ARGV[1] * (unit == 'us' and 1e6 or 1e3)
        redis.call('HSET', key, fields[index], string.format('%.0f', older))
      end
    end
  end
end
redis.call('DEL', KEYS[1] .. 'asked:dispatch', KEYS[1] .. 'asked:sweep')
"""

#: Fields of a record that a test may give.
OPTIONAL = (
    *("unplanned", "client", "from_given", "windows", "opens_ms", "closes_ms", "expires_ms", "planned_by"),
    *("retry_most", "retry_marks", "retry_seconds"),
)


class Store:
    """Records in Redis: what the web tier does to them, what the workers do, and the time between."""

    def __init__(self, redis: Any, calls_per_second: float, singles_per_minute: float, most_live: int) -> None:
        self.redis = redis
        self.limits = Limits(calls_per_second, singles_per_minute, most_live)
        self.ledger = Ledger(redis, self.limits, timeout_seconds=30, retention_days=30)
        self.scripts = ScriptRunner(redis)

    def accept(
        self,
        *numbers: str | Row,
        key: str = "",
        body: str = "b",
        deadline_us: int = 0,
        task_id: str = "",
        **options: Any,
    ) -> Acceptance:
        """Accepts a call, or a campaign when `max_live` is given."""
        fields = {"from": "+15005550006", "rank": str(options.get("rank", 2)), "metadata": '{"a":1}'}
        fields |= {name: str(options[name]) for name in OPTIONAL if name in options}
        campaign = "max_live" in options
        if campaign:
            delay_us = campaign_interval_us(options.get("delay_seconds", 1))
            fields |= {"kind": "bulk", "state": "active", "total": str(len(numbers)), "delay_us": str(delay_us)}
            fields["max_live"] = str(options["max_live"])
        else:
            fields |= {"kind": "single", "state": "waiting", "to": str(numbers[0])}
        task = NewTask(
            task_id or str(uuid4()),
            fields,
            [one if isinstance(one, Row) else Row(one) for one in numbers] if campaign else (),
            due_ms=options.get("due_ms"),
            delay_ms=options.get("delay_ms", 0),
            pace_interval_us=0 if campaign else max(self.limits.singles.interval_us, self.limits.account.interval_us),
            key_digest=key,
            fingerprint=body,
        )
        return self.scripts.run(accept(task, deadline_us, options.get("most_a_day", 0), options.get("most_waiting", 0)))

    def call(self, number: str = "+12025550100", **options: Any) -> str:
        """Accepts a call and returns its id."""
        return self.accept(number, **options).task_id

    def campaign(self, *numbers: str | Row, max_live: int = 10, **options: Any) -> str:
        """Accepts a campaign and returns its id."""
        return self.accept(*numbers, max_live=max_live, **options).task_id

    def _begin(self, call_id: str) -> None:
        permission = self.ledger.begin(call_id, "attempt")
        while isinstance(permission, Wait) and permission.seconds < 0.1:  # a test in haste
            time.sleep(permission.seconds)
            permission = self.ledger.begin(call_id, "attempt")
        assert isinstance(permission, Go)

    def dialling(self, number: str = "+12025550100", **options: Any) -> str:
        """A call whose request is leaving."""
        call_id = self.call(number, **options)
        assert self.ledger.admit(50) == [call_id]
        self._begin(call_id)
        return call_id

    def placed(self, number: str = "+12025550100", sid: str = "CA1") -> str:
        """A call that Twilio has."""
        call_id = self.dialling(number)
        self.outcome(call_id, placed(sid, "queued", 60))
        return call_id

    def request(self, call_id: str, tries: int) -> Request:
        """A request as the worker that made it tells of it."""
        return Request(call_id, tries)

    def dialling_now(self, number: str) -> str:
        """A call whose request is leaving, while others may be on their way to a worker."""
        call_id = self.call(number, rank=1)
        assert call_id in self.ledger.admit(50)
        self._begin(call_id)
        return call_id

    def outcome(self, call_id: str, result: Result, tries: int | None = None, late: float | None = None) -> Settlement:
        """Tells what came of a call's newest request, or of an older one."""
        newest = int(self.task(call_id).get("tries", 0))
        return self.ledger.record_outcome(Request(call_id, newest if tries is None else tries, late), result)

    def callback(self, call_id: str, call_status: str = "", sid: str = "", **told: Any) -> Settlement:
        """Tells what Twilio posts of a call, by default about the SID that it has."""
        fields = ({"call_status": call_status} if call_status else {}) | told.pop("fields", {})
        task = self.task(call_id)
        campaign = self.task(task["bulk"]) if "bulk" in task else {}
        numbers = {"to": task.get("to", ""), "from_number": task.get("from") or campaign.get("from", "")}
        report = {"check_seconds": 60, **numbers, **told}
        return self.ledger.record_news(call_id, Report(Source.CALLBACK, sid or task.get("sid", ""), fields, **report))

    def hold(self, reason: str) -> None:
        """Twilio refused the account just now."""
        now_ms = self.now_ms()
        held = {"kind": "account", "reason": reason, "since_us": now_ms * 1000, "probes": 0, "stage": "read"}
        self.redis.hset(keys.PREFIX + "hold", mapping=held | {"probe_ms": now_ms + 500})

    def give_up(self, call_id: str) -> bool:
        """Nobody could learn whether Twilio took the call."""
        return self.ledger.give_up(CallRecord.read(call_id, self.task(call_id)), "Outcome unknown")

    def give_up_script(self, call_id: str, tries: int) -> Script[bool]:
        """What gives up an older request."""
        return give_up(call_id, tries, "Outcome unknown", retention_days=30)

    def cancel(self, task_id: str) -> Cancellation:
        """Cancels a task as its client does."""
        return self.scripts.run(cancel(task_id, retention_days=30))

    def task(self, task_id: str) -> dict[str, str]:
        """The record as it stands."""
        return dict(self.redis.hgetall(keys.task(task_id)))

    def state(self, task_id: str) -> str | None:
        state: str | None = self.redis.hget(keys.task(task_id), "state")
        return state

    def score(self, name: str, member: str) -> float | None:
        score: float | None = self.redis.zscore(keys.PREFIX + name, member)
        return score

    def now_ms(self) -> int:
        seconds, microseconds = self.redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def elapsed_seconds(self, since_ms: int) -> float:
        """At most, by Redis's clock."""
        return (self.now_ms() + 1 - since_ms) / 1000

    def lies_after(self, at_ms: float | None, seconds: float, since_ms: int) -> bool:
        """Whether that instant comes so many seconds after one between `since_ms` and now."""
        return at_ms is not None and -0.001 <= (at_ms - since_ms) / 1000 - seconds <= self.elapsed_seconds(since_ms)

    def _age_events(self, seconds: float) -> None:
        for kept in self.redis.scan_iter(keys.PREFIX + "events:*"):
            for name, text in self.redis.hgetall(kept).items():
                event = json.loads(text)
                times = {field: at - round(seconds * 1000) for field, at in event.items() if field.endswith("_ms")}
                self.redis.hset(kept, name, json.dumps(event | times))

    def pass_time(self, seconds: float) -> None:
        """Makes everything that Redis holds older, as if so much time had passed."""
        self.redis.eval(_AGE, 1, keys.PREFIX, seconds)
        self._age_events(seconds)


@pytest.fixture
def store(redis: "Redis") -> Store:
    """Limits that are in nobody's way: 1,000 calls a second."""
    return Store(redis, 1000, 60_000, 1000)


@pytest.fixture
def paced(redis: "Redis") -> Store:
    """The contract's default limits."""
    return Store(redis, 1, 30, 50)
