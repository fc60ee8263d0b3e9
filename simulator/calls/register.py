"""Every call the simulator was asked for, and every REST request: the oracle's memory."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.calls.call import Call
from simulator.calls.script import Script
from simulator.form.call_request import CallRequest


@dataclass(slots=True)
class RequestRecord:
    """One REST request to Calls: when it arrived, in epoch seconds, and at which port its client had connected.

    `action` is `create`, `list`, `fetch`, `update`, `delete` or `other`; `outcome` is `created`, `refused`,
    `fault:<kind>`, or for other actions than a creation `answered`.
    """

    at: float
    method: str
    path: str
    to: str
    outcome: str
    action: str
    port: int


class Register:
    """The newest calls and requests, at most `kept` of each."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._by_sid: dict[str, Call] = {}
        self._by_to: dict[str, dict[str, Call]] = {}
        self.requests: deque[RequestRecord] = deque(maxlen=kept)
        self.created = 0
        self.live_now = 0
        self.max_live = 0

    def create(
        self,
        account_sid: str,
        auth_token: str,
        request: CallRequest,
        params: dict[str, list[str]],
        script: Script,
        queue_milliseconds: int,
    ) -> Call:
        """Remember a new call; `created_at` is this very moment."""
        now = time.time()
        self.created += 1
        call = Call(
            sid=f"CA{secrets.token_hex(16)}",
            account_sid=account_sid,
            ordinal=self.created,
            created_at=now,
            updated_at=now,
            request=request,
            params=params,
            script=script,
            auth_token=auth_token,
            status_callback=request.status_callback,
            fallback=request.fallback,
            time_limit_seconds=request.time_limit_seconds,
            queue_milliseconds=queue_milliseconds,
        )
        self._add(call)
        return call

    def restore(self, call: Call) -> None:
        """Remember a call of an earlier run, behind those that are older."""
        self.created = max(self.created, call.ordinal)
        self._add(call)

    def _add(self, call: Call) -> None:
        self._by_sid[call.sid] = call
        self._by_to.setdefault(call.request.to, {})[call.sid] = call
        self.live_now += call.live
        self.max_live = max(self.max_live, self.live_now)

    def overflow(self) -> Call | None:
        """The oldest call, taken out, if there are more than may be kept."""
        if len(self._by_sid) <= self._kept:
            return None
        call = self._by_sid.pop(next(iter(self._by_sid)))
        same_number = self._by_to[call.request.to]
        del same_number[call.sid]
        if not same_number:
            del self._by_to[call.request.to]
        return call

    def find(self, account_sid: str, sid: str) -> Call | None:
        """The account's call of that sid, unless deleted."""
        call = self._by_sid.get(sid)
        if call is None or call.deleted or call.account_sid != account_sid:
            return None
        return call

    def newest_first(self, account_sid: str, to: str = "") -> Iterator[Call]:
        """The account's calls that were not deleted, maybe of one destination only."""
        calls = self._by_to.get(to, {}) if to else self._by_sid
        for call in reversed(calls.values()):
            if not call.deleted and call.account_sid == account_sid:
                yield call

    def oldest_first(self) -> list[Call]:
        """Every call of every account, deleted ones too."""
        return list(self._by_sid.values())

    def forget(self) -> None:
        """Start anew."""
        self._by_sid.clear()
        self._by_to.clear()
        self.requests.clear()
        self.created = self.live_now = self.max_live = 0
