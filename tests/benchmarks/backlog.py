"""Waiting calls and campaigns by the million."""

import time
from typing import Final
from uuid import uuid4

from redis import Redis

from runtime.scripts import ScriptRunner
from schemas import keys
from schemas.campaigns.rows import Row
from schemas.limits import campaign_interval_us
from schemas.lua.source import source_of
from schemas.scripts.accept import NewTask, accept

#: What a client of the API sends along, 100 bytes as JSON.
METADATA: Final = (
    '{"customer_id":"12345","message":"Hello, your parcel comes tomorrow between ten and twelve o\'clock"}'
)
FROM_NUMBER: Final = "+15005550006"
DAY_MS: Final = 86_400_000
MONTH_MS: Final = 30 * DAY_MS
_AT_ONCE: Final = 1000

#: ARGV 1 id of an accepted call, 2 first and 3 last number of the copies, 4 how far apart they are due, 5 how much
#: earlier than the accepted call the very first is due, both in milliseconds.
_COPY: Final = """
local record = redis.call('HGETALL', P .. 'task:' .. ARGV[1])
local place = {}
for index = 1, #record, 2 do place[record[index]] = index + 1 end
local first_ms = record[place.due_ms] - ARGV[5]
for number = ARGV[2], ARGV[3] do
  local hex = redis.sha1hex(ARGV[1] .. number)
  local id = string.gsub(hex, '^(........)(....)(....)(....)(............).*$', '%1-%2-%3-%4-%5')
  local due_ms = math.floor(first_ms + number * ARGV[4])
  record[place.due_ms] = int(due_ms)
  record[place.to] = string.format('+1%010d', number)
  redis.call('HSET', P .. 'task:' .. id, unpack(record))
  stand(line_of('c', record[place.rank]), id, due_ms)
end
"""


class Backlog:
    """Fills one Redis: with what accept.lua makes, or with copies of that where there are to be very many."""

    def __init__(self, redis: "Redis") -> None:
        self.redis = redis
        self._copy = redis.register_script(source_of(_COPY))
        self._accepted = 0

    def call(self, due_in_ms: int = 0) -> str:
        """A call with 100 bytes of metadata, as the API accepts it; returns its id."""
        fields = {
            "from": FROM_NUMBER,
            "rank": "2",
            "metadata": METADATA,
            "kind": "scheduled" if due_in_ms else "single",
        }
        fields |= {"state": "waiting", "to": self._next_number()}
        due_ms = time.time_ns() // 1_000_000 + due_in_ms if due_in_ms else None
        return self._run(fields, [], due_ms, pace_interval_us=1)

    def campaign(self, numbers: int, max_live: int = 10, rank: int = 2) -> str:
        """A campaign that is due now; returns its id."""
        fields = {"from": FROM_NUMBER, "rank": str(rank), "metadata": METADATA, "kind": "bulk", "state": "active"}
        fields |= {"total": str(numbers), "delay_us": str(campaign_interval_us(1)), "max_live": str(max_live)}
        return self._run(fields, [Row(self._next_number()) for _ in range(numbers)], None, pace_interval_us=0)

    def copies(self, call_id: str, count: int) -> None:
        """The call again and again: those of a due one came one a millisecond, the others are due over a day."""
        due_ms = self.redis.zscore(f"{keys.PREFIX}line:c:2:", call_id) or 0.0
        due = due_ms <= time.time() * 1000
        gap_ms, earlier_ms = (1, count) if due else (DAY_MS / count, 0)
        for first in range(0, count, _AT_ONCE):
            last = min(first + _AT_ONCE, count) - 1
            self._copy(keys=[keys.PREFIX], args=[call_id, first, last, gap_ms, earlier_ms])

    def _run(self, fields: dict[str, str], rows: list[Row], due_ms: int | None, *, pace_interval_us: int) -> str:
        task = NewTask(str(uuid4()), fields, rows, due_ms=due_ms, pace_interval_us=pace_interval_us)
        acceptance = ScriptRunner(self.redis).run(accept(task))
        assert acceptance.verdict == "accepted", acceptance.verdict
        return acceptance.task_id

    def _next_number(self) -> str:
        self._accepted += 1
        return f"+1202{self._accepted:07d}"
