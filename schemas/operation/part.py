"""report.lua, broker.lua: what each web process, worker and beat tells of itself, so that differences show."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from schemas import records
from schemas.limits import Limits, Pace
from schemas.lua.script import Script

Kind: TypeAlias = Literal["web", "worker", "beat"]

#: A part reports this often.
REPORT_SECONDS: Final = 2.0


class Part(NamedTuple):
    """One process as it told of itself."""

    name: str  #: its place, as a rule its host, and its process id: see runtime/liveness.py
    kind: str
    ahead_ms: int  #: how far its host's clock is ahead of Redis's
    settings: Mapping[str, str]  #: a digest of each that must be the same in all parts that have it

    @classmethod
    def read(cls, name: str, told: str) -> "Part":
        """As it was told."""
        fields = json.loads(told)
        return cls(name, fields["kind"], fields["ahead_ms"], fields["settings"])

    @property
    def host(self) -> str:
        """Where it runs."""
        return self.name.rpartition("/")[0]


def numbered(parts: Sequence[Part]) -> Mapping[str, str]:
    """Name of each part -> what it is called where no host is to be named: `worker 2`."""
    counts = Counter[str]()
    told: dict[str, str] = {}
    for part in sorted(parts, key=lambda part: part.name):
        counts[part.kind] += 1
        told[part.name] = f"{part.kind} {counts[part.kind]}"
    return told


class Joining(NamedTuple):
    """What came of a report."""

    joined: bool  #: False: the calls in this Redis are of another account, and nothing was recorded
    account_sid: str  #: of the calls in this Redis; '' if none was recorded yet
    newest_records: int = 0  #: the highest version of records that a worker with a pulse knows; 0 if none told


def report(part: Part, limits: Limits, account_sid: str) -> Script[Joining]:
    """A part says that it is there; the strictest limits of all workers hold from then on."""
    told: dict[str, Any] = {"kind": part.kind, "ahead_ms": part.ahead_ms, "settings": part.settings}
    if part.kind == "worker":
        told["account"], told["singles"] = (_words(pace) for pace in (limits.account, limits.singles))
        told["live"] = str(limits.max_live_calls)
        told["records"] = records.VERSION
    return Script("report", (part.name, json.dumps(told, separators=(",", ":")), account_sid), _joining)


def leave(name: str) -> Script[Joining]:
    """A part ends."""
    return Script("report", (name, "", ""), _joining)


def take_account(account_sid: str) -> Script[Joining]:
    """From now on the calls in this Redis are of that account; not joined while calls are live."""
    return Script("account", (account_sid,), _joining)


def mark_of_broker(new: str) -> Script[str]:
    """By what the Redis is known in which it is run; `new`, if it was not asked before."""
    return Script("broker", (new,), str)


def _words(pace: Pace) -> str:
    return " ".join(map(str, astuple(pace)))


def _joining(answer: Any) -> Joining:
    return Joining(answer[0] == "1", *answer[1:])
