"""What Redis says of itself that may cost calls: read from its INFO."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Above this share of its memory Redis is nearly full; above the second, no call is accepted any more, so that those
#: that were can still be dialled: that takes memory too.
NEARLY_FULL_SHARE: Final = 0.85
FULL_SHARE: Final = 0.95

#: A file that is rewritten by itself is at most some times as large as what Redis holds.
_MOST_OF_A_FILE: Final = 4
#: CONFIG GET by this finds what is looked for, in one question that every version of Redis understands.
CONFIGURATION: Final = "a[pu]*"
_FLUSHES, _REWRITES = "appendfsync", "auto-aof-rewrite-percentage"

_KEEPS: Final = "noeviction"
_REPLICA: Final = "Redis is a replica, in which nothing can be written: name its primary"
_CLUSTER: Final = (
    "Redis is a cluster (cluster-enabled yes), whose keys lie apart, so that neither scripts nor Celery work there:"
    " name a Redis that is none"
)
#: What an error of Redis has in it, also as scripts pass it on -> what it means.
_REFUSALS: Final = (
    (re.compile(r"\bREADONLY\b"), _REPLICA),
    (
        re.compile(r"\bNOREPLICAS\b"),
        "Redis takes no writes, for too few of its replicas are there (min-replicas-to-write): start them",
    ),
    (
        re.compile(r"\bMISCONF\b"),
        "Redis takes no writes, for it could not write to its disk: make room there, or look into its log",
    ),
    (
        re.compile(r"\bNOPERM\b|The user executing the script"),
        "Redis does not let its user do all that is asked: allow it every key and channel, and the command that"
        " `redis_refused` in the log names",
    ),
    (
        re.compile(r"\bWRONGTYPE\b"),
        "Redis has something else where a key of ours should be, another program's perhaps: use a database of our own,"
        " or delete that key: `line` of `redis_refused` in the log shows which, and without one it is the queue",
    ),
    (
        re.compile(r"AuthenticationError|invalid username-password|Authentication required|AUTH <password>"),
        "Redis, or a sentinel, does not take the password that it is given, or wants one: that of Redis stands in the"
        " URL, that of sentinels in REDIS_SENTINEL_PASSWORD",
    ),
    (
        re.compile(r"certificate verify failed"),
        "Redis shows a certificate that is of no authority we trust, or of another host: let ssl_ca_certs in the URL be"
        " the file of its authority",
    ),
    (
        re.compile(r"DB index is out of range|invalid DB index"),
        "Redis has no database of the number in the URL: take a lower one, or raise `databases` in its configuration",
    ),
    (
        re.compile(r"^No master found"),
        "None of the sentinels names a primary: start them, and let REDIS_SENTINEL_MASTER be what they call it",
    ),
)
#: A script's, of which 6.2 tells otherwise than later versions.
_PLACE: Final = re.compile(r"@user_script: ?(\d+)")


def refusal(error: str) -> str:
    """What an error of Redis says of the whole of it, with the remedy; '' if it is about one record at most."""
    return next((told for form, told in _REFUSALS if form.search(error)), "")


def reason_of(error: Exception) -> str:
    """For a log: what an error of Redis, or on the way there, means; else its kind."""
    return refusal(str(error)) or type(error).__name__


def refused_line(error: str, script: str) -> str:
    """The line of a script's text that an error of Redis is about, so that one sees of which key; '' if of none."""
    place = _PLACE.search(error)
    return script.splitlines()[int(place[1]) - 1].strip() if place else ""


@dataclass(frozen=True, slots=True)
class RedisState:
    """Sizes are in bytes; 0 for what Redis does not tell."""

    policy: str  #: what it does when its memory is full
    appends: bool  #: each write to a file
    writes: bool  #: and the last one succeeded
    loading: bool  #: it reads its file, answers little, and says for so long that it appends to none
    used_bytes: int
    most_bytes: int  #: what it may use: its own limit, else its host's memory
    file_bytes: int
    unfit: str  #: why nothing works there, with the remedy; '' if it may
    replicas: int  #: that are connected
    flushes: str  #: its file to the disk: `appendfsync`, '' if it does not tell
    rewrites: bool  #: its file by itself, when that has grown, and could do so the last time

    @classmethod
    def read(cls, info: Mapping[str, Any], configuration: Mapping[str, str]) -> "RedisState | None":
        """From the fields of INFO, and what Redis tells of its configuration; None if it tells too little."""
        try:
            limit, host = int(info["maxmemory"]), int(info.get("total_system_memory", 0))
            return cls(
                policy=str(info["maxmemory_policy"]),
                appends=str(info["aof_enabled"]) == "1",
                writes=str(info.get("aof_last_write_status", "ok")) == "ok",
                loading=str(info.get("loading", 0)) == "1",
                used_bytes=int(info["used_memory"]),
                most_bytes=limit or host,
                file_bytes=int(info.get("aof_current_size", 0)),
                unfit=_unfit(info),
                replicas=int(info.get("connected_slaves", 0)),
                flushes=configuration.get(_FLUSHES, ""),
                rewrites=configuration.get(_REWRITES) != "0"
                and str(info.get("aof_last_bgrewrite_status", "ok")) == "ok",
            )
        except (KeyError, ValueError):
            return None

    @classmethod
    def parse(cls, text: str, configuration: Mapping[str, str]) -> "RedisState | None":
        """From INFO as Redis sends it."""
        pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith("#"))
        return cls.read(dict(pairs), configuration)

    @property
    def evicts(self) -> bool:
        """Whether it drops records when its memory is full."""
        return self.policy != _KEEPS

    @property
    def used_share(self) -> float:
        """Of what it may use; 0 if that is not known."""
        return self.used_bytes / self.most_bytes if self.most_bytes else 0.0

    @property
    def full(self) -> bool:
        """Whether what it has left is wanted for calls that were accepted."""
        return self.used_share >= FULL_SHARE

    @property
    def outgrown(self) -> str:
        """Why its disk will be full, with the remedy; '' if its file is no larger than it should be."""
        if self.rewrites or self.file_bytes <= _MOST_OF_A_FILE * self.used_bytes:
            return ""
        return (
            f"Redis's file has {self.file_bytes / 2**20:,.0f} MiB, {self.file_bytes // self.used_bytes} times what it"
            " holds, and is not rewritten (auto-aof-rewrite-percentage 0), or could not be the last time: set that to"
            " 100, or look into its log, before its disk is full"
        )

    @property
    def unsafe(self) -> str:
        """Why calls that are kept there may get lost, with the remedy; '' if they may not."""
        if self.unfit:
            return self.unfit
        if self.evicts:
            return (
                f"Redis drops records when its memory is full (maxmemory-policy {self.policy}), and with them accepted"
                " calls: set maxmemory-policy noeviction"
            )
        if not self.appends:
            return (
                "Redis keeps calls in memory only, and forgets them when it ends (appendonly no): set appendonly yes"
                " and appendfsync always, by CONFIG SET and in its configuration"
            )
        if not self.writes:
            return "Redis could not write to its file, so its disk may be full: make room, or look into its log"
        return ""

    def lacks_replicas(self, wanted: int) -> str:
        """Why nothing is confirmed that so many replicas must have, with the remedy; '' if they are there."""
        if self.replicas >= wanted:
            return ""
        return (
            f"No call is accepted or dialled, for Redis has {self.replicas} replicas, and REDIS_REPLICAS is {wanted}:"
            " start as many, or let it be 0, by which calls may be lost"
        )

    @property
    def trouble(self) -> str:
        """Likewise, be it only by a power cut, which is no reason not to start."""
        if not self.unsafe and self.flushes == "no":
            return (
                "Redis leaves it to the system when its file is flushed to the disk (appendfsync no), so that a power"
                " cut takes away half a minute of accepted calls, and of marks that calls were dialled: set appendfsync"
                " always, by CONFIG SET and in its configuration"
            )
        return self.unsafe


def _unfit(info: Mapping[str, Any]) -> str:
    if str(info.get("cluster_enabled", 0)) == "1":
        return _CLUSTER
    return "" if str(info.get("role", "master")) == "master" else _REPLICA
