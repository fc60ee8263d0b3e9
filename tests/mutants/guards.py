"""The guards, each with the tests that are to fail without it."""

from typing import NamedTuple

_SCRIPTS = "schemas/scripts"


class Guard(NamedTuple):
    """A piece of a file that a promise hangs on."""

    file: str
    piece: str  #: stands in the file exactly once
    tests: tuple[str, ...]  #: of which at least one fails without it
    instead: str = ""
    reason: str = ""  #: why nothing need fail without it; '' if something must


GUARDS = (
    Guard(
        f"{_SCRIPTS}/begin.lua",
        "if is_barred_call(key, task[3]) then return {'barred'} end\n",
        ("tests/scripts/test_opt_outs.py",),
    ),
    Guard(
        f"{_SCRIPTS}/begin.lua",
        "if capped_until_ms(key, task[3], id, ARGV[15], ARGV[16]) then return {'capped'} end\n",
        ("tests/scripts/test_caps.py",),
    ),
    Guard(
        "app/endpoints/webhooks.py",
        "        await _opt_out(request, call)\n",
        ("tests/app/test_answer_options.py",),
        instead="        pass\n",
    ),
    Guard(
        f"{_SCRIPTS}/begin.lua",
        "if held[1] and held[2] ~= id then return {'wait', int(FORGOTTEN_US)} end\n",
        ("tests/scripts/test_begin.py",),
    ),
    Guard(
        f"{_SCRIPTS}/forget.lua",
        "  if call == id and ARGV[3] ~= '' then redis.call('SET', claimed, ARGV[3], 'PX', 60000) end\n",
        ("tests/scripts/test_retention.py",),
    ),
    Guard(
        f"{_SCRIPTS}/requeue.lua",
        "redis.call('HINCRBY', key, 'attempt_number', call.attempt_number and 1 or 2)\n",
        ("tests/scripts/test_restore.py",),
    ),
    Guard(
        f"{_SCRIPTS}/restore.lua",
        " or tonumber(task[3]) > copy_ms",
        ("tests/scripts/test_restore.py",),
    ),
    Guard(
        f"{_SCRIPTS}/shared/cancelling.lua",
        "    redis.call('ZREM', P .. 'again:' .. campaign, call)\n",
        ("tests/scripts/test_cancel.py",),
    ),
    Guard(
        f"{_SCRIPTS}/shared/cancelling.lua",
        "    leave_line(call, 'c', its[1], its[2])\n",
        ("tests/scripts/test_cancel.py",),
        reason="admit.lua looks at the call's state too; this keeps the line short",
    ),
    Guard(f"{_SCRIPTS}/shared/cancelling.lua", "  leave_slots(call)\n", ("tests/scripts/test_cancel.py",)),
    Guard(
        f"{_SCRIPTS}/shared/cancelling.lua",
        "  recount(campaign, nil, nil, retention_ms)\n",
        ("tests/scripts/test_cancel.py", "tests/scripts/test_retention.py"),
    ),
    Guard(
        f"{_SCRIPTS}/accept.lua",
        "    redis.call('HSET', P .. 'idem:' .. digest, 'id', first[2]) -- likewise\n",
        ("tests/app/test_confirming_writes.py", "tests/app/test_replication.py"),
        reason="a repetition that finds the record writes to it anyhow; this is for one whose record is gone",
    ),
    Guard(
        f"{_SCRIPTS}/accept.lua",
        "      redis.call('HSET', P .. 'task:' .. first[2], 'heard', '1') -- so that nobody takes it back any more\n",
        ("tests/scripts/test_take_back.py",),
    ),
    Guard(
        f"{_SCRIPTS}/admit.lua",
        "    id = its[1] == 'waiting' and not shut and id\n",
        ("tests/scripts/test_admit.py",),
        "    id = not shut and id\n",
    ),
    Guard(
        f"{_SCRIPTS}/shared/take_from.lua",
        " or task[7] or full)",
        ("tests/scripts/test_turns.py",),
        " or task[7])",
    ),
    Guard(f"{_SCRIPTS}/shared/turns.lua", "one.next < other.next or ", ("tests/scripts/test_turns.py",)),
    Guard(
        f"{_SCRIPTS}/shared/turns.lua",
        "math.max(turns[whose] or 0, turn)",
        ("tests/scripts/test_turns.py",),
        "turns[whose] or turn",
    ),
    Guard(
        f"{_SCRIPTS}/shared/turns.lua",
        "  client.next = client.next + 1\n",
        ("tests/scripts/test_turns.py",),
        "  client.next = client.next + (began and 1 or 0)\n",
    ),
    Guard(f"{_SCRIPTS}/shared/turns.lua", ", 3, 3) > rank", ("tests/scripts/test_turns.py",), ", 3, 3) > '9'"),
    Guard(
        f"{_SCRIPTS}/shared/turned_back.lua",
        "  redis.call('DEL', P .. 'asked:dispatch', P .. 'asked:sweep')\n",
        ("tests/scripts/test_set_back.py",),
    ),
    Guard(
        f"{_SCRIPTS}/shared/instants.lua",
        "at_us > now_us + most_ahead_us and now_us or at_us",
        ("tests/scripts/test_set_back.py",),
        "at_us",
    ),
    Guard(
        f"{_SCRIPTS}/begin.lua",
        "math.max(now_us, sound_us(due_ms * 1000, 5e6)) + way_us)",
        ("tests/scripts/test_instants.py",),
        "math.max(now_us, sound_us(due_ms * 1000, 5e6)))",
    ),
    Guard(
        f"{_SCRIPTS}/shared/paces.lua",
        "int(arrives_us + MOST_LATE_US), attempt)",
        ("tests/scripts/test_distances.py",),
        "int(arrives_us), attempt)",
    ),
    Guard(
        f"{_SCRIPTS}/shared/paces.lua",
        "or first_us + pace.window_us)",
        ("tests/scripts/test_distances.py",),
        "or at_us)",
    ),
    Guard(
        f"{_SCRIPTS}/shared/paces.lua",
        "later > 0 and last_us or first_us",
        ("tests/scripts/test_distances.py",),
        "later > 0 and at_us or first_us",
    ),
    Guard(
        f"{_SCRIPTS}/shared/paces.lua",
        "last_us - at_us - MOST_LATE_US < pace.window_us",
        ("tests/scripts/test_instants.py",),
        "false",
    ),
    Guard(
        f"{_SCRIPTS}/outcome.lua",
        "call.arrives_us + ARGV[3])",
        ("tests/scripts/test_distances.py",),
        "call.arrives_us)",
    ),
    Guard(
        f"{_SCRIPTS}/shared/paces.lua",
        "      if at_us > slot_us then at_us = math.max(at_us, gap_after_us(pace, at_us)) end\n",
        ("tests/scripts/test_instants.py",),
    ),
    Guard(
        f"{_SCRIPTS}/shared/paces.lua",
        "int(math.max(slot_us, now_us - 1e6))",
        ("tests/scripts/test_distances.py",),
        "int(now_us - 1e6)",
    ),
    Guard(
        "worker/twilio/route.py",
        " or (isinstance(self.sock, _SECURED) and _holds_tickets_only(self.sock))",
        ("tests/worker/test_standing.py",),
    ),
    Guard(
        "worker/twilio/http.py",
        "            require_standing(self._pool)\n",
        ("tests/worker/test_standing.py", "tests/worker/test_leaving.py"),
    ),
    Guard(
        "worker/twilio/answers.py", "while self.status < HTTPStatus.OK:", ("tests/worker/test_line.py",), "while False:"
    ),
    Guard("worker/twilio/route.py", "- idle_since >= most_idle_seconds", ("tests/worker/test_line.py",), "< 0"),
    Guard(
        f"{_SCRIPTS}/begin.lua",
        "for _, pace in ipairs(paces) do cut_arrivals(pace) end\n",
        ("tests/scripts/test_set_back.py",),
    ),
    Guard(
        "app/relay/shares.py",
        "client=(free + 1) // 2,",
        ("tests/app/test_shares.py",),
        "client=free,",
    ),
    Guard(
        "app/store/do_not_call.py",
        "        if not replicated:\n            raise LedgerAway(UNCONFIRMED)\n",
        ("tests/app/test_confirming_writes.py",),
    ),
    Guard(
        f"{_SCRIPTS}/shared/opting.lua",
        "    redis.call('HSET', P .. 'optout:' .. list, known, redis.call('HGET', P .. 'optout:' .. list, known))\n",
        ("tests/scripts/test_writing_again.py",),
    ),
    Guard(
        "worker/twilio/round_trips.py",
        "self._smallest[0][2] if self._count >= _ENOUGH else inf",
        ("tests/worker/test_round_trips.py", "tests/worker/test_standing.py"),
        "self._smallest[0][2] if self._smallest else inf",
    ),
    Guard(
        "app/store/ledger.py",
        "        if cancellation.done and not replicated:\n            raise LedgerAway(UNCONFIRMED)\n",
        ("tests/app/test_replication.py", "tests/app/test_confirming_writes.py"),
    ),
    Guard(
        "app/store/ledger.py",
        "            self._undoing.begin(task.id, take_back(task.id))  # Redis may run it yet, or have done so\n",
        ("tests/app/test_away.py", "tests/app/test_undoing.py"),
    ),
)
